import type { Link } from '../connection/link.ts';
import { ClusterError } from '../errors.ts';
import { untilNothingMissing } from './deadline.ts';
import { meet, type NewNode } from './new-node.ts';
import type { NodeEntry } from './node-entry.ts';
import { complaintOf, inParallel, readEntries, readFields } from './node-link.ts';
import { clusterSignature } from './slot-claims.ts';

/** A node that is not yet where it should be, and how it falls short. */
export interface Lagging {
  readonly address: string;
  readonly reason: string;
}

/** After this long a node that knows too few others is told again: a handshake that got no answer is forgotten. */
const MEET_AGAIN_MS = 1_500;

/**
 * Waits until every node knows every other one by id and is connected to it.
 * @throws ClusterError (`JOIN_TIMEOUT`) that says of each lagging node whom it does not know and which port must be open.
 */
export async function awaitMembers(
  nodes: readonly NewNode[],
  timeoutMs: number,
  onWait: (waitingFor: readonly string[], waitedMs: number) => void,
): Promise<void> {
  let nextMeetMs = MEET_AGAIN_MS;
  const lagging = await untilNothingMissing(
    () => findLagging(nodes, (node) => missingMembers(node, nodes)),
    timeoutMs,
    async (waitedMs, missing) => {
      onWait(
        missing.map((each) => each.address),
        waitedMs,
      );
      if (waitedMs < nextMeetMs) return;
      nextMeetMs = waitedMs + MEET_AGAIN_MS;
      await introduceAgain(nodes);
    },
  );
  if (lagging !== undefined) throw joinTimeout('the nodes did not join', lagging, timeoutMs);
}

async function missingMembers(node: NewNode, nodes: readonly NewNode[]): Promise<string | undefined> {
  const entries = await readEntries(node.link);
  const strangers = nodes.filter((other) => !isConnectedTo(entries, other));
  if (strangers.length === 0) return undefined;
  const list = strangers.map((other) => `${other.address} (bus port ${other.busPort})`).join(', ');
  return `is not connected to ${list}: nodes must reach each other's bus ports`;
}

function isConnectedTo(entries: readonly NodeEntry[], other: NewNode): boolean {
  const entry = entries.find((each) => each.id === other.id);
  return entry !== undefined && (entry.isMyself || entry.isConnected) && !entry.flags.includes('handshake');
}

/** Introduces those who still do not know each other directly; who cannot be asked is left to the next round. */
async function introduceAgain(nodes: readonly NewNode[]): Promise<void> {
  await inParallel(nodes, async (node) => {
    try {
      const entries = await readEntries(node.link);
      for (const other of nodes.filter((each) => !isConnectedTo(entries, each))) await meet(node.link, other);
    } catch {
      // The surrounding wait asks it again and names it at the end.
    }
  });
}

/**
 * Waits until every node serves (cluster_state:ok), all hold the same view of who is a member, who follows whom and who owns
 * which slots, and each replica in `masterOf` (replica id → master id) follows its master.
 * @throws ClusterError (`JOIN_TIMEOUT`) naming the nodes that lag and how.
 */
export async function awaitServing(
  nodes: readonly { readonly address: string; readonly link: Link }[],
  masterOf: ReadonlyMap<string, string>,
  timeoutMs: number,
): Promise<void> {
  const lagging = await untilNothingMissing(() => findDisagreement(nodes, masterOf), timeoutMs);
  if (lagging !== undefined) throw joinTimeout('the nodes did not come to agree', lagging, timeoutMs);
}

async function findDisagreement(
  nodes: readonly { readonly address: string; readonly link: Link }[],
  masterOf: ReadonlyMap<string, string>,
): Promise<Lagging[] | undefined> {
  const signatures = new Map<string, string>();
  const lagging = await findLagging(nodes, async ({ address, link }) => {
    const [entries, cluster] = await Promise.all([readEntries(link), readFields(link, 'CLUSTER', 'INFO')]);
    signatures.set(address, clusterSignature(entries));
    for (const entry of entries) {
      const master = masterOf.get(entry.id);
      if (master !== undefined && entry.masterId !== master) return `does not see yet that ${entry.id} is a replica`;
      if (entry.flags.some((flag) => flag.startsWith('fail'))) return `holds ${entry.id} for failed`;
    }
    const state = cluster.get('cluster_state');
    return state === 'ok' ? undefined : `says cluster_state:${state}`;
  });
  if (lagging !== undefined) return lagging;
  const views = new Set(signatures.values());
  if (views.size <= 1) return undefined;
  return nodes.map(({ address }) => ({ address, reason: `has one of ${views.size} different views of the cluster` }));
}

async function findLagging<T extends { readonly address: string }>(
  nodes: readonly T[],
  shortfall: (node: T) => Promise<string | undefined>,
): Promise<Lagging[] | undefined> {
  const lagging = await inParallel(nodes, async (node): Promise<Lagging | undefined> => {
    try {
      const reason = await shortfall(node);
      return reason === undefined ? undefined : { address: node.address, reason };
    } catch (error) {
      return { address: node.address, reason: `does not answer (${complaintOf(node.address, error)})` };
    }
  });
  const found = lagging.filter((each) => each !== undefined);
  return found.length === 0 ? undefined : found;
}

function joinTimeout(what: string, lagging: readonly Lagging[], timeoutMs: number): ClusterError {
  const list = lagging.map(({ address, reason }) => `\n  ${address} ${reason}`).join('');
  return new ClusterError('JOIN_TIMEOUT', `${what} within ${Math.round(timeoutMs / 1000)} s:${list}`);
}
