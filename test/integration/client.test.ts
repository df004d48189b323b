import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import type { ClusterClientOptions } from '../../src/client/options.ts';
import {
  ClientClosedError,
  ClusterError,
  CommandAbortedError,
  CommandTimeoutError,
  CrossSlotError,
  QueueFullError,
  ReplyError,
} from '../../src/errors.ts';
import { startCluster } from '../../src/testing/start-cluster.ts';
import type { TestCluster } from '../../src/testing/test-cluster.ts';
import { FakeNode, silence } from '../helpers/fake-node.ts';
import { simpleReply } from '../helpers/fake-reply.ts';
import { openSockets, until } from '../helpers/watch-cluster.ts';

let cluster: TestCluster;
const clients: ClusterClient[] = [];

beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster.stop());
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

function makeClient(options: ClusterClientOptions = {}, seeds = cluster.addresses[3] ?? ''): ClusterClient {
  const client = new ClusterClient(seeds, options);
  clients.push(client);
  return client;
}

describe('commands end to end', () => {
  it('set and get typed values on all shards, through the address of one replica', async () => {
    const client = makeClient();
    const keys = Array.from({ length: 60 }, (_, i) => `value:${i}`);
    expect(await Promise.all(keys.map((key) => client.set(key, `of ${key} €`)))).toEqual(keys.map(() => 'OK'));
    expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys.map((key) => `of ${key} €`));
    expect(await client.get('value:absent')).toBeNull();
    expect(await client.getBuffer('value:1')).toEqual(Buffer.from('of value:1 €'));
    expect(await client.set('value:1', 'other', 'NX')).toBeNull();
    expect(await client.set('value:1', 'other', 'EX', 100, 'GET')).toBe('of value:1 €');
    expect(await client.ttl('value:1')).toBeGreaterThan(90);
    expect(await client.del('value:1')).toBe(1);
    expect(await client.exists('value:1')).toBe(0);
  });

  it('counts, and keeps hashes, sets and several keys of one slot', async () => {
    const client = makeClient();
    expect(await client.incr('counter')).toBe(1);
    expect(await client.incrby('counter', 41)).toBe(42);
    expect(await client.hset('hash', { a: '1', b: 'zwei' })).toBe(2);
    expect(await client.hgetall('hash')).toEqual({ a: '1', b: 'zwei' });
    expect(await client.hgetall('hash:absent')).toEqual({});
    expect(await client.sadd('set', 'x', 'y', 'x')).toBe(2);
    expect([...(await client.smembers('set'))].sort()).toEqual(['x', 'y']);
    await client.mset({ '{tag}a': '1', '{tag}b': '2' });
    expect(await client.mget('{tag}a', '{tag}b', '{tag}c')).toEqual(['1', '2', null]);
  });

  it('keeps every byte of a Buffer, in keys and values', async () => {
    const client = makeClient();
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const key = Buffer.concat([Buffer.from('key'), bytes]);
    await client.set(key, bytes);
    expect(await client.getBuffer(key)).toEqual(bytes);
    const large = Buffer.alloc(3_000_000, 'ab€');
    await client.set('large', large);
    expect((await client.getBuffer('large'))?.equals(large)).toBe(true);
  });

  it('hands an error reply to the caller, with the facts and without the value', async () => {
    const client = makeClient();
    await client.set('text', 'secret value');
    const failure = await client.lpush('text', 'secret element').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ReplyError);
    expect(failure).toMatchObject({ name: 'ReplyError', code: 'WRONGTYPE', command: 'LPUSH', executed: 'yes' });
    expect(failure).toHaveProperty('slot');
    expect(failure).toHaveProperty('address');
    expect(String(failure)).not.toContain('secret');
  });

  it('sends what has no method, and refuses what cannot be done before sending anything', async () => {
    const client = makeClient();
    expect(await client.call('ECHO', 'hello')).toBe('hello');
    expect(await client.call('set', 'called', 5)).toBe('OK');
    expect(await client.get('called')).toBe('5');
    await expect(client.call('MSETNX', 'a', '1', 'b', '2')).rejects.toBeInstanceOf(CrossSlotError);
    await expect(client.call('SELECT', 1)).rejects.toMatchObject({ name: 'UsageError', command: 'SELECT' });
    await expect(client.call('NOSUCHCOMMAND', 'x')).rejects.toMatchObject({ code: 'ERR' });
  });

  it('gives the same replies under RESP3', async () => {
    const client = makeClient({ protocol: 3 });
    await client.hset('hash:3', { a: '1' });
    expect(await client.hgetall('hash:3')).toEqual({ a: '1' });
    await client.zadd('zset:3', 1.5, 'm');
    expect(await client.zscore('zset:3', 'm')).toBe('1.5');
  });

  it('puts a key prefix before keys and nothing else', async () => {
    const client = makeClient({ keyPrefix: 'app:' });
    await client.set('prefixed', 'prefixed');
    expect(await makeClient().get('app:prefixed')).toBe('prefixed');
  });
});

