import { afterEach, describe, expect, it } from 'vitest';
import { ClusterClient, keySlot } from '../../src/index.ts';
import { startCluster, type TestCluster } from '../../src/testing/index.ts';
import { untilServing } from '../helpers/watch-cluster.ts';

/** Until the client hears of it, and the round trips of beginning again. */
const BOUND_MS = 1_500;

describe('a watch whose master is frozen', () => {
  let cluster: TestCluster | undefined;
  let client: ClusterClient | undefined;
  afterEach(async () => {
    client?.destroy();
    await cluster?.stop();
  });

  for (const moment of ['reading', 'writing'] as const) {
    it(`while it is ${moment} begins again on the new master, or says that it does not know`, async () => {
      cluster = await startCluster({ replicas: 1, config: { 'cluster-require-full-coverage': 'no' } });
      client = new ClusterClient(cluster.addresses.at(-1) ?? '');
      await client.set('a', 1);
      await client.wait(1, 1_000);
      const nodes = cluster;
      const master = await nodes.masterOf(keySlot('a'));
      const [replica] = await nodes.replicasOf(master);
      if (replica === undefined) throw new Error('no replica');
      let runs = 0;
      const watch = client.watch('a', async (tx) => {
        runs++;
        const before = moment === 'writing' ? Number(await tx.get('a')) : 0;
        if (runs === 1) await nodes.pause(master);
        const now = moment === 'reading' ? Number(await tx.get('a')) : before;
        await tx
          .multi()
          .set('a', now + 1)
          .exec();
      });
      const ended = watch.then(
        () => 'done',
        (error: Error & { executed?: string }) => error.executed,
      );
      const servedAt = await untilServing(replica, keySlot('a'));
      // What had been read can be read again; an EXEC on its way to a frozen node may yet be executed there.
      expect(await ended).toBe(moment === 'reading' ? 'done' : 'unknown');
      expect(performance.now() - servedAt).toBeLessThan(BOUND_MS);
      expect(runs).toBe(moment === 'reading' ? 2 : 1);
      expect(await client.get('a')).toBe(moment === 'reading' ? '2' : '1');
      await nodes.resume(master);
      await nodes.untilOk();
      expect(await client.get('a')).toBe(moment === 'reading' ? '2' : '1');
      expect(client.pending).toBe(0);
    });
  }
});
