import { afterEach, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { startCluster } from '../../src/testing/start-cluster.ts';
import type { TestCluster } from '../../src/testing/test-cluster.ts';
import { keyInSlot, until } from '../helpers/watch-cluster.ts';

const GROUP = 'billing';
const CONSUMER = 'consumer-1';

describe("a consumer of a stream's group", () => {
  let cluster: TestCluster | undefined;
  let client: ClusterClient | undefined;

  afterEach(async () => {
    client?.destroy();
    await cluster?.stop();
  });

  /** As the documentation says it should be done: the past first, then what is new; back to the past when all is quiet. */
  async function consume(client: ClusterClient, stream: string, worked: string[], signal: AbortSignal): Promise<void> {
    const reader = client.with({ signal });
    const acknowledger = client.with({ idempotent: true });
    for (let from = '0'; !signal.aborted; ) {
      const options = ['COUNT', 10, 'BLOCK', 500, 'STREAMS', stream, from] as const;
      const entries = (await reader.xreadgroup('GROUP', GROUP, CONSUMER, ...options))?.[0]?.[1] ?? [];
      for (const [id, fields] of entries) {
        if (fields !== null) worked.push(fields[1] ?? '');
        await acknowledger.xack(stream, GROUP, id);
      }
      if (entries.length === 0) from = from === '>' ? '0' : '>';
      else if (from !== '>') from = entries.at(-1)?.[0] ?? '0';
    }
  }

  it('works on every entry through a planned failover and the death of its master', async () => {
    cluster = await startCluster({ masters: 3, replicas: 1, config: { 'cluster-require-full-coverage': 'no' } });
    client = new ClusterClient(cluster.addresses);
    const producer = client;
    const stream = `${keyInSlot(0, 'orders')}:stream`;
    await client.xgroup('CREATE', stream, GROUP, '0', 'MKSTREAM');
    const worked: string[] = [];
    const stop = new AbortController();
    const consuming = consume(client, stream, worked, stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted) throw error;
    });
    const added: string[] = [];
    const add = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        const order = `order ${added.length}`;
        await producer.with({ idempotent: true }).xadd(stream, '*', 'name', order);
        added.push(order);
      }
    };
    const untilWorked = (): Promise<void> =>
      until('all entries are worked on', () => new Set(worked).size === added.length);

    const [replica] = await cluster.replicasOf(await cluster.masterOf(0));
    if (replica === undefined) throw new Error('the shard has no replica');
    await Promise.all([add(300), cluster.failover(replica)]);
    await untilWorked();

    // What has been added is replicated: a failover loses nothing of it.
    await cluster.untilOk();
    await cluster.kill(await cluster.masterOf(0));
    await add(100);
    await untilWorked();

    expect([...new Set(worked)].sort()).toEqual([...added].sort());
    await until('all of it is acknowledged', async () => (await producer.xpending(stream, GROUP))[0] === 0);
    stop.abort();
    await consuming;
  });
});