describe('several shared connections to each node', () => {
  it('are all used, and each slot always uses the same, so that order holds', async () => {
    await until('the sockets of earlier clients are gone', () => openSockets() === 0);
    const client = makeClient({ poolSize: 3 });
    const keys = Array.from({ length: 30 }, (_, i) => `pool:${i}`);
    const replies: Promise<unknown>[] = [];
    for (let round = 0; round < 40; round++) {
      for (const key of keys) replies.push(client.append(key, `${round},`));
      if (round % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(replies);
    const expected = Array.from({ length: 40 }, (_, round) => `${round},`).join('');
    expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys.map(() => expected));
    expect(openSockets()).toBe(9);
  });
});

describe('connecting', () => {
  it('starts at once, and commands issued before wait in order', async () => {
    const client = makeClient();
    expect(client.status).toBe('connecting');
    const replies = Promise.all(['a', 'b', 'c', 'd'].map((text) => client.append('early', text)));
    const length = client.strlen('early');
    expect(client.pending).toBe(5);
    expect(await replies).toEqual([1, 2, 3, 4]);
    expect(await length).toBe(4);
    expect(await client.get('early')).toBe('abcd');
    expect(client.status).toBe('ready');
  });

  it('connect() is optional, may be called again and again, and resolves when the topology is known', async () => {
    const client = makeClient();
    await Promise.all([client.connect(), client.connect()]);
    expect(client.topology.masters()).toHaveLength(3);
    expect(client.topology.uncoveredSlots).toBe(0);
    await client.connect();
    expect(client.status).toBe('ready');
  });

  it('lazyConnect waits for the first command or connect()', async () => {
    const socketsBefore = openSockets();
    const byCommand = makeClient({ lazyConnect: true });
    const byConnect = makeClient({ lazyConnect: true });
    expect([byCommand.status, byConnect.status]).toEqual(['idle', 'idle']);
    expect(openSockets()).toBe(socketsBefore);
    expect(await byCommand.set('lazy', '1')).toBe('OK');
    await byConnect.connect();
    expect([byCommand.status, byConnect.status]).toEqual(['ready', 'ready']);
  });

  it('emits ready and topology to those who listen, and close at the end', async () => {
    const client = makeClient();
    const events: string[] = [];
    client.on('ready', () => events.push('ready'));
    client.on('topology', (diff) => events.push(`topology ${diff.version}`));
    client.on('close', () => events.push('close'));
    await client.connect();
    await client.close();
    await until('close was emitted', () => events.includes('close'));
    expect(events).toEqual(['ready', 'topology 1', 'close']);
  });
});

describe('closing', () => {
  it('close() answers what is pending, refuses what is new, and leaves no socket', async () => {
    const socketsBefore = openSockets();
    const client = makeClient();
    await client.connect();
    const replies = Array.from({ length: 200 }, (_, i) => client.set(`closing:${i}`, 'x'));
    const closing = client.close();
    expect(client.status).toBe('closing');
    await expect(client.get('closing:1')).rejects.toBeInstanceOf(ClientClosedError);
    expect(await Promise.all(replies)).toEqual(replies.map(() => 'OK'));
    await closing;
    expect(client.status).toBe('closed');
    await client.close();
    await expect(client.connect()).rejects.toBeInstanceOf(ClientClosedError);
    await until('all sockets are closed', () => openSockets() <= socketsBefore);
  });

  it('close() before the client is ready answers what was issued', async () => {
    const client = makeClient();
    const reply = client.set('closing:early', 'x');
    await client.close();
    expect(await reply).toBe('OK');
  });

  it('destroy() rejects what is pending at once and truthfully', async () => {
    const client = makeClient();
    await client.connect();
    await client.set('destroyed', '1');
    const written = client.get('destroyed');
    await new Promise((resolve) => setImmediate(resolve));
    const unwritten = client.get('destroyed');
    client.destroy();
    await expect(written).rejects.toMatchObject({ name: 'ClientClosedError', executed: 'unknown' });
    await expect(unwritten).rejects.toMatchObject({ name: 'ClientClosedError', executed: 'no' });
    expect(client.pending).toBe(0);
    await expect(client.get('destroyed')).rejects.toMatchObject({ name: 'ClientClosedError', executed: 'no' });
  });

  it('destroy() before the client is ready rejects commands and connect()', async () => {
    const client = makeClient();
    const outcomes = Promise.allSettled([client.get('a'), client.connect()]);
    client.destroy();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'ClientClosedError' } });
    }
  });

  it('ends with the block under await using, and by the names of other clients', async () => {
    let inner: ClusterClient;
    {
      await using client = new ClusterClient(cluster.addresses);
      inner = client;
      await client.set('using', '1');
    }
    expect(inner.status).toBe('closed');
    const quitting = makeClient();
    expect(await quitting.quit()).toBe('OK');
    const disconnecting = makeClient();
    disconnecting.disconnect();
    expect([quitting.status, disconnecting.status]).toEqual(['closed', 'closed']);
  });

  it('an idle client closes too', async () => {
    const client = makeClient({ lazyConnect: true });
    await client.close();
    expect(client.status).toBe('closed');
  });
});

