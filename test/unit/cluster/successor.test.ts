import { describe, expect, it } from 'vitest';
import { successorOf } from '../../../src/cluster/node-routes.ts';
import { type Shard, Topology, topologyNode } from '../../../src/topology/topology.ts';

const node = (port: number) => topologyNode('10.0.0.1', port);
const shard = (master: number, ...replicas: number[]): Shard => ({
  master: node(master),
  replicas: replicas.map(node),
});

/** The shards share the slots evenly, in this order. */
function topology(version: number, ...shards: readonly Shard[]): Topology {
  const width = Math.ceil(16384 / shards.length);
  const ranges = shards.map((each, i) => ({
    start: i * width,
    end: Math.min(16383, (i + 1) * width - 1),
    shard: each,
  }));
  return Topology.fromRanges(version, ranges);
}

function masterAfter(before: Topology, port: number, now: Topology): number | undefined {
  const number = before.shards.findIndex(({ master }) => master.port === port);
  const successor = successorOf(before, number, now);
  return successor === undefined ? undefined : now.shards[successor]?.master.port;
}

describe('successorOf', () => {
  const before = topology(1, shard(1, 11), shard(2, 12), shard(3));

  it('is the shard itself while nothing changes, wherever it stands', () => {
    expect(masterAfter(before, 2, before)).toBe(2);
    expect(masterAfter(before, 1, topology(2, shard(3), shard(2, 12), shard(1, 11)))).toBe(1);
  });

  it('has the promoted replica as its master', () => {
    expect(masterAfter(before, 1, topology(2, shard(11), shard(2, 12), shard(3)))).toBe(11);
  });

  it('may have a master that no server had listed as a replica yet', () => {
    expect(masterAfter(before, 3, topology(2, shard(1, 11), shard(2, 12), shard(33, 3)))).toBe(33);
    expect(masterAfter(before, 3, topology(2, shard(1, 11), shard(2, 12), shard(33)))).toBe(33);
  });

  it('is nobody when other masters have taken over the slots', () => {
    expect(masterAfter(before, 3, topology(2, shard(1, 11), shard(2, 12)))).toBeUndefined();
  });
});
