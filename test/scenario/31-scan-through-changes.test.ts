import { afterEach, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { startCluster } from '../../src/testing/start-cluster.ts';
import type { TestCluster } from '../../src/testing/test-cluster.ts';
import type { TestNode } from '../../src/testing/test-node.ts';

const KEYS = 20_000;
const lasting = Array.from({ length: KEYS }, (_, i) => `lasting:${i}`);

describe('a scan of a cluster that changes', () => {
  let cluster: TestCluster | undefined;
  let client: ClusterClient | undefined;
  let isWriting = false;

  afterEach(async () => {
    isWriting = false;
    client?.destroy();
    await cluster?.stop();
  });

  async function setStage() {
    cluster = await startCluster({ masters: 3, replicas: 1, config: { 'cluster-require-full-coverage': 'no' } });
    client = new ClusterClient(cluster.addresses);
    const all = client;
    await Promise.all(lasting.map((key) => all.set(key, 'v')));
    for (const node of await cluster.masters()) await node.call('WAIT', '1', '5000');
    isWriting = true;
    const writers = Promise.all(Array.from({ length: 8 }, (_, i) => write(all, i)));
    return { cluster, client: all, writers };
  }

  /** Keys come and go all the time, so that the servers' tables grow and shrink under the scan. */
  async function write(client: ClusterClient, writer: number): Promise<void> {
    for (let n = 0; isWriting; n++) {
      const key = `passing:${writer}:${n % 5_000}`;
      const writing = n % 10_000 < 5_000 ? client.set(key, 'v') : client.del(key);
      await writing.catch(() => {});
    }
  }

  /** Reads all pages, slowly: `during` runs when the first have come, and the last are read when it is done. */
  async function scanDuring(pages: AsyncIterable<string[]>, during: () => Promise<void>): Promise<Set<string>> {
    const found = new Set<string>();
    let isOver = false;
    let changing: Promise<void> | undefined;
    for await (const page of pages) {
      for (const key of page) found.add(key);
      if (page.length === 0) continue;
      changing ??= during().finally(() => {
        isOver = true;
      });
      if (!isOver) await new Promise((resolve) => setTimeout(resolve, 15));
    }
    await changing;
    return found;
  }

  async function* plainPages(client: ClusterClient, count: number): AsyncGenerator<string[]> {
    let cursor = '0';
    do {
      const [next, keys] = await client.scan(cursor, 'MATCH', 'lasting:*', 'COUNT', count);
      cursor = next;
      yield keys;
    } while (cursor !== '0');
  }

  function missing(found: ReadonlySet<string>): string[] {
    return lasting.filter((key) => !found.has(key)).slice(0, 20);
  }

  async function reshard(cluster: TestCluster): Promise<void> {
    const [a, b, c] = (await cluster.masters()) as [TestNode, TestNode, TestNode];
    const slotsOf = async (node: TestNode, first: number): Promise<number[]> => {
      const slots: number[] = [];
      for (let slot = first; slots.length < 150; slot += 7)
        if ((await cluster.masterOf(slot)) === node) slots.push(slot);
      return slots;
    };
    const fromA = await slotsOf(a, 0);
    await Promise.all([cluster.moveSlots(a, b, fromA), cluster.moveSlots(b, c, await slotsOf(b, 0))]);
    // And some of them back.
    await cluster.moveSlots(b, a, fromA.slice(0, 75));
  }

  for (const [name, pagesOf] of [
    ['scanIterator', (client: ClusterClient) => client.scanIterator({ match: 'lasting:*', count: 50, batches: true })],
    ['scan with a cursor', (client: ClusterClient) => plainPages(client, 60)],
  ] as const) {
    it(`meets every key while slots move to and fro (${name})`, async () => {
      const { cluster, client, writers } = await setStage();
      const found = await scanDuring(pagesOf(client), () => reshard(cluster));
      expect(missing(found)).toEqual([]);
      isWriting = false;
      await writers;
    });

    it(`meets every key through a planned failover and a killed master (${name})`, async () => {
      const { cluster, client, writers } = await setStage();
      const failOver = async (): Promise<void> => {
        const [first, second] = (await cluster.masters()) as [TestNode, TestNode, TestNode];
        const [replica] = await cluster.replicasOf(first);
        if (replica === undefined) throw new Error('no replica');
        await cluster.failover(replica);
        await cluster.kill(second);
        await cluster.untilOk();
        await cluster.restart(second);
      };
      const found = await scanDuring(pagesOf(client), failOver);
      expect(missing(found)).toEqual([]);
      isWriting = false;
      await writers;
    });
  }

  it('meets every key when masters are started again on their data', async () => {
    const { cluster, client, writers } = await setStage();
    const found = await scanDuring(client.scanIterator({ match: 'lasting:*', count: 50, batches: true }), async () => {
      // A new process has another hash function: a cursor of the old one leads nowhere in its tables.
      for (const master of await cluster.masters()) await cluster.restart(master);
      await cluster.untilOk();
    });
    expect(missing(found)).toEqual([]);
    isWriting = false;
    await writers;
  });

  it('meets every key while a master is frozen and slots move elsewhere', async () => {
    const { cluster, client, writers } = await setStage();
    const found = await scanDuring(client.scanIterator({ match: 'lasting:*', count: 50, batches: true }), async () => {
      const [first] = await cluster.masters();
      if (first === undefined) throw new Error('no master');
      await cluster.pause(first);
      await cluster.untilOk();
      const [b, c] = (await cluster.masters()).filter((node) => node.state === 'running') as [TestNode, TestNode];
      const slots: number[] = [];
      for (let slot = 0; slots.length < 50; slot += 3) if ((await cluster.masterOf(slot)) === b) slots.push(slot);
      await cluster.moveSlots(b, c, slots);
      await cluster.resume(first);
      await cluster.untilOk();
    });
    expect(missing(found)).toEqual([]);
    isWriting = false;
    await writers;
  });
});
