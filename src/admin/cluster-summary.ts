import { assessSurvey, type ClusterProblem } from './cluster-check.ts';
import { surveyCluster } from './cluster-survey.ts';
import type { AccessOptions } from './node-link.ts';
import type { NodeReport } from './node-report.ts';

/** A cluster in figures. */
export interface ClusterSummary {
  /** The node that was asked first. */
  readonly address: string;
  /** Whether a check finds no problem. */
  readonly ok: boolean;
  readonly masters: number;
  readonly replicas: number;
  /** Keys on all masters that could be asked. */
  readonly keys: number;
  readonly keysPerSlot: number;
  /** Slots that a working master owns, of 16384. */
  readonly coveredSlots: number;
  readonly nodes: readonly NodeReport[];
  readonly problems: readonly ClusterProblem[];
}

/**
 * Describes a cluster, found through any one of its nodes: every node with role, slots, keys, memory, version and replicas,
 * the totals, and what a check would complain about. It changes nothing.
 * @throws SlotwiseError when the node at `address` cannot be asked or is not in cluster mode.
 */
export async function describeCluster(address: string, options: AccessOptions = {}): Promise<ClusterSummary> {
  const check = assessSurvey(await surveyCluster(address, options));
  const masters = check.nodes.filter((node) => node.role === 'master');
  const keys = masters.reduce((sum, master) => sum + (master.keys ?? 0), 0);
  return {
    address: check.address,
    ok: check.ok,
    masters: masters.length,
    replicas: check.nodes.length - masters.length,
    keys,
    keysPerSlot: check.coveredSlots === 0 ? 0 : keys / check.coveredSlots,
    coveredSlots: check.coveredSlots,
    nodes: check.nodes,
    problems: check.problems,
  };
}
