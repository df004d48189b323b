import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { keySlot } from '../../src/slots/key-slot.ts';
import { startCluster, type TestCluster } from '../../src/testing/index.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startCluster({ masters: 3, replicas: 0 });
});
afterAll(() => cluster.stop());

/** Around every length at which a value is written or read in another way, and beyond what a socket takes at once. */
const lengths = [
  0, 20, 21, 512, 513, 1_000, 16_384, 16_385, 65_535, 65_536, 80_000, 99_999, 100_000, 300_000, 5_000_000,
];
const units = { ASCII: 'abcdefghij', 'characters beyond ASCII': 'größe — 大きさ 🎉 ' };

describe.each([2, 3] as const)('values of any length under RESP%i', (protocol) => {
  let client: ClusterClient;
  beforeAll(async () => {
    client = new ClusterClient(cluster.addresses, { protocol });
    await client.flushall();
  });
  afterAll(() => client.close());

  it.each(Object.entries(units))('come back as they were sent: %s', async (kind, unit) => {
    const values = lengths.map((length) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length));
    const keys = values.map((value) => `${kind}:${value.length}`);
    // All at once, so that long and short ones share their connections.
    await Promise.all(values.map((value, i) => client.set(keys[i] as string, value)));
    const [texts, buffers, together] = await Promise.all([
      Promise.all(keys.map((key) => client.get(key))),
      Promise.all(keys.map((key) => client.getBuffer(key))),
      client.mget(keys),
    ]);
    // Compared as a whole: the difference of two such texts would take longer to print than to find.
    expect(texts.map((text, i) => text === values[i])).toEqual(values.map(() => true));
    expect(buffers.map((bytes, i) => bytes?.equals(Buffer.from(values[i] as string)))).toEqual(values.map(() => true));
    expect(together.map((text, i) => text === values[i])).toEqual(values.map(() => true));
  });

  it('come back as they were sent: bytes', async () => {
    const values = lengths.map((length) => Buffer.alloc(length, Buffer.from([0, 255, 13, 10, 195])));
    const keys = values.map((value) => `bytes:${value.length}`);
    const isSet = values.map((value, i) => client.set(keys[i] as string, value));
    // Few bytes are the client's own from the call on; the caller may use their memory anew at once.
    const scratch = Buffer.from('first');
    const reused = [client.set('reused:1', scratch)];
    scratch.write('again');
    reused.push(client.set('reused:2', scratch));
    const pipeline = client.pipeline().set('reused:3', scratch);
    scratch.fill('#');
    await Promise.all([...isSet, ...reused, pipeline.exec()]);
    const replies = await Promise.all(keys.map((key) => client.getBuffer(key)));
    expect(replies.map((bytes, i) => bytes?.equals(values[i] as Buffer))).toEqual(values.map(() => true));
    expect(await client.mget('reused:1', 'reused:2', 'reused:3')).toEqual(['first', 'again', 'again']);
  });
});

describe('a transaction larger than what a socket takes at once', () => {
  it.each([
    [12, 1_000_000],
    [200, 50_000],
    [1_000, 20_000],
  ])('is executed: %i values of %i bytes', async (count, length) => {
    const client = new ClusterClient(cluster.addresses);
    try {
      const transaction = client.multi();
      for (let i = 0; i < count; i++) transaction.set(`{large}:${i}`, Buffer.alloc(length, `${i},`));
      const outcomes = await transaction.exec();
      expect(outcomes.every(([error, reply]) => error === null && reply === 'OK')).toBe(true);
      const last = await client.getBuffer(`{large}:${count - 1}`);
      expect(last?.equals(Buffer.alloc(length, `${count - 1},`))).toBe(true);
    } finally {
      await client.close();
    }
  });
});

describe('a master that reads nothing for a while', () => {
  it('gets everything in order afterwards, whatever the socket would not take', async () => {
    const client = new ClusterClient(cluster.addresses);
    try {
      await client.set('{slow}', '');
      const master = await cluster.masterOf(keySlot('{slow}'));
      const part = (i: number): string => `${i}:${(i % 3 === 0 ? 'ö' : 'o').repeat(100_000)};`;
      const count = 100;
      await cluster.pause(master);
      const lengthsSeen: Promise<number | bigint>[] = [];
      for (let i = 0; i < count; i++) {
        const value = part(i);
        lengthsSeen.push(client.append('{slow}', i % 2 === 0 ? value : Buffer.from(value)));
      }
      await new Promise((resolve) => setImmediate(resolve));
      expect(client.pendingBytes).toBeGreaterThan(1_000_000);
      await cluster.resume(master);
      await Promise.all(lengthsSeen);
      const expected = Array.from({ length: count }, (_, i) => part(i)).join('');
      expect((await client.get('{slow}')) === expected).toBe(true);
      expect(client.pendingBytes).toBe(0);
    } finally {
      await client.close();
    }
  });
});
