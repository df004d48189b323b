import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { UsageError } from '../../src/errors.ts';
import { keySlot } from '../../src/slots/key-slot.ts';
import { startCluster } from '../../src/testing/start-cluster.ts';
import type { TestCluster } from '../../src/testing/test-cluster.ts';
import type { TestNode } from '../../src/testing/test-node.ts';
import { executedCalls, sumOver } from '../helpers/server-counters.ts';

const KEYS = 5_000;
const expected = Array.from({ length: KEYS }, (_, i) => `scan:${i}`).sort();

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** All keys by the plain method, and how many calls it took. */
async function walk(client: ClusterClient, ...options: string[]): Promise<{ keys: string[]; calls: number }> {
  const keys: string[] = [];
  let cursor = '0';
  let calls = 0;
  do {
    const [next, page] = (await client.call('SCAN', cursor, ...options)) as [string, string[]];
    keys.push(...page);
    cursor = next;
    calls++;
  } while (cursor !== '0');
  return { keys, calls };
}

describe('scans of a cluster', () => {
  let cluster: TestCluster;
  let client: ClusterClient;
  let scanCommand: 'scan' | 'clusterscan';

  beforeAll(async () => {
    cluster = await startCluster({ masters: 3, replicas: 0 });
    client = new ClusterClient(cluster.addresses[0] ?? '');
    await Promise.all(expected.map((key, i) => client.set(key, `v${i}`)));
    await client.hset('scan-types:hash', { a: '1' });
    const [info] = (await client.call('COMMAND', 'INFO', 'CLUSTERSCAN')) as unknown[];
    scanCommand = info === null ? 'scan' : 'clusterscan';
  });

  afterAll(async () => {
    await client?.close();
    await cluster?.stop();
  });

  const countScans = async (): Promise<number> => {
    const masters = await cluster.masters();
    return sumOver(masters, (node) => executedCalls(node, scanCommand));
  };

  it('iterate over every key of every master', async () => {
    const keys = await collect(client.scanIterator({ match: 'scan:*' }));
    expect([...new Set(keys)].sort()).toEqual(expected);
    expectTypeOf(keys).toEqualTypeOf<string[]>();
  });

  it('give each key once if asked to', async () => {
    const keys = await collect(client.scanIterator({ match: 'scan:*', count: 7, unique: true }));
    expect(keys.sort()).toEqual(expected);
  });

  it('give pages, and Buffers', async () => {
    const pages = await collect(client.scanIterator({ match: 'scan:*', count: 100, batches: true, buffers: true }));
    expectTypeOf(pages).toEqualTypeOf<Buffer[][]>();
    expect(pages.length).toBeGreaterThan(10);
    expect([...new Set(pages.flat().map(String))].sort()).toEqual(expected);
  });

  it('pick keys by type', async () => {
    expect(await collect(client.scanIterator({ type: 'hash' }))).toEqual(['scan-types:hash']);
  });

  it('ask only the node of a hash tag', async () => {
    const tag = '{scan-tag:7}';
    await Promise.all(Array.from({ length: 20 }, (_, i) => client.set(`${tag}:${i}`, 'v')));
    const before = await Promise.all((await cluster.masters()).map((node) => executedCalls(node, scanCommand)));
    const keys = await collect(client.scanIterator({ match: `${tag}:*` }));
    expect(new Set(keys).size).toBe(20);
    const after = await Promise.all((await cluster.masters()).map((node) => executedCalls(node, scanCommand)));
    const asked = (await cluster.masters()).filter((_, i) => after[i] !== before[i]);
    expect(asked).toEqual([await cluster.masterOf(keySlot(tag))]);
  });

  it('ask for no more than is consumed', async () => {
    const before = await countScans();
    const pages = client.scanIterator({ match: 'scan:*', count: 10, batches: true, parallelism: 2 });
    await pages.next();
    await pages.next();
    await new Promise((resolve) => setTimeout(resolve, 200));
    // Two pages taken, and one ahead for each of the two nodes that are asked.
    expect((await countScans()) - before).toBeLessThanOrEqual(6);
    await pages.return();
    const stopped = await countScans();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await countScans()) - stopped).toBeLessThanOrEqual(2);
    expect(client.pending).toBe(0);
  });

  it('end when the loop is left', async () => {
    let count = 0;
    for await (const key of client.scanIterator({ match: 'scan:*' })) {
      expect(key).toMatch(/^scan:/);
      if (++count === 10) break;
    }
    expect(count).toBe(10);
  });

  it('run as a stream of pages', async () => {
    const keys: string[] = [];
    for await (const page of client.scanStream({ match: 'scan:*', count: 200 })) {
      expect(Array.isArray(page)).toBe(true);
      keys.push(...(page as string[]));
    }
    expect([...new Set(keys)].sort()).toEqual(expected);
  });

  it('walk the whole cluster with a cursor that begins and ends at 0', async () => {
    const { keys, calls } = await walk(client, 'MATCH', 'scan:*', 'COUNT', '500');
    expect([...new Set(keys)].sort()).toEqual(expected);
    expect(calls).toBeGreaterThan(5);
    expectTypeOf(await client.scan(0, 'COUNT', 10)).toEqualTypeOf<[cursor: string, keys: string[]]>();
  });

  it('go on from a cursor in another client', async () => {
    const keys: string[] = [];
    let cursor = '0';
    do {
      const other = new ClusterClient(cluster.addresses[1] ?? '');
      const [next, page] = await other.scan(cursor, 'MATCH', 'scan:*', 'COUNT', 2000);
      keys.push(...page);
      cursor = JSON.parse(JSON.stringify(next)) as string;
      await other.close();
    } while (cursor !== '0');
    expect([...new Set(keys)].sort()).toEqual(expected);
  });

  it('refuse a cursor that is none of theirs', async () => {
    for (const cursor of [
      '17',
      'a',
      'abc',
      `a${Buffer.from('{"open":"0-99999","halves":[]}').toString('base64url')}`,
    ]) {
      await expect(client.scan(cursor)).rejects.toThrow(UsageError);
    }
  });

  it('say what is wrong with an option', () => {
    expect(() => client.scanIterator({ count: 0 })).toThrow('option count');
    expect(() => client.scanIterator({ parallelism: 1.5 })).toThrow('option parallelism');
  });

  it('leave a single node its own SCAN', async () => {
    const node = client.nodes('master')[0];
    const reply = await node?.scan('0', 'COUNT', 10);
    expect(reply?.[0]).toMatch(/^\d+$/);
  });

  it('show every key of a slot that rests half-moved', async () => {
    const tag = '{half-moved}';
    const slot = keySlot(tag);
    const names = Array.from({ length: 40 }, (_, i) => `${tag}:${i}`).sort();
    await Promise.all(names.map((name) => client.set(name, 'v')));
    const from = await cluster.masterOf(slot);
    const to = (await cluster.masters()).find((node) => node !== from) as TestNode;
    let checked = 0;
    const onStep = async ({ step }: { readonly step: string }): Promise<void> => {
      if (step !== 'keys' || ++checked !== 2) return;
      expect(await to.call('CLUSTER', 'COUNTKEYSINSLOT', String(slot))).toBe(20);
      const keys = await collect(client.scanIterator({ match: `${tag}:*`, unique: true }));
      expect(keys.sort()).toEqual(names);
      const whole = await collect(client.scanIterator({ unique: true }));
      expect(whole.filter((key) => key.startsWith(tag)).sort()).toEqual(names);
      expect([...new Set((await walk(client, 'MATCH', `${tag}:*`)).keys)].sort()).toEqual(names);
    };
    await cluster.moveSlots(from, to, [slot], { keysPerBatch: 10, onStep });
    expect(checked).toBeGreaterThanOrEqual(2);
    const keys = await collect(client.scanIterator({ match: `${tag}:*`, unique: true }));
    expect(keys.sort()).toEqual(names);
  });

  describe('of one key', () => {
    it('iterate over fields, members and scores', async () => {
      const fields = Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`f${i}`, `v${i}`]));
      await client.hset('scan-elements:hash', fields);
      const got = await collect(client.hscanIterator('scan-elements:hash', { count: 100 }));
      expectTypeOf(got).toEqualTypeOf<[field: string, value: string][]>();
      expect(Object.fromEntries(got)).toEqual(fields);
      await client.sadd('scan-elements:set', ...Object.keys(fields));
      const members = await collect(client.sscanIterator('scan-elements:set', { count: 100, match: 'f1*' }));
      expect(new Set(members)).toEqual(new Set(Object.keys(fields).filter((field) => field.startsWith('f1'))));
      for (let i = 0; i < 300; i++) await client.zadd('scan-elements:zset', i, `m${i}`);
      const scored = await collect(client.zscanIterator('scan-elements:zset', { buffers: true }));
      expect(scored.length).toBeGreaterThanOrEqual(300);
      expect(scored.find(([member]) => member.equals(Buffer.from('m7')))?.[1]).toEqual(Buffer.from('7'));
    });

    it('run as streams of flat pages', async () => {
      const flat: string[] = [];
      for await (const page of client.hscanStream('scan-elements:hash', { count: 50 }))
        flat.push(...(page as string[]));
      expect(flat.length).toBeGreaterThanOrEqual(3000);
      expect(flat[0]).toMatch(/^f\d+$/);
      expect(flat[1]).toBe(`v${flat[0]?.slice(1)}`);
    });

    it('give nothing for a key that is not there, and what the server refuses', async () => {
      expect(await collect(client.sscanIterator('scan-elements:none'))).toEqual([]);
      await expect(collect(client.sscanIterator('scan-elements:hash'))).rejects.toMatchObject({ code: 'WRONGTYPE' });
    });

    it('find every element while their key moves', async () => {
      const key = '{scan-moving}:hash';
      const fields = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`f${i}`, 'v']));
      await client.hset(key, fields);
      const slot = keySlot(key);
      const from = await cluster.masterOf(slot);
      const to = (await cluster.masters()).find((node) => node !== from) as TestNode;
      const found = new Set<string>();
      const iterator = client.hscanIterator(key, { count: 50 });
      for (let i = 0; i < 100; i++) found.add((await iterator.next()).value?.[0] ?? '');
      let checked = false;
      const onStep = async ({ step }: { readonly step: string }): Promise<void> => {
        if (step !== 'keys' || checked) return;
        checked = true;
        // The key has gone ahead of its slot: it answers only with ASKING.
        for (let i = 0; i < 100; i++) found.add((await iterator.next()).value?.[0] ?? '');
      };
      await cluster.moveSlots(from, to, [slot], { onStep });
      expect(checked).toBe(true);
      for await (const [field] of iterator) found.add(field);
      expect(found.size).toBe(2000);
    });
  });
});
