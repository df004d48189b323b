import { afterEach, describe, it } from 'vitest';
import { Stage } from '../helpers/stage.ts';
import { untilServing } from '../helpers/watch-cluster.ts';

/** After the cluster itself has a new master the client has this long. */
const BOUND_MS = 300;

describe('a master is killed', () => {
  let stage: Stage | undefined;
  afterEach(() => stage?.clear());

  for (const coverage of ['no', 'yes'] as const) {
    it(`serves its slots once the cluster does, and fails only writes in flight (full coverage: ${coverage})`, async () => {
      stage = await Stage.set({ config: { 'cluster-require-full-coverage': coverage }, load: { perSecond: 6_000 } });
      const { cluster, load } = stage;
      const { master, replica } = await stage.pair();
      const killedAt = performance.now();
      await cluster.kill(master);
      const servedAt = await untilServing(replica, 0);
      await load.untilAnswered(master.address, 500, 5_000, killedAt + 200);

      stage.expectServed(master.address, killedAt + 200, servedAt, BOUND_MS);
      stage.expectOnlyInFlightWrites(master.address, killedAt);
      // With full coverage the servers themselves stop all shards while one has no master.
      if (coverage === 'no') stage.expectUndisturbed(master.address, killedAt, servedAt);
      await stage.end();
    });
  }
});
