import { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClientClosedError, ClusterClient, CommandAbortedError, command, UsageError } from '../../src/index.ts';
import { startCluster, type TestCluster } from '../../src/testing/index.ts';

let cluster: TestCluster;
let client: ClusterClient;

beforeAll(async () => {
  cluster = await startCluster({ replicas: 0 });
});
afterAll(() => cluster?.stop());
beforeEach(async () => {
  client = new ClusterClient(cluster.addresses[0] ?? '');
  await client.flushall();
});
afterEach(() => {
  vi.restoreAllMocks();
  client.destroy();
});

/** How much each write of this process carried, by the port that it went to. */
function spyOnWrites(): Map<number, number[]> {
  const sizes = new Map<number, number[]>();
  const write = Socket.prototype.write;
  vi.spyOn(Socket.prototype, 'write').mockImplementation(function (this: Socket, ...args: Parameters<Socket['write']>) {
    const port = this.remotePort ?? 0;
    sizes.set(port, [...(sizes.get(port) ?? []), args[0].length]);
    return write.apply(this, args);
  } as Socket['write']);
  return sizes;
}

const names = Array.from({ length: 300 }, (_, i) => `name:${i}`);

describe('a pipeline', () => {
  it('takes keys of any slots and gives the replies in the order of its commands', async () => {
    const writing = client.pipeline();
    for (const name of names) writing.set(name, `value of ${name}`);
    expect(writing.length).toBe(names.length);
    expect(await writing.exec()).toEqual(names.map(() => [null, 'OK']));
    const reading = client.pipeline();
    for (const name of names) reading.get(name);
    expect(await reading.exec()).toEqual(names.map((name) => [null, `value of ${name}`]));
  });

  it('leaves in one write for each node', async () => {
    await client.batch(names.map((name) => command.get(name)));
    const masters = await cluster.masters();
    const pipeline = client.pipeline();
    for (const name of names) pipeline.get(name);
    const writes = spyOnWrites();
    await pipeline.exec();
    expect([...writes.keys()].sort()).toEqual(masters.map((node) => node.port).sort());
    for (const sizes of writes.values()) expect(sizes).toHaveLength(1);
  });

  it('types each reply and each error in its place', async () => {
    await client.set('text', 'no number');
    const [set, visits, broken, hash, bytes] = await client
      .pipeline()
      .set('a', 1)
      .incr('a')
      .incr('text')
      .hgetall('none')
      .getBuffer('a')
      .exec();
    expect(set).toEqual([null, 'OK']);
    if (visits[0] === null) expect(Number(visits[1]) + 1).toBe(3);
    expect(broken).toEqual([
      expect.objectContaining({ name: 'ReplyError', command: 'INCR', executed: 'yes' }),
      undefined,
    ]);
    expect(hash).toEqual([null, {}]);
    expect(bytes).toEqual([null, Buffer.from('2')]);
  });

  it('splits commands over several slots and asks all nodes where a method of the client would', async () => {
    const pairs = Object.fromEntries(names.map((name, i) => [name, i]));
    const outcomes = await client
      .pipeline()
      .mset(pairs)
      .mget(names)
      .dbsize()
      .del(names.slice(0, 250))
      .exists(names)
      .call('OBJECT', 'REFCOUNT', 'name:299')
      .exec();
    expect(outcomes.map(([error]) => error)).toEqual([null, null, null, null, null, null]);
    expect(outcomes.slice(0, 5).map(([, reply]) => reply)).toEqual(['OK', names.map((_, i) => `${i}`), 300, 250, 50]);
  });

  it('is accepted as arrays, and has commands by name', async () => {
    const pipeline = client.pipeline([
      ['set', 'a', '1'],
      ['GET', 'a'],
    ]);
    expect(await pipeline.call('incr', 'a').callBuffer('get', 'a').add(command.append('a', 'x')).exec()).toEqual([
      [null, 'OK'],
      [null, '1'],
      [null, 2],
      [null, Buffer.from('2')],
      [null, 2],
    ]);
  });

  it('finds mistakes in the outcomes and sends the rest', async () => {
    const [wrong, right, refused] = await client.pipeline().call('GET').set('a', 1).call('SELECT', '1').exec();
    expect(wrong[0]).toBeInstanceOf(UsageError);
    expect(right).toEqual([null, 'OK']);
    expect(refused[0]).toBeInstanceOf(UsageError);
    expect(await client.pipeline().exec()).toEqual([]);
  });

  it('is executed once', async () => {
    const pipeline = client.pipeline().incr('a');
    await pipeline.exec();
    await expect(pipeline.exec()).rejects.toBeInstanceOf(UsageError);
    expect(await client.get('a')).toBe('1');
  });

  it('keeps its place among commands of the same key that are not awaited', async () => {
    const before = client.append('log', '1');
    const inside = client.pipeline().append('log', '2').append('log', '3').exec();
    const after = client.append('log', '4');
    await Promise.all([before, inside, after]);
    expect(await client.get('log')).toBe('1234');
  });

  it('puts the prefix before keys, and gives the same replies under protocol 3', async () => {
    const prefixed = new ClusterClient(cluster.addresses[0] ?? '', { keyPrefix: 'app:', protocol: 3 });
    try {
      const run = (on: ClusterClient, key: string) =>
        on
          .pipeline()
          .zadd(key, 1.5, 'one')
          .zrange(key, 0, -1, 'WITHSCORES')
          .zscore(key, 'one')
          .hset(`h${key}`, 'f', 1)
          .hgetall(`h${key}`)
          .exec();
      expect(await run(prefixed, 'z')).toEqual(await run(client, 'z'));
      expect(await client.exists('app:z', 'app:hz')).toBe(2);
    } finally {
      await prefixed.close();
    }
  });

  it('holds nobody up while one of its commands blocks', async () => {
    const pipeline = client.pipeline().set('a', 1).blpop('queue', 0).get('a').exec();
    expect(await client.get('a')).toBe('1');
    await client.rpush('queue', 'job');
    expect(await pipeline).toEqual([
      [null, 'OK'],
      [null, ['queue', 'job']],
      [null, '1'],
    ]);
  });

  it('waits for the cluster like any command', async () => {
    const early = new ClusterClient(cluster.addresses[1] ?? '');
    expect(await early.pipeline().set('a', 1).mget('a', 'b').exec()).toEqual([
      [null, 'OK'],
      [null, ['1', null]],
    ]);
    await early.close();
  });

  it('tells of every command when the client is closed, or the caller gives up', async () => {
    const gone = new ClusterClient(cluster.addresses[0] ?? '');
    await gone.connect();
    gone.destroy();
    for (const [error] of await gone.pipeline().get('a').set('b', 1).exec())
      expect(error).toBeInstanceOf(ClientClosedError);

    const giveUp = new AbortController();
    const pipeline = client.with({ signal: giveUp.signal }).pipeline();
    for (const name of names) pipeline.get(name);
    const outcomes = pipeline.exec();
    giveUp.abort();
    for (const [error] of await outcomes) expect(error).toBeInstanceOf(CommandAbortedError);
    expect(client.pending).toBe(0);
  });
});

