import { accessAdvice } from '../connection/handshake.ts';
import { ClusterError, ReplyError } from '../errors.ts';
import { isClusterDisabled } from '../protocol/server-error.ts';
import { type MapAddress, parseSlots } from './parse-slots.ts';
import type { ShardRange } from './topology.ts';

/** What one node says of the cluster. */
export interface View {
  readonly ranges: readonly ShardRange[];
  /** The highest configuration epoch that the node knows of; of two views the one with the higher epoch is newer. */
  readonly epoch: number;
  /** The node that was asked. */
  readonly address: string;
}

/** Sends CLUSTER with this subcommand to the node that is asked, on whatever connection there is to it. */
export type Ask = (subcommand: 'SLOTS' | 'INFO') => Promise<unknown>;

/**
 * Asks one node for its view: CLUSTER SLOTS and, for the epoch, CLUSTER INFO, in one write.
 * @throws ClusterError saying why this node cannot be used (no cluster, no slots); what the connection raises.
 */
export async function askView(ask: Ask, host: string, address: string, mapAddress?: MapAddress): Promise<View> {
  const [slots, status] = await Promise.allSettled([ask('SLOTS'), ask('INFO')]);
  if (slots.status === 'rejected') throw explain(slots.reason, address);
  const ranges = parseSlots(slots.value, host, mapAddress);
  if (ranges.length === 0) {
    throw new ClusterError('CLUSTER_EMPTY', `${address}: knows no slots; has the cluster been created?`, { address });
  }
  return { ranges, epoch: status.status === 'fulfilled' ? readEpoch(status.value) : 0, address };
}

function readEpoch(status: unknown): number {
  const match = /cluster_current_epoch:(\d+)/.exec(String(status));
  return match === null ? 0 : Number(match[1]);
}

function explain(error: unknown, address: string): unknown {
  if (!(error instanceof ReplyError)) return error;
  if (isClusterDisabled(error)) {
    const message = `${address}: cluster support disabled; it is a standalone server: start it with "cluster-enabled yes"`;
    return new ClusterError('CLUSTER_DISABLED', message, { address, cause: error });
  }
  const message = `${address}: ${error.message}${accessAdvice(error.code)}`;
  return new ClusterError(error.code, message, { address, cause: error });
}

/** A text that two views share exactly if they agree on the master of every slot. */
function signature(view: View): string {
  return view.ranges
    .map(({ start, end, shard }) => `${start}-${end}@${shard.master.address}`)
    .sort()
    .join();
}

/** The view to believe: of those with the highest epoch the one that most nodes hold; of equals the one listed first. */
export function chooseView(views: readonly View[]): View | undefined {
  const newest = Math.max(...views.map((view) => view.epoch));
  const votes = new Map<string, { view: View; count: number }>();
  for (const view of views) {
    if (view.epoch !== newest) continue;
    const key = signature(view);
    const vote = votes.get(key);
    if (vote === undefined) votes.set(key, { view, count: 1 });
    else vote.count++;
  }
  let best: { view: View; count: number } | undefined;
  for (const vote of votes.values()) if (best === undefined || vote.count > best.count) best = vote;
  return best?.view;
}

/** Whether the two share a node: servers keep their 40-digit names for life, so a cluster that shares none is another one. */
export function isSameCluster(known: readonly ShardRange[], seen: readonly ShardRange[]): boolean {
  const ids = new Set<string>();
  for (const id of nodeIds(known)) ids.add(id);
  if (ids.size === 0) return true;
  for (const id of nodeIds(seen)) if (ids.has(id)) return true;
  return false;
}

function* nodeIds(ranges: readonly ShardRange[]): Iterable<string> {
  for (const { shard } of ranges) {
    if (shard.master.id !== '') yield shard.master.id;
    for (const replica of shard.replicas) if (replica.id !== '') yield replica.id;
  }
}
