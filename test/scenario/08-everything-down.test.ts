import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { CommandTimeoutError, QueueFullError } from '../../src/errors.ts';
import { executedOf } from '../helpers/load-model.ts';
import { describeFailures, Stage } from '../helpers/stage.ts';
import { until, untilServing } from '../helpers/watch-cluster.ts';

const DOWN_MS = 5_000;
/** After the cluster itself serves again the client has this long. */
const BOUND_MS = 1_000;
/** Attempts to connect in one second, to all six nodes together. */
const ATTEMPTS_A_SECOND = 40;

describe('everything is down', () => {
  let stage: Stage | undefined;
  let small: ClusterClient | undefined;
  afterEach(async () => {
    small?.destroy();
    await stage?.clear();
  });

  for (const how of ['killed', 'frozen'] as const) {
    it(`(${how}) for ${DOWN_MS / 1_000} s: commands wait or fail clearly, and all goes on within a second`, async () => {
      // When all thaw at once nobody may think the others dead: servers that fail over then lose writes by themselves.
      stage = await Stage.set(how === 'frozen' ? { config: { 'cluster-node-timeout': '15000' } } : {});
      const { cluster, client, load } = stage;
      small = new ClusterClient(cluster.addresses, { maxPending: 50 });
      await small.get('warm');
      const told: string[] = [];
      small.on('error', (error) => told.push(error.code));
      small.on('ready', () => told.push('ready'));
      const masters = await cluster.masters();
      const attempts = countAttempts();
      const downAt = performance.now();
      await Promise.all(cluster.nodes.map((node) => (how === 'killed' ? cluster.kill(node) : cluster.pause(node))));

      // Within its time a command waits; then it fails, and says why.
      await until('the silence or the loss has been noticed', () => performance.now() - downAt > 1_000);
      const startedAt = performance.now();
      const error = await client
        .with({ timeoutMs: 1_500 })
        .set('down', '1')
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(CommandTimeoutError);
      expect(executedOf(error)).toBe('no');
      expect(performance.now() - startedAt).toBeLessThan(1_700);

      // No more than maxPending wait; the next is told at once.
      const waiting = Array.from({ length: 50 }, (_, n) => small?.set(`small:${n}`, '1'));
      const refused = await small.set('small', '1').catch((reason: unknown) => reason);
      expect(refused).toBeInstanceOf(QueueFullError);
      expect(small.pending).toBe(50);

      await until('the time is over', () => performance.now() - downAt > DOWN_MS);
      const perSecond = attempts.take() / (DOWN_MS / 1_000);
      // Two clients have been trying.
      expect(perSecond / 2).toBeLessThan(ATTEMPTS_A_SECOND);

      const upAt = performance.now();
      if (how === 'killed') await Promise.all(cluster.nodes.map((node) => cluster.restart(node)));
      else await Promise.all(cluster.nodes.map((node) => cluster.resume(node)));
      const [master] = masters;
      if (master === undefined) throw new Error('no master');
      const slot = client.topology.ranges().find(({ shard }) => shard.master.address === master.address)?.start ?? 0;
      const servedAt = await untilServing(master, slot);
      await load.untilAnswered(master.address, 1, 10_000, upAt);
      const firstAt = load.latencies(master.address).firstAfter(upAt) ?? Number.POSITIVE_INFINITY;
      expect(firstAt - servedAt).toBeLessThan(BOUND_MS);
      await cluster.untilOk();
      for (const shard of load.shards) await load.untilAnswered(shard, 300);
      expect(await Promise.all(waiting)).toEqual(waiting.map(() => 'OK'));
      attempts.end();
      // Whoever listens is told; the other client has no listener, and lives.
      if (how === 'killed') expect([told[0], told.at(-1)]).toEqual(['NO_SEED', 'ready']);

      // Nothing that waited was lost or forgotten: only writes that were in flight when it all went down failed.
      const unexpected = load.failures.filter(
        ({ name, error, issuedAt }) =>
          !['SET', 'INCR', 'MSET'].includes(name) || executedOf(error) !== 'unknown' || issuedAt > downAt + 800,
      );
      expect(describeFailures(unexpected, downAt)).toEqual([]);
      await small.close();
      await stage.end();
    });
  }

  it('clients do not come back in step', async () => {
    stage = await Stage.set({ load: { perSecond: 1_000 } });
    const { cluster } = stage;
    const clients = Array.from({ length: 20 }, () => new ClusterClient(cluster.addresses));
    await Promise.all(clients.map((client) => client.get('warm')));
    await Promise.all(cluster.nodes.map((node) => cluster.kill(node)));
    const replies = Promise.all(clients.map((client, n) => client.get(`herd:${n}`)));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const attempts = countAttempts();
    const counts: number[] = [];
    for (let tick = 0; tick < 40; tick++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      counts.push(attempts.take());
    }
    attempts.end();
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    // In step, all of them would come in a few of these twentieths of a second.
    expect(counts.filter((count) => count > mean / 4).length).toBeGreaterThan(counts.length / 2);
    await Promise.all(cluster.nodes.map((node) => cluster.restart(node)));
    expect(await replies).toEqual(clients.map(() => null));
    await cluster.untilOk();
    for (const client of clients) client.destroy();
  });
});

/** Counts attempts to connect, of everything in this process. */
function countAttempts() {
  let count = 0;
  const onDial = (): void => void count++;
  subscribe('net.client.socket', onDial);
  return {
    /** The number since the last call. */
    take(): number {
      const taken = count;
      count = 0;
      return taken;
    },
    end: () => unsubscribe('net.client.socket', onDial),
  };
}