describe('a large pipeline', () => {
  it('of 300,000 commands is written in bounded pieces and takes a bounded part of what may be pending', async () => {
    const count = 300_000;
    const pipeline = client.pipeline();
    for (let i = 0; i < count; i++) pipeline.set(`large:${i}`, `value ${i}`);
    await client.ping();
    const writes = spyOnWrites();
    let mostPending = 0;
    const timer = setInterval(() => {
      mostPending = Math.max(mostPending, client.pending);
    }, 1);
    const outcomes = await pipeline.exec();
    clearInterval(timer);
    expect(outcomes.length).toBe(count);
    expect(outcomes.filter(([error, reply]) => error !== null || reply !== 'OK')).toEqual([]);
    expect(await client.dbsize()).toBe(count);
    expect(mostPending).toBeLessThan(10_000);
    const sizes = [...writes.values()].flat();
    expect(Math.max(...sizes)).toBeLessThan(512 * 1024);
  });

  it('may have more commands than may be pending, and leaves room for others', async () => {
    const small = new ClusterClient(cluster.addresses[0] ?? '', { maxPending: 50 });
    try {
      const pipeline = small.pipeline();
      for (let i = 0; i < 5_000; i++) pipeline.incr(`counter:${i % 10}`);
      const outcomes = await pipeline.exec();
      expect(outcomes.filter(([error]) => error !== null)).toEqual([]);
      expect(await client.mget(Array.from({ length: 10 }, (_, i) => `counter:${i}`))).toEqual(Array(10).fill('500'));
    } finally {
      await small.close();
    }
  });

  it('may be larger than what may wait for a cluster that is not known yet', async () => {
    const early = new ClusterClient(cluster.addresses[0] ?? '', { maxPendingBytes: 50_000 });
    try {
      const pipeline = early.pipeline();
      for (let i = 0; i < 1_000; i++) pipeline.set(`early:${i}`, 'x'.repeat(1_000));
      const outcomes = pipeline.exec();
      expect(early.pendingBytes).toBeLessThan(60_000);
      expect((await outcomes).filter(([error]) => error !== null)).toEqual([]);
    } finally {
      await early.close();
    }
  });

  it('of long values waits for answers by their bytes', async () => {
    const value = 'x'.repeat(1024 * 1024);
    const pipeline = client.pipeline();
    for (let i = 0; i < 64; i++) pipeline.set(`long:${i}`, value);
    const outcomes = pipeline.exec();
    expect(client.pending).toBeLessThan(10);
    expect((await outcomes).filter(([error]) => error !== null)).toEqual([]);
  });
});
