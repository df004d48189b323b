import { SLOT_COUNT } from '../slots/key-slot.ts';
import { type ClusterSurvey, type SurveyedNode, surveyCluster } from './cluster-survey.ts';
import type { AccessOptions } from './node-link.ts';
import { type NodeReport, reportNodes } from './node-report.ts';
import { diffClaims, slotSignature } from './slot-claims.ts';
import { countSlots, formatRanges, type SlotRange, slotsOf, toRanges } from './slot-ranges.ts';

/**
 * Something that is wrong with a cluster.
 * - `unreachable`: a node could not be asked
 * - `disagreement`: nodes hold different owners for a slot, or do not know the same nodes
 * - `openSlot`: a slot is half-way between two nodes
 * - `uncovered`: no working master owns a slot
 * - `failing`: nodes hold another for failed or have lost the connection to it
 * - `clusterDown`: a node does not serve, because it holds that the cluster is down
 */
export interface ClusterProblem {
  readonly kind: 'unreachable' | 'disagreement' | 'openSlot' | 'uncovered' | 'failing' | 'clusterDown';
  /** One sentence that names nodes and slots. */
  readonly message: string;
  /** The node concerned, if it is one. */
  readonly address: string | undefined;
  readonly slots: readonly SlotRange[];
}

export interface ClusterCheck {
  /** Whether there is no problem. */
  readonly ok: boolean;
  /** The node that was asked first. */
  readonly address: string;
  readonly nodes: readonly NodeReport[];
  /** Slots that a working master owns, of 16384. */
  readonly coveredSlots: number;
  readonly problems: readonly ClusterProblem[];
}

/**
 * Looks at a cluster from every one of its nodes, found through any one of them, and names everything that is wrong.
 * It changes nothing.
 * @throws SlotwiseError when the node at `address` cannot be asked or is not in cluster mode; other nodes' failures are problems.
 */
export async function checkCluster(address: string, options: AccessOptions = {}): Promise<ClusterCheck> {
  return assessSurvey(await surveyCluster(address, options));
}

/** The judgement of {@link checkCluster}, a function of what was found. */
export function assessSurvey(survey: ClusterSurvey): ClusterCheck {
  const covered = coveredSlots(survey);
  const problems = [
    ...unreachableProblems(survey),
    ...disagreementProblems(survey),
    ...openSlotProblems(survey),
    ...coverageProblems(covered),
    ...failingProblems(survey),
    ...clusterDownProblems(survey),
  ];
  return {
    ok: problems.length === 0,
    address: survey.nodes[0]?.address ?? '',
    nodes: reportNodes(survey),
    coveredSlots: covered.size,
    problems,
  };
}

type ReachedNode = SurveyedNode & { readonly view: NonNullable<SurveyedNode['view']> };

function reachedNodes(survey: ClusterSurvey): ReachedNode[] {
  return survey.nodes.filter((node): node is ReachedNode => node.view !== undefined);
}

/** A node that was reached is believed about its own slots; of the others, what the most common view says. */
function coveredSlots(survey: ClusterSurvey): ReadonlySet<number> {
  const covered = new Set<number>();
  for (const node of reachedNodes(survey)) {
    if (node.entry.role === 'master') for (const slot of slotsOf(node.entry.slots)) covered.add(slot);
  }
  const common = mostCommonView(survey);
  for (const entry of common?.view.entries ?? []) {
    const asked = survey.nodes.find((node) => node.id === entry.id);
    if (asked?.view !== undefined || entry.flags.includes('fail')) continue;
    for (const slot of slotsOf(entry.slots)) covered.add(slot);
  }
  return covered;
}

function mostCommonView(survey: ClusterSurvey): ReachedNode | undefined {
  const groups = new Map<string, ReachedNode[]>();
  for (const node of reachedNodes(survey)) {
    const signature = slotSignature(node.view.entries);
    groups.set(signature, [...(groups.get(signature) ?? []), node]);
  }
  return [...groups.values()].reduce<ReachedNode[]>((best, each) => (each.length > best.length ? each : best), [])[0];
}

