import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { ClusterError, ProtocolError } from '../../src/errors.ts';
import { FakeNode, type FakeRange, fakeId } from '../helpers/fake-node.ts';
import { encodeReply, errorReply, simpleReply } from '../helpers/fake-reply.ts';
import { executedOf } from '../helpers/load-model.ts';
import { keyInSlot, openSockets, until } from '../helpers/watch-cluster.ts';

const MEBIBYTE = 1024 * 1024;

/** Bytes that are no answer to SET. A server that sends them is not believed a word. */
const badReplies: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['garbage', Buffer.from('GET / HTTP/1.1\r\nHost: example\r\n\r\n')],
  ['bytes of all values', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
  ['an integer with letters behind it', Buffer.from(':12abc\r\n')],
  ['an integer without digits', Buffer.from(':\r\n')],
  ['a length that is none', Buffer.from('$abc\r\n')],
  ['a negative length', Buffer.from('$-7\r\n')],
  ['an absurd string length', Buffer.from('$99999999999999999999\r\nx')],
  ['an absurd array length', Buffer.from('*4294967295\r\n')],
  ['deep nesting', Buffer.from('*1\r\n'.repeat(100_000))],
  ['a megabyte without a line end', Buffer.concat([Buffer.from('+'), Buffer.alloc(MEBIBYTE, 'x')])],
  ['a string without its end', Buffer.from('$3\r\nabcdef\r\n')],
  ['more replies than commands', Buffer.from('+OK\r\n+OK\r\n+OK\r\n')],
];

const badRedirects: readonly string[] = [
  'MOVED',
  'MOVED abc 127.0.0.1:7000',
  'MOVED 0',
  'MOVED 0 nonsense',
  'MOVED -1 127.0.0.1:7000',
  'MOVED 16384 127.0.0.1:7000',
  'MOVED 99999 127.0.0.1:7000',
  'MOVED __proto__ 127.0.0.1:7000',
  'MOVED constructor 127.0.0.1:7000',
  'MOVED 0 127.0.0.1:0',
  'MOVED 0 127.0.0.1:65536',
  'MOVED 0 127.0.0.1:',
  'MOVED 5 127.0.0.1:7000',
  'ASK __proto__ 127.0.0.1:7000',
  'ASK 0',
];

