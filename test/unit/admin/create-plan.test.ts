import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planCreate, splitSlots } from '../../../src/admin/create-plan.ts';
import { countSlots } from '../../../src/admin/slot-ranges.ts';
import { SLOT_COUNT } from '../../../src/slots/key-slot.ts';
import { parseAddress } from '../../../src/util/address.ts';

const hostOf = (address: string): string => parseAddress(address).host;
const local = (count: number): string[] => Array.from({ length: count }, (_, i) => `127.0.0.1:${7001 + i}`);

/** Up to six hosts with up to eight nodes each, in any order, with a number of replicas that they are enough for. */
const requests = fc
  .record({
    replicas: fc.integer({ min: 0, max: 3 }),
    perHost: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 6 }),
  })
  .map(({ replicas, perHost }) => ({
    replicas,
    nodes: perHost.flatMap((count, h) => Array.from({ length: count }, (_, i) => `10.0.0.${h + 1}:${7001 + i}`)),
  }))
  .filter(({ replicas, nodes }) => nodes.length >= 3 * (replicas + 1))
  .chain(({ replicas, nodes }) =>
    fc.record({
      replicas: fc.constant(replicas),
      nodes: fc.shuffledSubarray(nodes, { minLength: nodes.length, maxLength: nodes.length }),
    }),
  );

/**
 * The fewest replicas that must share their master's host, by trying every seating of hosts' replicas on masters' seats: an
 * independent, slow way (depth-first with memory) to what the plan claims.
 */
function fewestBesideMaster(masterHosts: readonly string[], replicaHosts: readonly string[]): number {
  const hosts = [...new Set(replicaHosts)];
  const share = Math.floor(replicaHosts.length / masterHosts.length);
  const best = new Map<string, number>();
  const search = (m: number, left: readonly number[], extras: number): number => {
    if (m === masterHosts.length) return left.every((count) => count === 0) ? 0 : Infinity;
    const state = `${m}/${left.join()}/${extras}`;
    const known = best.get(state);
    if (known !== undefined) return known;
    let fewest = Infinity;
    for (const extra of extras > 0 ? [0, 1] : [0]) {
      for (const taken of selections(left, share + extra)) {
        const beside = taken[hosts.indexOf(masterHosts[m] ?? '')] ?? 0;
        const rest = search(
          m + 1,
          left.map((count, h) => count - (taken[h] ?? 0)),
          extras - extra,
        );
        fewest = Math.min(fewest, beside + rest);
      }
    }
    best.set(state, fewest);
    return fewest;
  };
  const counts = hosts.map((host) => replicaHosts.filter((each) => each === host).length);
  return search(0, counts, replicaHosts.length % masterHosts.length);
}

function selections(left: readonly number[], seats: number): number[][] {
  const [first, ...rest] = left;
  if (first === undefined) return seats === 0 ? [[]] : [];
  const all: number[][] = [];
  for (let take = 0; take <= Math.min(first, seats); take++) {
    for (const others of selections(rest, seats - take)) all.push([take, ...others]);
  }
  return all;
}

