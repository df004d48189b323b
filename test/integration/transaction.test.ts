import { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { BatchError, ClusterClient, CrossSlotError, command, keySlot, UsageError } from '../../src/index.ts';
import { startCluster, type TestCluster } from '../../src/testing/index.ts';
import { holdHalfMoved } from '../helpers/half-moved.ts';
import { executedCalls, sumOver } from '../helpers/server-counters.ts';
import { until } from '../helpers/watch-cluster.ts';

let cluster: TestCluster;
let client: ClusterClient;

beforeAll(async () => {
  cluster = await startCluster({ replicas: 1 });
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

const multis = async (): Promise<number> => sumOver(await cluster.masters(), (node) => executedCalls(node, 'multi'));

describe('a transaction', () => {
  it('gives each reply as an error and reply pair, in order and typed', async () => {
    const outcomes = await client
      .multi()
      .set('{cart}:total', 10)
      .incrby('{cart}:total', 5)
      .getBuffer('{cart}:total')
      .get('{cart}:total')
      .hset('{cart}:tea', { price: 5 })
      .hgetall('{cart}:tea')
      .ping()
      .exec();
    expect(outcomes).toEqual([
      [null, 'OK'],
      [null, 15],
      [null, Buffer.from('15')],
      [null, '15'],
      [null, 1],
      [null, { price: '5' }],
      [null, 'PONG'],
    ]);
    const [, total] = outcomes;
    if (total[0] === null) expect(Number(total[1]) * 2).toBe(30);
  });

  it('gives the same replies under protocol 3', async () => {
    const other = new ClusterClient(cluster.addresses[1] ?? '', { protocol: 3 });
    try {
      const run = (on: ClusterClient) =>
        on
          .multi()
          .zadd('{z}', 1.5, 'one', 2, 'two')
          .zrange('{z}', 0, -1, 'WITHSCORES')
          .zscoreBuffer('{z}', 'one')
          .zscore('{z}', 'two')
          .hset('{z}h', 'field', 'value')
          .hgetall('{z}h')
          .hgetallBuffer('{z}h')
          .del('{z}', '{z}h')
          .exec();
      expect(await run(other)).toEqual(await run(client));
    } finally {
      await other.close();
    }
  });

  it('leaves in one write', async () => {
    await client.get('a');
    const writes = vi.spyOn(Socket.prototype, 'write');
    await client.multi().set('a', 1).incr('a').get('a').exec();
    expect(writes).toHaveBeenCalledTimes(1);
  });

  it('is executed as one: no other command comes between', async () => {
    const other = new ClusterClient(cluster.addresses[1] ?? '');
    try {
      await other.connect();
      const rounds = Array.from({ length: 200 }, () => client.multi().incr('n').incr('n').incr('n').exec());
      const others = Array.from({ length: 200 }, () => other.multi().incr('n').incr('n').exec());
      for (const outcomes of [...(await Promise.all(rounds)), ...(await Promise.all(others))]) {
        const numbers = outcomes.map(([, reply]) => Number(reply));
        numbers.forEach((number, i) => {
          expect(number).toBe((numbers[0] ?? 0) + i);
        });
      }
      expect(await client.get('n')).toBe('1000');
    } finally {
      await other.close();
    }
  });

  it('keeps its place among commands of its slot that are not awaited', async () => {
    const all = [
      client.append('log', '1'),
      client.multi().append('log', '2').append('log', '3').exec(),
      client.append('log', '4'),
      client.pipeline().append('log', '5').exec(),
      client.multi().append('log', '6').exec(),
    ];
    await Promise.all(all);
    expect(await client.get('log')).toBe('123456');
  });

  it('refuses keys of several slots before anything is sent, naming the slots and not the keys', async () => {
    const before = await multis();
    const failure = client.multi().set('first', 1).ping().set('second', 2).exec();
    await expect(failure).rejects.toBeInstanceOf(CrossSlotError);
    await expect(failure).rejects.toThrow(`(${keySlot('first')} and ${keySlot('second')})`);
    await expect(failure).rejects.not.toThrow(/first|second/);
    await expect(client.multi().mset({ first: 1, second: 2 }).exec()).rejects.toBeInstanceOf(CrossSlotError);
    expect(await multis()).toBe(before);
  });

  it('executes the others when one fails', async () => {
    await client.set('{x}text', 'text');
    const outcomes = await client.multi().set('{x}a', 1).incr('{x}text').incr('{x}a').exec();
    expect(outcomes).toMatchObject([
      [null, 'OK'],
      [{ name: 'ReplyError', code: 'ERR', executed: 'yes', command: 'INCR' }, undefined],
      [null, 2],
    ]);
  });

  it('executes nothing when a server refuses one', async () => {
    const failure = client.multi().set('a', 1).call('NOSUCH', 'a').exec();
    await expect(failure).rejects.toMatchObject({
      name: 'ReplyError',
      code: 'EXECABORT',
      executed: 'no',
      cause: { code: 'ERR', executed: 'no' },
    });
    expect(await client.exists('a')).toBe(0);
    await expect(client.multi().set('a', 1).call('GET').exec()).rejects.toBeInstanceOf(UsageError);
    await expect(client.multi().set('a', 1).call('WATCH', 'a').exec()).rejects.toBeInstanceOf(UsageError);
    expect(await client.get('a')).toBeNull();
  });

  it('is accepted as arrays, and can be empty or discarded', async () => {
    expect(
      await client
        .multi([['set', 'a', 1]])
        .call('incr', 'a')
        .exec(),
    ).toEqual([
      [null, 'OK'],
      [null, 2],
    ]);
    expect(await client.multi().exec()).toEqual([]);
    expect((await client.multi().time().exec())[0]?.[0]).toBeNull();
    const discarded = client.multi().set('a', 7);
    discarded.discard();
    await expect(discarded.exec()).rejects.toBeInstanceOf(UsageError);
    expect(await client.get('a')).toBe('2');
  });

  it('as a list of calls resolves with the typed replies alone', async () => {
    const [set, total] = await client.transaction([command.set('{t}a', 1), command.incrby('{t}a', 2)]);
    expect([set, Number(total)]).toEqual(['OK', 3]);
    await client.set('{t}text', 'text');
    const failure = client.transaction([command.incr('{t}a'), command.incr('{t}text')]);
    await expect(failure).rejects.toBeInstanceOf(BatchError);
    await expect(failure).rejects.toMatchObject({
      executed: 'yes',
      outcomes: [
        [null, 4],
        [{ code: 'ERR' }, undefined],
      ],
    });
    await expect(client.transaction([command.get('a'), command.get('b')])).rejects.toBeInstanceOf(CrossSlotError);
  });

  it('puts the prefix before keys, and reads on masters also where reads go to replicas', async () => {
    const prefixed = new ClusterClient(cluster.addresses[0] ?? '', { keyPrefix: 'app:', readFrom: 'replica' });
    try {
      expect(await prefixed.multi().set('{a}', 1).get('{a}').exec()).toEqual([
        [null, 'OK'],
        [null, '1'],
      ]);
      expect(await prefixed.multi().get('{a}').exec()).toEqual([[null, '1']]);
      expect(await client.get('app:{a}')).toBe('1');
    } finally {
      await prefixed.close();
    }
  });

  it('is aborted by its signal', async () => {
    const reason = new Error('enough');
    const failure = client
      .with({ signal: AbortSignal.abort(reason) })
      .multi()
      .set('a', 1)
      .exec();
    await expect(failure).rejects.toMatchObject({ name: 'CommandAbortedError', executed: 'no', cause: reason });
  });
});

describe('a transaction of a slot on its way', () => {
  const slot = keySlot('{move}');
  const keys = ['{move}1', '{move}2', '{move}3'];
  const read = () => client.multi().mget(keys).exec();

  beforeEach(async () => {
    await client.batch(keys.map((key) => command.set(key, key)));
  });

  it('follows ASK as one when its keys have moved', async () => {
    const asksBefore = client.counters.ask;
    const half = await holdHalfMoved(cluster, slot, { step: 'keys', keysMoved: 3 });
    expect(await read()).toEqual([[null, keys]]);
    expect(await client.multi().set('{move}new', 1).incr('{move}new').exec()).toEqual([
      [null, 'OK'],
      [null, 2],
    ]);
    expect(client.counters.ask).toBeGreaterThan(asksBefore);
    await half.finish();
    expect(await read()).toEqual([[null, keys]]);
    expect(await client.get('{move}new')).toBe('2');
  });

  it('waits for its keys to be on one side, and is then executed once', async () => {
    const half = await holdHalfMoved(cluster, slot, { step: 'keys', keysMoved: 2 });
    const appended = client.multi().append('{move}1', 'x').append('{move}2', 'x').append('{move}3', 'x').exec();
    await until('the client has seen TRYAGAIN', () => client.counters.tryAgain > 0);
    await half.finish();
    expect(await appended).toEqual(keys.map((key) => [null, key.length + 1]));
    expect(await client.mget(keys)).toEqual(keys.map((key) => `${key}x`));
  });

  it('follows MOVED as one, in its place among the other commands of its slot', async () => {
    const half = await holdHalfMoved(cluster, slot, { step: 'given' });
    const before = client.counters.moved;
    const all = [
      client.append('{move}log', '1'),
      client.multi().append('{move}log', '2').append('{move}log', '3').exec(),
      client.append('{move}log', '4'),
    ];
    await Promise.all(all);
    expect(client.counters.moved).toBeGreaterThan(before);
    expect(await client.get('{move}log')).toBe('1234');
    await half.finish();
  });
});
