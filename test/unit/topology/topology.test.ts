import { describe, expect, it } from 'vitest';
import { diffTopology, hasChanges } from '../../../src/topology/diff-topology.ts';
import { type Shard, Topology, topologyNode, UNCOVERED } from '../../../src/topology/topology.ts';

/** `shard('a', 'b', 'c')`: master a with replicas b and c, all on port 1. */
function shard(master: string, ...replicas: string[]): Shard {
  return { master: topologyNode(master, 1), replicas: replicas.map((host) => topologyNode(host, 1)) };
}

const range = (start: number, end: number, of: Shard) => ({ start, end, shard: of });
const masterOf = (topology: Topology, slot: number) => topology.shardOf(slot)?.master.host;

const A = shard('a', 'x');
const B = shard('b', 'y');
const two = Topology.fromRanges(1, [range(0, 8191, A), range(8192, 16383, B)]);

describe('Topology', () => {
  it('finds the shard of every slot, at both ends of each range', () => {
    expect([0, 8191, 8192, 16383].map((slot) => masterOf(two, slot))).toEqual(['a', 'a', 'b', 'b']);
    expect(two.uncoveredSlots).toBe(0);
    expect(two.isEmpty).toBe(false);
    expect(
      two
        .masters()
        .map((node) => node.address)
        .sort(),
    ).toEqual(['a:1', 'b:1']);
    expect(
      two
        .replicas()
        .map((node) => node.address)
        .sort(),
    ).toEqual(['x:1', 'y:1']);
  });

  it('knows which slots nobody serves', () => {
    const topology = Topology.fromRanges(1, [range(10, 19, A), range(30, 30, B)]);
    expect(topology.uncoveredSlots).toBe(16384 - 11);
    expect(topology.shardNumber(9)).toBe(UNCOVERED);
    expect(topology.shardOf(20)).toBeUndefined();
    expect(topology.ranges().map(({ start, end }) => [start, end])).toEqual([
      [10, 19],
      [30, 30],
    ]);
  });

  it('is empty at first', () => {
    expect(Topology.empty.isEmpty).toBe(true);
    expect(Topology.empty.uncoveredSlots).toBe(16384);
    expect(Topology.empty.ranges()).toEqual([]);
  });

  it('lets the first of two overlapping ranges count', () => {
    const topology = Topology.fromRanges(1, [range(0, 100, A), range(50, 200, B)]);
    expect([49, 50, 100, 101].map((slot) => masterOf(topology, slot))).toEqual(['a', 'a', 'a', 'b']);
  });

  it('makes one shard of all ranges of a master', () => {
    const topology = Topology.fromRanges(1, [range(0, 9, A), range(10, 19, B), range(20, 29, A)]);
    expect(topology.shards).toHaveLength(2);
    expect(topology.ranges().map(({ start, end, shard: of }) => [start, end, of.master.host])).toEqual([
      [0, 9, 'a'],
      [10, 19, 'b'],
      [20, 29, 'a'],
    ]);
  });

  it('gives one slot to another master in a new value, and stays as it was itself', () => {
    const patched = two.withSlot(100, topologyNode('b', 1));
    expect([99, 100, 101].map((slot) => masterOf(patched, slot))).toEqual(['a', 'b', 'a']);
    expect(masterOf(two, 100)).toBe('a');
    expect(patched.version).toBe(two.version + 1);
    expect(patched.shards).toHaveLength(2);
    expect(patched.shardOf(100)?.replicas).toEqual(B.replicas);
  });

  it('takes in a master that it has not known', () => {
    const patched = two.withSlot(100, topologyNode('new', 1));
    expect(masterOf(patched, 100)).toBe('new');
    expect(masterOf(patched, 101)).toBe('a');
    expect(patched.masters().map((node) => node.host)).toContain('new');
  });
});

describe('diffTopology', () => {
  const diff = (after: Topology) => diffTopology(two, after);

  it('names replicas that follow another master', () => {
    const ranges = [range(0, 8191, shard('a')), range(8192, 16383, shard('b', 'y', 'x'))];
    const after = diff(Topology.fromRanges(2, ranges));
    expect(after).toMatchObject({ moved: [], added: [], removed: [], promoted: [], demoted: [], reassigned: ['x:1'] });
    expect(hasChanges(after)).toBe(true);
  });

  it('sees nothing between equals that were built apart, in another order', () => {
    const same = Topology.fromRanges(2, [
      range(8192, 16383, shard('b', 'y')),
      range(0, 4000, shard('a', 'x')),
      range(4001, 8191, shard('a', 'x')),
    ]);
    expect(hasChanges(diff(same))).toBe(false);
    expect(diff(same).version).toBe(2);
  });

  it('joins moved slots to ranges, and tells the masters before and after', () => {
    const after = Topology.fromRanges(2, [range(0, 99, B), range(200, 8191, A), range(8192, 16383, B)]);
    expect(diff(after)).toMatchObject({
      moved: [
        { start: 0, end: 99, from: 'a:1', to: 'b:1' },
        { start: 100, end: 199, from: 'a:1', to: undefined },
      ],
      added: [],
      removed: [],
      promoted: [],
      demoted: [],
    });
  });

  it('sees that slots at the end of one range and the begin of another moved to different masters', () => {
    const after = Topology.fromRanges(2, [
      range(0, 8190, A),
      range(8191, 8191, B),
      range(8192, 8192, A),
      range(8193, 16383, B),
    ]);
    expect(diff(after).moved).toEqual([
      { start: 8191, end: 8191, from: 'a:1', to: 'b:1' },
      { start: 8192, end: 8192, from: 'b:1', to: 'a:1' },
    ]);
  });

  it('tells a failover: promoted and demoted, nobody come or gone', () => {
    const after = Topology.fromRanges(2, [range(0, 8191, shard('x', 'a')), range(8192, 16383, B)]);
    expect(diff(after)).toEqual({
      version: 2,
      moved: [{ start: 0, end: 8191, from: 'a:1', to: 'x:1' }],
      added: [],
      removed: [],
      promoted: ['x:1'],
      demoted: ['a:1'],
      reassigned: [],
    });
  });

  it('tells nodes that came and went, replicas included', () => {
    const after = Topology.fromRanges(2, [range(0, 8191, shard('a', 'z')), range(8192, 16383, B)]);
    expect(diff(after)).toMatchObject({ moved: [], added: ['z:1'], removed: ['x:1'] });
    expect(hasChanges(diff(after))).toBe(true);
  });

  it('tells everything as new after nothing', () => {
    const first = diffTopology(Topology.empty, two);
    expect(first.moved).toEqual([
      { start: 0, end: 8191, from: undefined, to: 'a:1' },
      { start: 8192, end: 16383, from: undefined, to: 'b:1' },
    ]);
    expect([...first.added].sort()).toEqual(['a:1', 'b:1', 'x:1', 'y:1']);
  });
});