describe('a hostile or broken peer', () => {
  const key = keyInSlot(0);
  const other = keyInSlot(16_383);
  const ends: (() => unknown)[] = [];
  /** Serves the lower half of the slots, and is the one that misbehaves. */
  let bad: FakeNode;
  let good: FakeNode;
  let client: ClusterClient;
  let table: readonly FakeRange[];
  const crashes: unknown[] = [];
  const onCrash = (error: unknown): void => void crashes.push(error);

  beforeEach(async () => {
    process.on('unhandledRejection', onCrash);
    process.on('uncaughtExceptionMonitor', onCrash);
    bad = await FakeNode.start();
    good = await FakeNode.start();
    ends.push(
      () => bad.stop(),
      () => good.stop(),
    );
    table = [
      { start: 0, end: 8_191, nodes: [bad.entry] },
      { start: 8_192, end: 16_383, nodes: [good.entry] },
    ];
    for (const node of [bad, good]) {
      node.slots = table;
      node.on('GET', ({ args }) => encodeReply(args[0] ?? ''));
      node.on('SET', () => simpleReply('OK'));
      node.on('INCR', () => encodeReply(1));
    }
    client = new ClusterClient(good.address);
    ends.push(() => client.destroy());
    await Promise.all([client.get(key), client.get(other)]);
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', onCrash);
    process.off('uncaughtExceptionMonitor', onCrash);
    expect(crashes.splice(0)).toEqual([]);
    expect(Object.keys(Array.prototype)).toEqual([]);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  async function failureOf(promise: Promise<unknown>): Promise<unknown> {
    return promise.then(
      (reply) => new Error(`answered ${String(reply)}`),
      (error: unknown) => error,
    );
  }

  /** Whoever else uses the client notices nothing, and the bad one is used again when it behaves. */
  async function expectUnharmed(): Promise<void> {
    expect(await client.get(other)).toBe(other);
    expect(await client.get(key)).toBe(key);
    expect(await client.set(key, '1')).toBe('OK');
    expect(client.pending).toBe(0);
    expect(client.topology.uncoveredSlots).toBe(0);
    expect(client.topology.masters().map((node) => node.port)).toEqual(expect.arrayContaining([bad.port, good.port]));
  }

  for (const [name, bytes] of badReplies) {
    it(`that sends ${name}: a clear error for what was in flight there, nothing else`, async () => {
      bad.next('SET', () => bytes);
      const [error, elsewhere] = await Promise.all([
        failureOf(client.with({ timeoutMs: 1_000 }).set(key, '1')),
        client.get(other),
      ]);
      expect(elsewhere).toBe(other);
      // Its own connection, and the one that was its client's first.
      expect(good.accepted).toBeLessThanOrEqual(2);
      if (name === 'more replies than commands') expect(String(error)).toContain('answered OK');
      else if (name !== 'a string without its end') {
        expect(error).toBeInstanceOf(ProtocolError);
        expect(error).toMatchObject({ code: 'PROTOCOL', command: 'SET', address: bad.address, executed: 'unknown' });
      }
      await expectUnharmed();
    });
  }

  it('that sends half a reply and nothing more: its caller waits no longer than its time', async () => {
    bad.next('SET', () => Buffer.from('$100\r\nonly the beg'));
    const error = await failureOf(client.with({ timeoutMs: 300 }).set(key, '1'));
    expect(error).toMatchObject({ code: 'TIMEOUT', executed: 'unknown' });
    bad.cut();
    await expectUnharmed();
  });

  it('that sends an endless string: memory stays bounded by what has arrived', async () => {
    const chunk = Buffer.alloc(MEBIBYTE, 'x');
    bad.next('GET', () => Buffer.concat([Buffer.from('$500000000\r\n'), chunk]));
    const before = process.memoryUsage().rss;
    const reply = failureOf(client.with({ timeoutMs: 400 }).get(key));
    await until('the string has begun', () => bad.received('GET').length === 2);
    await new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < 32; i++) bad.sendRaw(chunk);
    expect(await reply).toMatchObject({ code: 'TIMEOUT' });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MEBIBYTE);
    bad.cut();
    await expectUnharmed();
  });

  it('that talks without being asked', async () => {
    bad.sendRaw('+hello\r\n');
    await until('the connection is dropped', () => bad.connections === 0);
    await expectUnharmed();
  });

  for (const text of badRedirects) {
    it(`that answers ${text}`, async () => {
      bad.next('SET', () => errorReply(text));
      const error = await failureOf(client.set(key, '1'));
      expect(error).toBeInstanceOf(ProtocolError);
      expect(error).toMatchObject({ code: 'PROTOCOL', command: 'SET', slot: 0, executed: 'no', address: bad.address });
      await expectUnharmed();
    });
  }

  it('MOVED to and fro without end fails, saying so, and no faster than nodes could come to agree', async () => {
    bad.on('SET', () => errorReply(`MOVED 0 ${good.address}`));
    good.on('SET', () => errorReply(`MOVED 0 ${bad.address}`));
    const startedAt = performance.now();
    const error = await failureOf(client.set(key, '1'));
    expect(error).toBeInstanceOf(ClusterError);
    expect(error).toMatchObject({ code: 'TOO_MANY_REDIRECTS', executed: 'no', command: 'SET', slot: 0 });
    expect(performance.now() - startedAt).toBeGreaterThan(500);
    expect(bad.received('SET').length + good.received('SET').length).toBeLessThanOrEqual(20);
    bad.on('SET', () => simpleReply('OK'));
    await expectUnharmed();
  });

  it('ASK in circles fails likewise', async () => {
    bad.on('SET', () => errorReply(`ASK 0 ${good.address}`));
    good.on('SET', () => errorReply(`ASK 0 ${bad.address}`));
    const error = await failureOf(client.set(key, '1'));
    expect(error).toMatchObject({ code: 'TOO_MANY_REDIRECTS', executed: 'no' });
    bad.on('SET', () => simpleReply('OK'));
    await expectUnharmed();
  });

  it('MOVED to itself: a new connection is tried', async () => {
    bad.next('SET', () => errorReply(`MOVED 0 ${bad.address}`));
    const { accepted } = bad;
    expect(await client.set(key, '1')).toBe('OK');
    expect(bad.accepted).toBe(accepted + 1);
    await expectUnharmed();
  });

  it('MOVED to a thousand addresses leaves no nodes and no sockets behind', async () => {
    const sockets = openSockets();
    let n = 0;
    bad.on('SET', () => errorReply(`MOVED 0 127.0.0.${2 + (n++ % 250)}:${1 + (n % 60_000)}`));
    const view = client.with({ timeoutMs: 1_500 });
    const errors = await Promise.all(Array.from({ length: 200 }, () => failureOf(view.set(key, '1'))));
    // What is on its way when its time is over has not been answered: of that nobody knows.
    for (const error of errors) {
      expect(executedOf(error)).toBe(String(error).includes('no answer from') ? 'unknown' : 'no');
    }
    bad.on('SET', () => simpleReply('OK'));
    expect(await client.set(key, '1')).toBe('OK');
    await expectUnharmed();
    await until('the sockets are gone', () => openSockets() <= sockets + 2, 15_000);
    expect(client.topology.masters()).toHaveLength(2);
  });

  /** `node` is a node of the cluster as CLUSTER SLOTS lists it: what names none is another cluster's table. */
  const badTables: readonly (readonly [name: string, reply: (node: unknown) => unknown])[] = [
    ['an empty list', () => []],
    ['null', () => null],
    ['a number', () => 7],
    ['a string', () => 'slots'],
    ['a list of nulls', () => [null, null]],
    ['slots beyond the last', (node) => [[0, 4_294_967_295, node]]],
    ['slots below the first', (node) => [[-5, 10, node]]],
    ['a range that ends before it begins', (node) => [[10, 5, node]]],
    ['slots that are words', (node) => [['__proto__', 'constructor', node]]],
    ['nodes without a port', () => [[0, 16_383, ['127.0.0.1']]]],
    ['more ranges than there are slots', (node) => Array.from({ length: 20_000 }, () => [0, 0, node])],
    [
      'more nodes than a cluster can have',
      (node) => [[0, 16_383, node, ...Array.from({ length: 30_000 }, (_, n) => ['127.0.0.1', 1 + n, fakeId(1 + n)])]],
    ],
    ['another cluster', () => [[0, 16_383, ['127.0.0.1', 7000, 'f'.repeat(40)]]]],
  ];
  for (const [name, reply] of badTables) {
    it(`that answers CLUSTER SLOTS with ${name}: the table that is known stays`, async () => {
      const { version } = client.topology;
      let asked = 0;
      for (const node of [bad, good]) {
        node.on('CLUSTER', ({ args }) => {
          asked++;
          if (args[0]?.toUpperCase() === 'INFO') return encodeReply('cluster_current_epoch:1\r\n');
          return encodeReply(reply(['127.0.0.1', bad.port, fakeId(bad.port)]));
        });
      }
      bad.next('SET', () => errorReply('CLUSTERDOWN The cluster is down'));
      expect(await client.set(key, '1')).toBe('OK');
      await until('the liar was asked', () => asked > 2);
      await expectUnharmed();
      expect(client.topology.version).toBe(version);
    });
  }

  it('holes, duplicates and nodes without address in CLUSTER SLOTS: the rest of it is used', async () => {
    const rows = [
      [0, 4_095, ['', bad.port, fakeId(bad.port)], [null, good.port, fakeId(good.port)]],
      [0, 4_095, ['127.0.0.1', good.port, fakeId(good.port)]],
      [4_096, 8_191, ['?', bad.port, fakeId(bad.port)]],
      [8_192, 16_383, ['127.0.0.1', good.port, fakeId(good.port)], null, ['127.0.0.1', 0, '']],
    ];
    for (const node of [bad, good]) {
      node.on('CLUSTER', ({ args }) =>
        args[0]?.toUpperCase() === 'SLOTS' ? encodeReply(rows) : encodeReply('cluster_current_epoch:2\r\n'),
      );
    }
    bad.next('SET', () => errorReply('CLUSTERDOWN The cluster is down'));
    expect(await client.set(key, '1')).toBe('OK');
    await until('the new table is there', () => client.topology.uncoveredSlots === 4_096);
    expect(client.topology.shardOf(0)?.master.port).toBe(bad.port);
    expect(client.topology.shardOf(0)?.replicas.map((node) => node.port)).toEqual([good.port]);
    expect(client.topology.shardOf(16_383)?.master.port).toBe(good.port);
    expect(await client.get(key)).toBe(key);
    expect(await client.get(other)).toBe(other);
    const error = await failureOf(client.with({ timeoutMs: 200 }).get(keyInSlot(5_000)));
    expect(String(error)).toContain('no master serves slot 5000');
  });
});
