import { describe, expect, it } from 'vitest';
import { diffTopology } from '../../../src/topology/diff-topology.ts';
import { parseSlots } from '../../../src/topology/parse-slots.ts';
import { Topology } from '../../../src/topology/topology.ts';

const masters = 500;
const rangesEach = 8;
const rangeCount = masters * rangesEach;

/** 1,000 nodes, each master with 8 ranges; `turn` gives every range to another master. */
function reply(turn: number): unknown[] {
  const node = (number: number) => [`10.0.${number >> 8}.${number & 255}`, 7000, number.toString(16).padStart(40, '0')];
  return Array.from({ length: rangeCount }, (_, i) => {
    const master = (i + turn) % masters;
    const [start, end] = [i, i + 1].map((edge) => Math.floor((edge * 16384) / rangeCount)) as [number, number];
    return [start, end - 1, node(master), node(masters + master)];
  });
}

describe('a topology of 1,000 nodes in 4,000 ranges', () => {
  const topologyOf = (turn: number) => Topology.fromRanges(turn, parseSlots(reply(turn), '10.0.0.0'));

  it('holds one object a node and one a shard, however many ranges they have', () => {
    const ranges = parseSlots(reply(0), '10.0.0.0');
    const nodes = new Set(ranges.flatMap(({ shard }) => [shard.master, ...shard.replicas]));
    expect(nodes.size).toBe(masters * 2);
    expect(Topology.fromRanges(1, ranges).shards).toHaveLength(masters);
  });

  it('is compared by ranges: nothing is made where nothing changed, and one entry a range where all did', () => {
    expect(diffTopology(topologyOf(0), topologyOf(0)).moved).toEqual([]);
    const { moved, added, removed } = diffTopology(topologyOf(0), topologyOf(1));
    expect(moved).toHaveLength(rangeCount);
    expect([...added, ...removed]).toEqual([]);
  });

  it('shares its shards with the one in which a slot was patched', () => {
    const before = topologyOf(0);
    const target = before.masters()[7];
    if (target === undefined) throw new Error('there is no eighth master');
    const after = before.withSlot(0, target);
    expect(after.shardOf(0)?.master).toBe(target);
    expect(after.shards).toEqual(before.shards);
    for (let slot = 1; slot < 16384; slot++) {
      if (after.shardOf(slot) !== before.shardOf(slot)) throw new Error(`slot ${slot} has another shard object`);
    }
  });
});
