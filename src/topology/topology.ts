import { SLOT_COUNT } from '../slots/key-slot.ts';
import { type Address, formatAddress } from '../util/address.ts';

/** One server of the cluster. Its address is its identity here: `id` is missing where servers did not tell it. */
export interface TopologyNode extends Address {
  /** `host:port`. */
  readonly address: string;
  /** The node's 40-digit name; empty if unknown (a node known only from a redirect). */
  readonly id: string;
}

export function topologyNode(host: string, port: number, id = ''): TopologyNode {
  return { host, port, address: formatAddress(host, port), id };
}

/** A master with its replicas: what serves a set of slots. */
export interface Shard {
  readonly master: TopologyNode;
  readonly replicas: readonly TopologyNode[];
}

/** A contiguous range of slots, both ends included. */
export interface SlotRange {
  readonly start: number;
  readonly end: number;
}

export interface ShardRange extends SlotRange {
  readonly shard: Shard;
}

/** Shard number of a slot that nobody serves. */
export const UNCOVERED = 0xffff;

/**
 * What is known of the cluster at one moment: an immutable value. A change gives a new one with a higher version.
 *
 * The slot table holds a small number for each of the 16384 slots, the position of its shard in {@link shards}.
 */
export class Topology {
  /** Grows by one with every change that this client has learned of. */
  readonly version: number;
  readonly shards: readonly Shard[];
  readonly #table: Uint16Array;

  constructor(version: number, shards: readonly Shard[], table: Uint16Array) {
    this.version = version;
    this.shards = shards;
    this.#table = table;
  }

  static readonly empty = new Topology(0, [], new Uint16Array(SLOT_COUNT).fill(UNCOVERED));

  /** Builds a table from ranges; where two overlap the first one counts. O(ranges). */
  static fromRanges(version: number, ranges: readonly ShardRange[]): Topology {
    const table = new Uint16Array(SLOT_COUNT).fill(UNCOVERED);
    const shards: Shard[] = [];
    const numbers = new Map<string, number>();
    for (let i = ranges.length - 1; i >= 0; i--) {
      const { start, end, shard } = ranges[i] as ShardRange;
      let number = numbers.get(shard.master.address);
      if (number === undefined) {
        number = shards.push(shard) - 1;
        numbers.set(shard.master.address, number);
      }
      table.fill(number, start, end + 1);
    }
    return new Topology(version, shards, table);
  }

  /** Position in {@link shards} of the shard that serves the slot, or {@link UNCOVERED}. */
  shardNumber(slot: number): number {
    return this.#table[slot] as number;
  }

  shardOf(slot: number): Shard | undefined {
    return this.shards[this.#table[slot] as number];
  }

  get isEmpty(): boolean {
    return this.shards.length === 0;
  }

  /** Slots that no master serves. */
  get uncoveredSlots(): number {
    let count = 0;
    for (let slot = 0; slot < SLOT_COUNT; slot++) if (this.#table[slot] === UNCOVERED) count++;
    return count;
  }

  /** The routing table as contiguous ranges in slot order; uncovered slots are left out. */
  ranges(): ShardRange[] {
    const ranges: ShardRange[] = [];
    for (let start = 0; start < SLOT_COUNT; ) {
      const number = this.#table[start] as number;
      let end = start;
      while (end + 1 < SLOT_COUNT && this.#table[end + 1] === number) end++;
      const shard = this.shards[number];
      if (shard !== undefined) ranges.push({ start, end, shard });
      start = end + 1;
    }
    return ranges;
  }

  masters(): TopologyNode[] {
    return this.shards.map((shard) => shard.master);
  }

  replicas(): TopologyNode[] {
    return this.shards.flatMap((shard) => shard.replicas);
  }

  /** The same topology with one slot served by the master at `node`, as a MOVED reply says. */
  withSlot(slot: number, node: TopologyNode): Topology {
    const shards = [...this.shards];
    let number = shards.findIndex((shard) => shard.master.address === node.address);
    if (number === -1) {
      // A replica that now is a master: whoever it replicated is replaced by the refresh that follows every MOVED.
      number = shards.push({ master: node, replicas: [] }) - 1;
    }
    const table = this.#table.slice();
    table[slot] = number;
    return new Topology(this.version + 1, shards, table);
  }
}
