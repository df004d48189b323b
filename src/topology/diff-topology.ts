import { SLOT_COUNT } from '../slots/key-slot.ts';
import type { SlotRange, Topology } from './topology.ts';

/** Slots that changed their master. */
export interface MovedRange extends SlotRange {
  /** Address of the master before; undefined if nobody served them. */
  readonly from: string | undefined;
  /** Address of the master now; undefined if nobody serves them. */
  readonly to: string | undefined;
}

/** What is different between two topologies. Addresses are `host:port`. */
export interface TopologyDiff {
  /** Version of the newer topology. */
  readonly version: number;
  readonly moved: readonly MovedRange[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Nodes that were replicas and now are masters. */
  readonly promoted: readonly string[];
  /** Nodes that were masters and now are replicas. */
  readonly demoted: readonly string[];
  /** Nodes that were and are replicas, of another master now. */
  readonly reassigned: readonly string[];
}

export function diffTopology(before: Topology, after: Topology): TopologyDiff {
  const mastersBefore = new Set(before.masters().map((node) => node.address));
  const mastersAfter = new Set(after.masters().map((node) => node.address));
  const replicasBefore = new Set(before.replicas().map((node) => node.address));
  const replicasAfter = new Set(after.replicas().map((node) => node.address));
  const isKnown = (address: string) => mastersBefore.has(address) || replicasBefore.has(address);
  const isLeft = (address: string) => mastersAfter.has(address) || replicasAfter.has(address);
  return {
    version: after.version,
    moved: movedRanges(before, after),
    added: [...new Set([...mastersAfter, ...replicasAfter])].filter((address) => !isKnown(address)),
    removed: [...new Set([...mastersBefore, ...replicasBefore])].filter((address) => !isLeft(address)),
    promoted: [...mastersAfter].filter((address) => replicasBefore.has(address) && !mastersBefore.has(address)),
    demoted: [...replicasAfter].filter((address) => mastersBefore.has(address) && !mastersAfter.has(address)),
    reassigned: reassigned(before, after),
  };
}

function reassigned(before: Topology, after: Topology): string[] {
  const masters = new Map<string, string>();
  for (const { master, replicas } of before.shards)
    for (const { address } of replicas) masters.set(address, master.address);
  return after.shards.flatMap(({ master, replicas }) =>
    replicas
      .map(({ address }) => address)
      .filter((address) => masters.has(address) && masters.get(address) !== master.address),
  );
}

export function hasChanges(diff: TopologyDiff): boolean {
  const { moved, added, removed, promoted, demoted, reassigned } = diff;
  return [moved, added, removed, promoted, demoted, reassigned].some((changes) => changes.length > 0);
}

function movedRanges(before: Topology, after: Topology): MovedRange[] {
  // Masters compared by position in a table of all address pairs that occur: 16384 comparisons of small numbers.
  const sameMaster = new Map<number, boolean>();
  const moved: { start: number; end: number; from: string | undefined; to: string | undefined }[] = [];
  let openKey = -1;
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const key = before.shardNumber(slot) * 0x10000 + after.shardNumber(slot);
    if (key === openKey) {
      (moved[moved.length - 1] as { end: number }).end = slot;
      continue;
    }
    let isSame = sameMaster.get(key);
    if (isSame === undefined) {
      isSame = before.shardOf(slot)?.master.address === after.shardOf(slot)?.master.address;
      sameMaster.set(key, isSame);
    }
    if (isSame) {
      openKey = -1;
      continue;
    }
    const from = before.shardOf(slot)?.master.address;
    moved.push({ start: slot, end: slot, from, to: after.shardOf(slot)?.master.address });
    openKey = key;
  }
  return moved;
}