function unreachableProblems(survey: ClusterSurvey): ClusterProblem[] {
  return survey.nodes
    .filter((node) => node.view === undefined)
    .map((node) => ({
      kind: 'unreachable',
      message: `${node.reason}`,
      address: node.address,
      slots: [],
    }));
}

function disagreementProblems(survey: ClusterSurvey): ClusterProblem[] {
  const common = mostCommonView(survey);
  if (common === undefined) return [];
  const nameOf = (id: string | undefined): string =>
    id === undefined ? 'nobody' : (survey.nodes.find((node) => node.id === id)?.address ?? id);
  return reachedNodes(survey).flatMap((node): ClusterProblem[] => {
    const differences = diffClaims(node.view.entries, common.view.entries);
    const slotProblems = differences.map(
      ({ slots, mine, theirs }): ClusterProblem => ({
        kind: 'disagreement',
        message:
          `${node.address} holds that ${slotsInWords(slots)} belong${ending(slots)} to ${nameOf(mine)}, ` +
          `${common.address} that ${countSlots(slots) === 1 ? 'it belongs' : 'they belong'} to ${nameOf(theirs)}`,
        address: node.address,
        slots,
      }),
    );
    const knows = new Set(node.view.entries.map((entry) => entry.id));
    const strangers = survey.nodes.filter((other) => !knows.has(other.id));
    if (strangers.length === 0) return slotProblems;
    const message = `${node.address} does not know ${strangers.map((other) => other.address).join(', ')}`;
    return [...slotProblems, { kind: 'disagreement', message, address: node.address, slots: [] }];
  });
}

function openSlotProblems(survey: ClusterSurvey): ClusterProblem[] {
  return reachedNodes(survey).flatMap((node) =>
    (['migrating', 'importing'] as const).flatMap((direction): ClusterProblem[] => {
      const open = node.entry.openSlots.filter((each) => each.direction === direction);
      if (open.length === 0) return [];
      const slots = toRanges(open.map((each) => each.slot));
      const state = direction === 'migrating' ? 'in migrating state' : 'in importing state';
      return [
        {
          kind: 'openSlot',
          message: `${node.address} has ${slotsInWords(slots)} ${state}`,
          address: node.address,
          slots,
        },
      ];
    }),
  );
}

function coverageProblems(covered: ReadonlySet<number>): ClusterProblem[] {
  if (covered.size === SLOT_COUNT) return [];
  const missing = toRanges(Array.from({ length: SLOT_COUNT }, (_, slot) => slot).filter((slot) => !covered.has(slot)));
  const message = `Not all ${SLOT_COUNT} slots are covered: no working master owns ${slotsInWords(missing)}`;
  return [{ kind: 'uncovered', message, address: undefined, slots: missing }];
}

function failingProblems(survey: ClusterSurvey): ClusterProblem[] {
  return survey.nodes.flatMap((node): ClusterProblem[] => {
    const witnesses = reachedNodes(survey).filter((other) => {
      const seen = other.view.entries.find((entry) => entry.id === node.id && !entry.isMyself);
      return seen !== undefined && (!seen.isConnected || seen.flags.some((flag) => flag.startsWith('fail')));
    });
    if (witnesses.length === 0) return [];
    const seers = witnesses.map((other) => other.address).join(', ');
    const message = `${node.address} is held for failed, or is not connected, by ${seers}`;
    return [{ kind: 'failing', message, address: node.address, slots: [] }];
  });
}

function clusterDownProblems(survey: ClusterSurvey): ClusterProblem[] {
  return reachedNodes(survey)
    .filter((node) => node.view.cluster.get('cluster_state') !== 'ok')
    .map((node) => ({
      kind: 'clusterDown',
      message: `${node.address} holds that the cluster is down (cluster_state:${node.view.cluster.get('cluster_state')})`,
      address: node.address,
      slots: [],
    }));
}

function slotsInWords(slots: readonly SlotRange[]): string {
  return countSlots(slots) === 1 ? `slot ${formatRanges(slots)}` : `slots ${formatRanges(slots)}`;
}

function ending(slots: readonly SlotRange[]): string {
  return countSlots(slots) === 1 ? 's' : '';
}
