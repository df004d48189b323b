import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { CommandTimeoutError, QueueFullError } from '../../src/errors.ts';
import { keySlot } from '../../src/slots/key-slot.ts';
import { startCluster } from '../../src/testing/start-cluster.ts';
import type { TestCluster } from '../../src/testing/test-cluster.ts';
import type { TestNode } from '../../src/testing/test-node.ts';
import { executedOf } from '../helpers/load-model.ts';
import { type ProxiedServers, proxyAll } from '../helpers/proxy.ts';
import { keyInSlot, until } from '../helpers/watch-cluster.ts';

const KEY = 'bounded';
const MEBIBYTE = 1024 * 1024;

describe('what waits is bounded', () => {
  let cluster: TestCluster;
  let servers: ProxiedServers;
  let master: TestNode;
  const ends: (() => unknown)[] = [];

  beforeEach(async () => {
    // Without replicas and with a long node time-out: nobody takes over while a node is silent.
    cluster = await startCluster({ replicas: 0, nodeTimeoutMs: 60_000 });
    ends.push(() => cluster.stop());
    servers = await proxyAll(cluster.nodes);
    ends.push(() => servers.stop());
    master = await cluster.masterOf(keySlot(KEY));
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function connect(options: ConstructorParameters<typeof ClusterClient>[1] = {}): Promise<ClusterClient> {
    const client = new ClusterClient(servers.before(master).address, { natMap: servers.natMap, ...options });
    ends.push(() => client.destroy());
    for (const node of cluster.nodes) await client.get(await keyOf(node));
    return client;
  }

  /** A key that this node serves. */
  async function keyOf(node: TestNode): Promise<string> {
    for (const slot of [0, 8_000, 16_383]) if ((await cluster.masterOf(slot)) === node) return keyInSlot(slot);
    throw new Error(`${node.address} serves nothing`);
  }

  async function keyElsewhere(): Promise<string> {
    return keyOf(cluster.nodes.find((node) => node !== master) ?? master);
  }

  it('by number: one more than maxPending is rejected at once, and all others are answered', async () => {
    const client = await connect({ maxPending: 100 });
    await cluster.pause(master);
    const waiting = Array.from({ length: 100 }, () => client.incr(KEY));
    expect(client.pending).toBe(100);
    const startedAt = performance.now();
    const error = await client.incr(KEY).catch((reason: unknown) => reason);
    expect(performance.now() - startedAt).toBeLessThan(50);
    expect(error).toBeInstanceOf(QueueFullError);
    expect(error).toMatchObject({ code: 'QUEUE_FULL', executed: 'no', command: 'INCR' });
    expect(client.pending).toBe(100);
    await cluster.resume(master);
    expect(await Promise.all(waiting)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(client.pending).toBe(0);
  });

  it('by bytes: a node that stops reading makes new commands fail at once, not the heap grow', async () => {
    const client = await connect({ maxPendingBytes: 16 * MEBIBYTE });
    const value = 'v'.repeat(MEBIBYTE);
    servers.before(master).stopReading();
    const before = process.memoryUsage();
    const outcomes: Promise<unknown>[] = [];
    for (let i = 0; i < 400; i++) {
      outcomes.push(client.set(KEY, Buffer.from(value)).catch((error: unknown) => error));
      if (i % 10 === 9) await new Promise((resolve) => setImmediate(resolve));
    }
    const refused = await until('most are refused', () => client.pending < 100).then(() => 400 - client.pending);
    expect(refused).toBeGreaterThan(300);
    const after = process.memoryUsage();
    expect(after.rss - before.rss).toBeLessThan(150 * MEBIBYTE);
    expect(client.pendingBytes).toBeGreaterThan(15 * MEBIBYTE);
    expect(client.pendingBytes).toBeLessThan(32 * MEBIBYTE);

    servers.before(master).resume();
    const settled = await Promise.all(outcomes);
    const errors = settled.filter((outcome) => outcome !== 'OK');
    expect(errors.length).toBe(refused);
    for (const error of errors) expect(error).toMatchObject({ name: 'QueueFullError', executed: 'no' });
    expect(client.pending).toBe(0);
    expect(client.pendingBytes).toBe(0);
    expect(await client.get(KEY)).toBe(value);
  });

  it('in time: what has timed out while a node is silent takes no memory, however long that lasts', async () => {
    const client = await connect({ timeoutMs: 300 });
    const elsewhere = await keyElsewhere();
    await cluster.pause(master);
    const errors: unknown[] = [];
    let pendingAtMost = 0;
    const value = 'v'.repeat(10_000);
    // Longer than the watchdog needs to notice, and several times the deadline.
    for (const until = performance.now() + 4_000; performance.now() < until; ) {
      for (let i = 0; i < 20; i++) client.set(KEY, value).catch((error: unknown) => errors.push(error));
      pendingAtMost = Math.max(pendingAtMost, client.pending);
      await client.get(elsewhere);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(errors.length).toBeGreaterThan(2_000);
    for (const error of errors) expect(error).toBeInstanceOf(CommandTimeoutError);
    // What was written before the silence was noticed may be executed; the others certainly not.
    expect(executedOf(errors.at(-1))).toBe('no');
    expect(pendingAtMost).toBeLessThan(errors.length / 4);
    await until('nothing waits any more', () => client.pending === 0);
    expect(client.pendingBytes).toBeLessThan(2 * MEBIBYTE);
    await cluster.resume(master);
    expect(await client.with({ timeoutMs: 10_000 }).set(KEY, 'back')).toBe('OK');
    await until('nothing is buffered', () => client.pendingBytes === 0);
  });
});
