import { afterEach, describe, expect, it } from 'vitest';
import { acceptedConnections } from '../helpers/server-counters.ts';
import { describeFailures, Stage } from '../helpers/stage.ts';
import { untilServing } from '../helpers/watch-cluster.ts';

/** After the cluster itself has a new master the client has this long. */
const BOUND_MS = 300;
/** Until the client notices the silence it goes on writing; what it wrote ends as unknown. */
const NOTICE_MS = 800;

describe('a master is frozen, its kernel still acknowledging', () => {
  let stage: Stage | undefined;
  afterEach(() => stage?.clear());

  for (const coverage of ['no', 'yes'] as const) {
    it(`is left for its successor, and loses nothing when it wakes up (full coverage: ${coverage})`, async () => {
      stage = await Stage.set({ config: { 'cluster-require-full-coverage': coverage }, load: { perSecond: 6_000 } });
      const { cluster, load } = stage;
      const { master, replica } = await stage.pair();
      const frozenAt = performance.now();
      await cluster.pause(master);
      const servedAt = await untilServing(replica, 0);
      await load.untilAnswered(master.address, 500, 5_000, frozenAt + NOTICE_MS);

      stage.expectServed(master.address, frozenAt + NOTICE_MS, servedAt, BOUND_MS);
      stage.expectOnlyInFlightWrites(master.address, frozenAt, NOTICE_MS);
      if (coverage === 'no') stage.expectUndisturbed(master.address, frozenAt, servedAt);

      // Awake again it executes what its socket had buffered, and then learns that it is a replica.
      const failuresBefore = load.failures.length;
      await cluster.resume(master);
      await cluster.untilOk();
      await load.untilAnswered(master.address, 500);
      expect(describeFailures(load.failures.slice(failuresBefore))).toEqual([]);
      await stage.end();
    });
  }

  it('is not left while it is merely slow', async () => {
    stage = await Stage.set({ config: { 'enable-debug-command': 'yes', 'cluster-require-full-coverage': 'no' } });
    const { load } = stage;
    const { master } = await stage.pair();
    const clientsBefore = await acceptedConnections(master);
    const from = performance.now();
    const sleeping = master.call('DEBUG', 'SLEEP', '1.4');
    await sleeping;
    await load.untilAnswered(master.address, 500);

    expect(load.latencies(master.address).longestGap(from, performance.now())).toBeGreaterThan(1_000);
    expect(describeFailures(load.failures)).toEqual([]);
    // Two more: the one that sent DEBUG SLEEP, and the one that asks here.
    expect((await acceptedConnections(master)) - clientsBefore).toBe(2);
    stage.expectUndisturbed(master.address, from, from + 1_400);
    await stage.end();
  });
});