describe('time, cancelling and bounds', () => {
  async function silentCluster(): Promise<FakeNode> {
    const node = await FakeNode.start();
    return node.on('GET', () => silence).on('SET', () => simpleReply('OK'));
  }

  it('a command that is not answered times out as unknown', async () => {
    await using node = await silentCluster();
    const client = makeClient({ timeoutMs: 150 }, node.address);
    await client.connect();
    const startedAt = performance.now();
    const failure = await client.get('key').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CommandTimeoutError);
    expect(failure).toMatchObject({ executed: 'unknown', command: 'GET', address: node.address });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(145);
    expect(performance.now() - startedAt).toBeLessThan(400);
  });

  it('a command that could not be sent times out as not executed, and says what it waited for', async () => {
    await using node = await silentCluster();
    node.slots = [{ start: 0, end: 99, nodes: [node.entry] }];
    const client = makeClient({}, node.address);
    await client.connect();
    const quick = client.with({ timeoutMs: 120 });
    // The slot of 'foo' is 12182: nobody serves it.
    await expect(quick.set('foo', '1')).rejects.toMatchObject({ code: 'TIMEOUT', executed: 'no', slot: 12182 });
    await expect(quick.set('foo', '1')).rejects.toThrow(/no master serves slot 12182/);
  });

  it('an abort rejects at once, wherever the command is, and its reply goes to nobody else', async () => {
    await using node = await FakeNode.start();
    const client = makeClient({}, node.address);
    await client.connect();
    let answer = (): void => undefined;
    node.next('GET', async () => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return simpleReply('late');
    });
    node.on('GET', () => simpleReply('own'));
    const controller = new AbortController();
    const aborted = client.with({ signal: controller.signal }).get('key');
    await node.until(() => node.received('GET').length === 1);
    controller.abort(new Error('no longer wanted'));
    await expect(aborted).rejects.toBeInstanceOf(CommandAbortedError);
    await expect(aborted).rejects.toMatchObject({ executed: 'unknown', cause: { message: 'no longer wanted' } });
    const next = client.get('key');
    answer();
    expect(await next).toBe('own');
    await expect(client.with({ signal: controller.signal }).get('key')).rejects.toMatchObject({
      name: 'CommandAbortedError',
      executed: 'no',
    });
    expect(node.received('GET')).toHaveLength(2);
  });

  it('maxPending rejects at once what is beyond it, and nothing else', async () => {
    await using node = await silentCluster();
    const client = makeClient({ maxPending: 10 }, node.address);
    await client.connect();
    const waiting = Array.from({ length: 10 }, () => client.get('key'));
    expect(client.pending).toBe(10);
    const beyond = await client.get('key').catch((error: unknown) => error);
    expect(beyond).toBeInstanceOf(QueueFullError);
    expect(beyond).toMatchObject({ executed: 'no', command: 'GET' });
    expect(client.pending).toBe(10);
    client.destroy();
    const outcomes = await Promise.allSettled(waiting);
    expect(outcomes.every((outcome) => outcome.status === 'rejected')).toBe(true);
  });

  it('a view changes settings for its calls only', async () => {
    await using node = await FakeNode.start();
    node.on('GET', () => simpleReply('own'));
    const client = makeClient({}, node.address);
    expect(await client.get('key')).toBe('own');
    node.hold();
    const patient = client.get('key');
    await expect(client.with({ timeoutMs: 60 }).get('key')).rejects.toMatchObject({ code: 'TIMEOUT' });
    node.release();
    expect(await patient).toBe('own');
    expect(() => client.with({ timeoutMs: -1 })).toThrow(/timeoutMs/);
  });
});

describe('when nobody answers', () => {
  it('connect() tells each address and its reason, and commands end as not executed', async () => {
    const dead = await FakeNode.start();
    await dead.stop();
    const client = new ClusterClient([dead.address], { timeoutMs: 300 });
    clients.push(client);
    const errors: unknown[] = [];
    client.on('error', (error) => errors.push(error));
    const reply = client.get('key').catch((error: unknown) => error);
    const failure = await client.connect().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ClusterError);
    expect(String(failure)).toMatch(new RegExp(`${dead.address}.*ECONNREFUSED`));
    expect(await reply).toMatchObject({ code: 'TIMEOUT', executed: 'no' });
    expect(errors.length).toBeGreaterThan(0);
  });
});
