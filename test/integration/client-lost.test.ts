import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import type { ClusterClientOptions } from '../../src/client/options.ts';
import { ConnectionError } from '../../src/errors.ts';
import { keySlot } from '../../src/slots/key-slot.ts';
import { startCluster } from '../../src/testing/start-cluster.ts';
import type { TestCluster } from '../../src/testing/test-cluster.ts';
import { cut, FakeNode } from '../helpers/fake-node.ts';
import { encodeReply, simpleReply } from '../helpers/fake-reply.ts';
import { until } from '../helpers/watch-cluster.ts';

const clients: ClusterClient[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

function makeClient(seeds: string, options: ClusterClientOptions = {}): ClusterClient {
  const client = new ClusterClient(seeds, options);
  clients.push(client);
  return client;
}

describe('a connection cut after the command was written', () => {
  /** A node that reads one INCR or GET, cuts the connection instead of answering, and is well from then on. */
  async function cuttingNode(): Promise<FakeNode> {
    const node = await FakeNode.start();
    return node
      .on('INCR', () => encodeReply(1))
      .on('GET', () => simpleReply('value'))
      .next('INCR', () => cut)
      .next('GET', () => cut);
  }

  it('rejects a write, which may have been executed, and never sends it again', async () => {
    await using node = await cuttingNode();
    const client = makeClient(node.address);
    const failure = await client.incr('key').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConnectionError);
    expect(failure).toMatchObject({
      code: 'CONNECTION_LOST',
      executed: 'unknown',
      command: 'INCR',
      address: node.address,
      slot: keySlot('key'),
    });
    expect(failure).toHaveProperty('elapsedMs');
    expect(await client.incr('key')).toBe(1);
    expect(node.received('INCR')).toHaveLength(2);
  });

  it('sends a read again', async () => {
    await using node = await cuttingNode();
    const client = makeClient(node.address);
    expect(await client.get('key')).toBe('value');
    expect(node.received('GET')).toHaveLength(2);
  });

  it('sends a write again when the client or the call allows it', async () => {
    await using node = await cuttingNode();
    expect(await makeClient(node.address, { retryWrites: true }).incr('key')).toBe(1);
    node.next('INCR', () => cut);
    const client = makeClient(node.address);
    expect(await client.with({ idempotent: true }).incr('key')).toBe(1);
    expect(node.received('INCR')).toHaveLength(4);
  });

  it('does not send again what had not been allowed, though a view of the same client allows others', async () => {
    await using node = await cuttingNode();
    const client = makeClient(node.address, { retryWrites: true });
    await expect(client.with({ idempotent: false }).incr('key')).rejects.toMatchObject({ executed: 'unknown' });
  });

  it('reports an error that comes after a second attempt as unknown, not as not executed', async () => {
    await using node = await cuttingNode();
    node.next('INCR', () => Buffer.from('-CLUSTERDOWN The cluster is down\r\n'));
    for (let i = 0; i < 40; i++) node.next('INCR', () => Buffer.from('-CLUSTERDOWN The cluster is down\r\n'));
    const client = makeClient(node.address);
    const call = client.with({ idempotent: true, timeoutMs: 500 }).incr('key');
    await expect(call).rejects.toMatchObject({ code: 'TIMEOUT', executed: 'unknown' });
  });

  it('keeps the order of un-awaited commands: what is sent again goes before what is new', async () => {
    await using node = await FakeNode.start();
    let text = '';
    node.on('APPEND', ({ args }) => {
      text += args[1] ?? '';
      return encodeReply(text.length);
    });
    const client = makeClient(node.address, { retryWrites: true });
    await client.connect();
    node.next('APPEND', () => cut);
    const replies = Array.from({ length: 30 }, (_, i) => client.append('key', `${i},`));
    while (replies.length < 60) {
      await new Promise((resolve) => setImmediate(resolve));
      replies.push(client.append('key', `${replies.length},`));
    }
    await Promise.all(replies);
    // What was cut had not been executed here; what came behind it in the same write neither.
    expect(text).toBe(Array.from({ length: 60 }, (_, i) => `${i},`).join(''));
  });
});

describe('connections of a real cluster', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startCluster({ replicas: 0 });
  });
  afterAll(() => cluster.stop());

  it('that are killed again and again cost no read, and no counter is counted twice', async () => {
    const client = makeClient(cluster.addresses[0] ?? '');
    const keys = Array.from({ length: 12 }, (_, i) => `kill:${i}`);
    await Promise.all(keys.map((key) => client.set(`${key}:value`, key)));
    const acknowledged = new Map(keys.map((key) => [key, 0]));
    const unknown = new Map(keys.map((key) => [key, 0]));
    const wrong: unknown[] = [];
    let isOver = false;
    const run = async (key: string): Promise<void> => {
      while (!isOver) {
        const [count, value] = await Promise.allSettled([client.incr(key), client.get(`${key}:value`)]);
        if (count.status === 'fulfilled') acknowledged.set(key, (acknowledged.get(key) ?? 0) + 1);
        else if (count.reason.executed === 'unknown') unknown.set(key, (unknown.get(key) ?? 0) + 1);
        else wrong.push(count.reason);
        if (value.status === 'rejected' || value.value !== key) wrong.push(value);
      }
    };
    const running = keys.map(run);
    for (let round = 0; round < 15; round++) {
      for (const node of cluster.nodes) await node.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    isOver = true;
    await Promise.all(running);
    expect(wrong).toEqual([]);
    for (const key of keys) {
      const count = Number(await client.get(key));
      const least = acknowledged.get(key) ?? 0;
      expect(count).toBeGreaterThanOrEqual(least);
      expect(count).toBeLessThanOrEqual(least + (unknown.get(key) ?? 0));
    }
    expect([...acknowledged.values()].every((count) => count > 20)).toBe(true);
  });

  it('that were idle when they were killed are made anew, and nobody hears of it', async () => {
    const client = makeClient(cluster.addresses[0] ?? '');
    await client.set('idle', '1');
    for (const node of cluster.nodes) await node.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await until('the loss has been noticed', async () => {
      const [node] = cluster.nodes;
      return !String(await node?.call('CLIENT', 'LIST')).includes('cmd=set');
    });
    expect(await client.set('idle', '2')).toBe('OK');
    expect(client.status).toBe('ready');
  });
});
