import type { ClusterSurvey, SurveyedNode } from './cluster-survey.ts';
import { countSlots, type SlotRange } from './slot-ranges.ts';

/** One node of a cluster as found. */
export interface NodeReport {
  readonly id: string;
  /** `host:port`. */
  readonly address: string;
  readonly role: 'master' | 'replica';
  /** The master of a replica. */
  readonly masterId: string | undefined;
  readonly slots: readonly SlotRange[];
  readonly slotCount: number;
  /** Addresses of the replicas that follow it. */
  readonly replicas: readonly string[];
  /** What DBSIZE says; undefined when the node could not be asked. */
  readonly keys: number | undefined;
  readonly configEpoch: number;
  readonly flags: readonly string[];
  /** Undefined when the node could be asked, else why not. */
  readonly unreachable: string | undefined;
  /** `redis 7.0.15`, `valkey 9.0.1`. */
  readonly server: string | undefined;
  readonly usedMemoryBytes: number | undefined;
  readonly uptimeSeconds: number | undefined;
  /** Whether the node itself holds that the cluster can serve (cluster_state). */
  readonly seesClusterOk: boolean | undefined;
}

/** A report a node, masters by their first slot, each followed by its replicas, then what belongs to no master. */
export function reportNodes(survey: ClusterSurvey): NodeReport[] {
  const reports = survey.nodes.map((node) => reportNode(node, survey.nodes));
  const firstSlot = (node: NodeReport): number => node.slots[0]?.from ?? Number.MAX_SAFE_INTEGER;
  const masters = reports.filter((node) => node.role === 'master').sort((a, b) => firstSlot(a) - firstSlot(b));
  const followed = masters.flatMap((master) => [master, ...reports.filter((each) => each.masterId === master.id)]);
  return [...followed, ...reports.filter((each) => !followed.includes(each))];
}

function reportNode(node: SurveyedNode, all: readonly SurveyedNode[]): NodeReport {
  const { entry, view } = node;
  return {
    id: node.id,
    address: node.address,
    role: entry.role,
    masterId: entry.masterId,
    slots: entry.slots,
    slotCount: countSlots(entry.slots),
    replicas: all.filter((each) => each.entry.masterId === node.id).map((each) => each.address),
    keys: view?.keys,
    configEpoch: entry.configEpoch,
    flags: entry.flags,
    unreachable: node.reason,
    server: view === undefined ? undefined : serverOf(view.server),
    usedMemoryBytes: numberIn(view?.server, 'used_memory'),
    uptimeSeconds: numberIn(view?.server, 'uptime_in_seconds'),
    seesClusterOk: view === undefined ? undefined : view.cluster.get('cluster_state') === 'ok',
  };
}

function serverOf(fields: ReadonlyMap<string, string>): string {
  const valkey = fields.get('valkey_version');
  return valkey === undefined ? `redis ${fields.get('redis_version') ?? '?'}` : `valkey ${valkey}`;
}

function numberIn(fields: ReadonlyMap<string, string> | undefined, name: string): number | undefined {
  const text = fields?.get(name);
  return text === undefined ? undefined : Number(text);
}
