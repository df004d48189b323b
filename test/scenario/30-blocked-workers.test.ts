import { afterEach, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { startCluster } from '../../src/testing/start-cluster.ts';
import type { TestCluster } from '../../src/testing/test-cluster.ts';
import type { TestNode } from '../../src/testing/test-node.ts';
import { keyInSlot, until, untilServing } from '../helpers/watch-cluster.ts';

/** After the cluster itself has a new master, blocked commands wait there within this time. */
const BOUND_MS = 300;
const WORKERS = 20;

/** Clients that do nothing but block: nothing else makes the client look at the cluster. */
describe('workers that block', () => {
  let cluster: TestCluster | undefined;
  let client: ClusterClient | undefined;

  afterEach(async () => {
    client?.destroy();
    await cluster?.stop();
  });

  async function blockedClients(node: TestNode): Promise<number> {
    return Number(/blocked_clients:(\d+)/.exec(String(await node.call('INFO', 'clients')))?.[1]);
  }

  /** A cluster whose first shard holds the workers, each waiting on a list of its own. */
  async function setStage() {
    cluster = await startCluster({ masters: 3, replicas: 1, config: { 'cluster-require-full-coverage': 'no' } });
    client = new ClusterClient(cluster.addresses);
    await client.connect();
    const tag = keyInSlot(0, 'workers');
    const lists = Array.from({ length: WORKERS }, (_, i) => `${tag}:${i}`);
    const master = await cluster.masterOf(0);
    const [replica] = await cluster.replicasOf(master);
    if (replica === undefined) throw new Error('the shard has no replica');
    const popped = lists.map((list) => (client as ClusterClient).blpop(list, 0));
    await until('all workers block', async () => (await blockedClients(master)) === WORKERS);
    return { cluster, client, lists, popped, master, replica };
  }

  /** Gives each list one element, past the workers' client, and expects each worker to have got its own. */
  async function expectServed(
    replica: TestNode,
    lists: readonly string[],
    popped: readonly Promise<[string, string] | null>[],
  ): Promise<void> {
    await Promise.all(lists.map((list, i) => replica.call('RPUSH', list, `job ${i}`)));
    expect(await Promise.all(popped)).toEqual(lists.map((list, i) => [list, `job ${i}`]));
    await Promise.all(lists.map(async (list) => expect(await replica.call('LLEN', list)).toBe(0)));
  }

  it('wait at the new master when theirs is killed', async () => {
    const { cluster, lists, popped, master, replica } = await setStage();
    await cluster.kill(master);
    const servedAt = await untilServing(replica, 0);
    await until('all workers block again', async () => (await blockedClients(replica)) === WORKERS);
    expect(performance.now() - servedAt).toBeLessThan(BOUND_MS);
    await expectServed(replica, lists, popped);
  });

  it('wait at the new master when theirs is frozen', async () => {
    const { cluster, lists, popped, master, replica } = await setStage();
    await cluster.pause(master);
    const servedAt = await untilServing(replica, 0);
    await until('all workers block again', async () => (await blockedClients(replica)) === WORKERS);
    expect(performance.now() - servedAt).toBeLessThan(BOUND_MS);
    await expectServed(replica, lists, popped);
    await cluster.resume(master);
  });

  it('wait at the new master after a planned failover', async () => {
    const { cluster, lists, popped, replica } = await setStage();
    await cluster.failover(replica);
    const doneAt = performance.now();
    await until('all workers block again', async () => (await blockedClients(replica)) === WORKERS);
    expect(performance.now() - doneAt).toBeLessThan(BOUND_MS);
    await expectServed(replica, lists, popped);
  });

  it('lose no job and get none twice while slots move under them', async () => {
    const { cluster, client, lists, popped, master } = await setStage();
    const target = (await cluster.masters()).find((node) => node !== master) as TestNode;
    await expectServed(master, lists, popped);
    const jobs = 400;
    const done: string[] = [];
    const work = async (list: string): Promise<void> => {
      while (done.length < jobs) {
        const job = await client.blpop(list, 0.5);
        if (job !== null) done.push(job[1]);
      }
    };
    const list = lists[0] as string;
    const workers = Promise.all(Array.from({ length: 5 }, () => work(list)));
    const feed = (async () => {
      for (let i = 0; i < jobs; i++) {
        await client.rpush(list, `job ${i}`);
        if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    await cluster.moveSlots(master, target, [...Array(20).keys()]);
    await cluster.moveSlots(target, master, [...Array(20).keys()]);
    await feed;
    await workers;
    expect(done.length).toBe(jobs);
    expect(new Set(done).size).toBe(jobs);
  });
});