describe('planCreate', () => {
  it('gives three masters the slots that redis-trib gave them', () => {
    const plan = planCreate(local(6), { replicas: 1 });
    expect(plan.masters).toEqual([
      { address: '127.0.0.1:7001', slots: { from: 0, to: 5460 }, replicas: ['127.0.0.1:7004'] },
      { address: '127.0.0.1:7002', slots: { from: 5461, to: 10922 }, replicas: ['127.0.0.1:7005'] },
      { address: '127.0.0.1:7003', slots: { from: 10923, to: 16383 }, replicas: ['127.0.0.1:7006'] },
    ]);
    expect(plan.onMastersHost).toEqual(['127.0.0.1:7004', '127.0.0.1:7005', '127.0.0.1:7006']);
  });

  it('takes masters from the hosts in turn and puts replicas elsewhere', () => {
    const nodes = ['a:1', 'a:2', 'b:1', 'b:2', 'c:1', 'c:2'];
    const plan = planCreate(nodes, { replicas: 1 });
    expect(plan.masters.map((master) => master.address)).toEqual(['a:1', 'b:1', 'c:1']);
    expect(plan.onMastersHost).toEqual([]);
  });

  it('spreads the replicas of one master over hosts', () => {
    const nodes = ['a', 'b', 'c'].flatMap((host) => [`${host}:1`, `${host}:2`, `${host}:3`]);
    const plan = planCreate(nodes, { replicas: 2 });
    for (const { address, replicas } of plan.masters) {
      expect(new Set([address, ...replicas].map(hostOf)).size).toBe(3);
    }
  });

  it('makes spare nodes replicas', () => {
    const plan = planCreate(local(8), { replicas: 1 });
    expect(plan.masters).toHaveLength(4);
    const uneven = planCreate(local(7), { replicas: 1 });
    expect(uneven.masters.map((master) => master.replicas.length).sort()).toEqual([1, 1, 2]);
  });

  it('keeps IPv6 addresses readable', () => {
    const plan = planCreate(['[::1]:7001', '[::1]:7002', '[::1]:7003']);
    expect(plan.masters.map((master) => master.address)).toEqual(['[::1]:7001', '[::1]:7002', '[::1]:7003']);
  });

  it.each([
    [local(2), 0, '3 nodes: 2 given'],
    [local(5), 1, '6 nodes: 5 given'],
    [local(8), 2, '9 nodes: 8 given'],
    [[...local(3), '127.0.0.1:7001'], 0, '127.0.0.1:7001 is given twice'],
    [local(6), -1, 'replicas must be'],
    [local(6), 0.5, 'replicas must be'],
    [['127.0.0.1'], 0, 'is not an address'],
  ])('refuses %j with %d replicas: %s', (nodes, replicas, message) => {
    expect(() => planCreate(nodes, { replicas })).toThrow(message);
  });

  it('covers every slot once, in ranges that differ by one at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 1000 }), (count) => {
        const ranges = splitSlots(count);
        let next = 0;
        for (const range of ranges) {
          expect(range.from).toBe(next);
          next = range.to + 1;
        }
        expect(next).toBe(SLOT_COUNT);
        const sizes = ranges.map((range) => countSlots([range]));
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('uses every node once, in balance, for any request', () => {
    fc.assert(
      fc.property(requests, ({ nodes, replicas }) => {
        const { masters } = planCreate(nodes, { replicas });
        expect(masters).toHaveLength(Math.floor(nodes.length / (replicas + 1)));
        const used = masters.flatMap((master) => [master.address, ...master.replicas]);
        expect([...used].sort()).toEqual([...nodes].sort());
        const counts = masters.map((master) => master.replicas.length);
        expect(Math.min(...counts)).toBeGreaterThanOrEqual(replicas);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        expect(countSlots(masters.map((master) => master.slots))).toBe(SLOT_COUNT);
      }),
    );
  });

  it('spreads masters over hosts as evenly as the hosts have nodes', () => {
    fc.assert(
      fc.property(requests, ({ nodes, replicas }) => {
        const { masters } = planCreate(nodes, { replicas });
        const mastersOn = (host: string): number => masters.filter((each) => hostOf(each.address) === host).length;
        const hosts = [...new Set(nodes.map(hostOf))];
        const most = Math.max(...hosts.map(mastersOn));
        for (const host of hosts) {
          const hasSpare = nodes.filter((node) => hostOf(node) === host).length > mastersOn(host);
          if (hasSpare) expect(mastersOn(host)).toBeGreaterThanOrEqual(most - 1);
        }
      }),
    );
  });

  it('puts no more replicas beside their masters than those masters make unavoidable, and names exactly these', () => {
    fc.assert(
      fc.property(requests, ({ nodes, replicas }) => {
        const plan = planCreate(nodes, { replicas });
        const beside = plan.masters.flatMap((master) =>
          master.replicas.filter((replica) => hostOf(replica) === hostOf(master.address)),
        );
        expect([...plan.onMastersHost].sort()).toEqual(beside.sort());
        const masterHosts = plan.masters.map((master) => hostOf(master.address));
        const replicaHosts = plan.masters.flatMap((master) => master.replicas.map(hostOf));
        expect(beside.length).toBe(fewestBesideMaster(masterHosts, replicaHosts));
      }),
      { numRuns: 60 },
    );
  });
});
