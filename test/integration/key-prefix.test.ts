import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { startCluster } from '../../src/testing/start-cluster.ts';
import type { TestCluster } from '../../src/testing/test-cluster.ts';

let cluster: TestCluster;
/** With the prefix `app:`. */
let client: ClusterClient;
/** Without one: sees keys as the servers have them. */
let plain: ClusterClient;

beforeAll(async () => {
  cluster = await startCluster({ masters: 3, replicas: 0 });
  const [seed = ''] = cluster.addresses;
  client = new ClusterClient(seed, { keyPrefix: 'app:' });
  plain = new ClusterClient(seed);
});

afterAll(async () => {
  client?.destroy();
  plain?.destroy();
  await cluster?.stop();
});

beforeEach(async () => {
  await plain.flushall();
});

async function storedKeys(): Promise<string[]> {
  return (await plain.keys('*')).sort();
}

describe('keyPrefix', () => {
  it('stands before a key, and not before its value', async () => {
    await client.set('a', 'b', 'EX', 100);
    expect(await plain.get('app:a')).toBe('b');
    expect(await client.get('a')).toBe('b');
    expect(await client.getBuffer(Buffer.from('a'))).toEqual(Buffer.from('b'));
    await client.hset('h', { app: 'field' });
    expect(await plain.hgetall('app:h')).toEqual({ app: 'field' });
    await client.set(Buffer.from([0xff]), 'bytes');
    expect(await plain.get(Buffer.from('app:\xff', 'latin1'))).toBe('bytes');
  });

  it('stands before each key of commands that are split over the slots', async () => {
    const keys = Array.from({ length: 30 }, (_, i) => `key:${i}`);
    await client.mset(new Map(keys.map((key, i) => [key, i])));
    expect(await storedKeys()).toEqual(keys.map((key) => `app:${key}`).sort());
    expect(await client.mget(keys)).toEqual(keys.map((_, i) => String(i)));
    expect(await client.exists(keys)).toBe(30);
    expect(await client.touch(...keys.slice(0, 5))).toBe(5);
    expect(await client.unlink('key:1', 'key:2')).toBe(2);
    expect(await client.del(keys)).toBe(28);
    expect(await storedKeys()).toEqual([]);
  });

  it('stands before the keys that commands have at odd places', async () => {
    const lua = 'redis.call("SET", KEYS[1], ARGV[1]) return {KEYS[1], ARGV[1]}';
    expect(await client.eval(lua, 1, 'k', 'v')).toEqual(['app:k', 'v']);
    await client.xgroup('CREATE', 's', 'group', '$', 'MKSTREAM');
    const id = await client.xadd('s', '*', 'f', 'v');
    expect(await client.xread('COUNT', 1, 'STREAMS', 's', '0')).toEqual([['app:s', [[id, ['f', 'v']]]]]);
    expect(await client.xreadgroup('GROUP', 'group', 'me', 'STREAMS', 's', '>')).toEqual([
      ['app:s', [[id, ['f', 'v']]]],
    ]);
    await client.zadd('{z}1', 1, 'one');
    await client.zadd('{z}2', 2, 'two');
    expect(await client.zunionstore('{z}3', 2, '{z}1', '{z}2', 'WEIGHTS', 1, 10)).toBe(2);
    expect(await plain.zrange('app:{z}3', 0, -1, 'WITHSCORES')).toEqual(['one', '1', 'two', '20']);
    expect(await client.zinter(2, '{z}1', '{z}3')).toEqual(['one']);
    expect(await client.object('ENCODING', 'k')).toBe('embstr');
    expect(await client.memory('USAGE', 'k')).toBeGreaterThan(0);
    await client.geoadd('{g}1', 13.4, 52.5, 'Berlin');
    expect(await client.georadius('{g}1', 13, 52, 500, 'km', 'STORE', '{g}2')).toBe(1);
    expect(await storedKeys()).toEqual(['app:k', 'app:s', 'app:{g}1', 'app:{g}2', 'app:{z}1', 'app:{z}2', 'app:{z}3']);
  });

  it('stands before the keys of SORT, and not before the word that stops it from sorting', async () => {
    await client.rpush('{l}ids', 1, 2);
    await client.sort('{l}ids', 'ALPHA', 'STORE', '{l}sorted');
    expect(await plain.lrange('app:{l}sorted', 0, -1)).toEqual(['1', '2']);
    expect(await client.sort('{l}ids', 'BY', 'nosort')).toEqual(['1', '2']);
  });

  it('stands before the keys of blocking commands, pipelines, transactions and scripts', async () => {
    const popped = client.blpop('queue', 5);
    await plain.rpush('app:queue', 'job');
    expect(await popped).toEqual(['app:queue', 'job']);
    await client.pipeline().set('p:1', 'x').set('p:2', 'y').exec();
    await client.multi().set('{t}1', 'x').exec();
    const script = client.defineScript('return redis.call("SET", KEYS[1], ARGV[1])', { keys: 1 });
    await script('d', 'x');
    expect(await storedKeys()).toEqual(['app:d', 'app:p:1', 'app:p:2', 'app:{t}1']);
  });

  it('stands before nothing but keys', async () => {
    await plain.mset({ 'app:a': 1, b: 2 });
    expect((await client.keys('*')).sort()).toEqual(['app:a', 'b']);
    expect(await client.keys('app:*')).toEqual(['app:a']);
    expect(await client.echo('a')).toBe('a');
    expect(await client.publish('channel', 'a')).toBe(0);
    expect(await client.config('GET', 'maxmemory')).toEqual(['maxmemory', '0']);
    expect(await client.nodeFor('a').get('a')).toBe('1');
  });
});
