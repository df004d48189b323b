import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { keySlot } from '../../src/slots/key-slot.ts';
import { startCluster } from '../../src/testing/start-cluster.ts';
import type { TestCluster } from '../../src/testing/test-cluster.ts';
import { FakeNode } from '../helpers/fake-node.ts';
import { errorReply, simpleReply } from '../helpers/fake-reply.ts';
import { holdHalfMoved } from '../helpers/half-moved.ts';
import { errorReplies, sumOver } from '../helpers/server-counters.ts';
import { until } from '../helpers/watch-cluster.ts';

let cluster: TestCluster;
const clients: ClusterClient[] = [];

beforeAll(async () => {
  cluster = await startCluster({ replicas: 0 });
});
afterAll(() => cluster.stop());
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

function makeClient(...args: ConstructorParameters<typeof ClusterClient>): ClusterClient {
  const client = new ClusterClient(...args);
  clients.push(client);
  return client;
}

async function readyClient(): Promise<ClusterClient> {
  const client = makeClient(cluster.addresses);
  await client.connect();
  return client;
}

const errorsOf = (code: string) => sumOver(cluster.nodes, (node) => errorReplies(node, code));

/** Appends numbers to the key for as long as the test likes, awaiting none. */
function appender(client: ClusterClient, key: string) {
  const replies: Promise<number>[] = [];
  let expected = '';
  return {
    replies,
    append(count: number): void {
      for (let i = 0; i < count; i++) {
        const text = `${replies.length},`;
        expected += text;
        replies.push(client.append(key, text));
      }
    },
    async expectOrder(): Promise<void> {
      await Promise.all(replies);
      expect(await client.get(key)).toBe(expected);
    },
  };
}

describe('MOVED', () => {
  it('is followed once, and the slot is known from then on', async () => {
    const client = await readyClient();
    const key = 'moved:1';
    await client.set(key, 'before');
    const slot = keySlot(key);
    const source = await cluster.masterOf(slot);
    const target = (await cluster.masters()).find((node) => node !== source);
    if (target === undefined) throw new Error('no other master');
    await cluster.moveSlots(source, target, [slot]);
    const before = await errorsOf('MOVED');
    expect(await client.get(key)).toBe('before');
    expect(client.topology.shardOf(slot)?.master.address).toBe(target.address);
    for (let i = 0; i < 20; i++) await client.set(key, String(i));
    expect((await errorsOf('MOVED')) - before).toBe(1);
  });

  it('keeps the order of what was issued before, during and after, though nobody waited', async () => {
    const client = await readyClient();
    const key = 'moved:order';
    const slot = keySlot(key);
    const source = await cluster.masterOf(slot);
    const target = (await cluster.masters()).find((node) => node !== source);
    if (target === undefined) throw new Error('no other master');
    const numbers = appender(client, key);
    numbers.append(50);
    await Promise.all(numbers.replies);
    await cluster.moveSlots(source, target, [slot]);
    // One write with many commands: the old master redirects each of them, while new ones are issued with every reply.
    numbers.append(200);
    for (let turn = 0; turn < 40; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      numbers.append(5);
    }
    await numbers.expectOrder();
  });

  it('also reaches several keys, scripts and what goes by call()', async () => {
    const client = await readyClient();
    const slot = keySlot('{moved}');
    await client.mset('{moved}a', '1', '{moved}b', '2');
    const source = await cluster.masterOf(slot);
    const target = (await cluster.masters()).find((node) => node !== source);
    if (target === undefined) throw new Error('no other master');
    await cluster.moveSlots(source, target, [slot]);
    const [values, sum, encoding] = await Promise.all([
      client.mget('{moved}a', '{moved}b'),
      client.eval("return redis.call('INCR', KEYS[1])", 1, '{moved}a'),
      client.call('OBJECT', 'ENCODING', '{moved}b'),
    ]);
    expect([values, sum, encoding]).toEqual([['1', '2'], 2, 'int']);
  });
});

describe('ASK', () => {
  it('is followed for keys that have moved or do not exist, and for nothing else', async () => {
    const client = await readyClient();
    const slot = keySlot('{ask}');
    await client.mset('{ask}a', '1', '{ask}b', '2');
    const held = await holdHalfMoved(cluster, slot, { step: 'keys', keysMoved: 1 });
    const [asksBefore, movesBefore] = [await errorsOf('ASK'), await errorsOf('MOVED')];
    expect(await Promise.all([client.get('{ask}a'), client.get('{ask}b'), client.get('{ask}absent')])).toEqual([
      '1',
      '2',
      null,
    ]);
    expect(await client.set('{ask}new', 'made')).toBe('OK');
    expect(await held.target.call('CLUSTER', 'COUNTKEYSINSLOT', slot)).toBe(2);
    // Until the slot has moved the client goes on asking its old master first.
    expect(client.topology.shardOf(slot)?.master.address).toBe(held.source.address);
    expect((await errorsOf('ASK')) - asksBefore).toBe(3);
    expect((await errorsOf('MOVED')) - movesBefore).toBe(0);
    await held.finish();
    expect(await client.mget('{ask}a', '{ask}b', '{ask}new')).toEqual(['1', '2', 'made']);
  });

  it('keeps the order of un-awaited commands on a key, from its begin through ASK to MOVED', async () => {
    const client = await readyClient();
    const key = 'ask:order';
    const numbers = appender(client, key);
    numbers.append(50);
    const held = await holdHalfMoved(cluster, keySlot(key), { step: 'migrating' });
    numbers.append(50);
    const finished = held.finish();
    let isOver = false;
    void finished.then(() => {
      isOver = true;
    });
    while (!isOver) {
      numbers.append(3);
      await new Promise((resolve) => setImmediate(resolve));
    }
    numbers.append(50);
    await numbers.expectOrder();
  });

  it('waits with TRYAGAIN for as long as the keys of one command are on two sides', async () => {
    const client = await readyClient();
    const slot = keySlot('{again}');
    await client.mset('{again}a', '1', '{again}b', '2', '{again}c', '3');
    const held = await holdHalfMoved(cluster, slot, { step: 'keys', keysMoved: 1 });
    const before = await errorsOf('TRYAGAIN');
    let isAnswered = false;
    const values = client.mget('{again}a', '{again}b', '{again}c').then((reply) => {
      isAnswered = true;
      return reply;
    });
    const written = client.mset('{again}a', 'A', '{again}b', 'B');
    // Long enough for more attempts than redirects are followed for one command.
    await until('there were many attempts', async () => (await errorsOf('TRYAGAIN')) - before >= 40);
    expect(isAnswered).toBe(false);
    await held.finish();
    const reply = await values;
    expect([reply[2], await written]).toEqual(['3', 'OK']);
    expect(await client.mget('{again}a', '{again}b', '{again}c')).toEqual(['A', 'B', '3']);
  });

  it('is not the end for several keys of which none exists: both sides turn them away until the slot has moved', async () => {
    const client = await readyClient();
    const slot = keySlot('{none}');
    await client.set('{none}kept', 'x');
    const held = await holdHalfMoved(cluster, slot, { step: 'migrating' });
    const before = await errorsOf('TRYAGAIN');
    const values = client.mget('{none}a', '{none}b');
    await until('there were many attempts', async () => (await errorsOf('TRYAGAIN')) - before >= 40);
    await held.finish();
    expect(await values).toEqual([null, null]);
  });
});

describe('redirects that lead nowhere', () => {
  it('end with an error that says so, and not executed', async () => {
    await using first = await FakeNode.start();
    await using second = await FakeNode.start();
    const slot = keySlot('loop');
    first.on('GET', () => errorReply(`MOVED ${slot} ${second.address}`));
    second.on('GET', () => errorReply(`MOVED ${slot} ${first.address}`));
    const client = makeClient(first.address);
    const failure = await client.get('loop').catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: 'ClusterError',
      code: 'TOO_MANY_REDIRECTS',
      executed: 'no',
      command: 'GET',
      slot,
    });
    expect(first.received('GET').length + second.received('GET').length).toBeLessThan(30);
  });

  it('and a redirect without an address fails its command alone', async () => {
    await using node = await FakeNode.start();
    node.on('GET', () => simpleReply('fine')).next('GET', () => errorReply('MOVED __proto__ nowhere'));
    const client = makeClient(node.address);
    await expect(client.get('a')).rejects.toMatchObject({ name: 'ProtocolError' });
    expect(await client.get('a')).toBe('fine');
    expect(node.accepted).toBeLessThanOrEqual(2);
  });

  it('to the node itself make a new connection', async () => {
    await using node = await FakeNode.start();
    const slot = keySlot('self');
    node.on('GET', () => simpleReply('fine')).next('GET', () => errorReply(`MOVED ${slot} ${node.address}`));
    const client = makeClient(node.address);
    expect(await client.get('self')).toBe('fine');
    const [refused, answered] = node.received('GET');
    expect(answered?.connection).not.toBe(refused?.connection);
  });

  it('with an empty host mean the node that replied', async () => {
    await using first = await FakeNode.start();
    await using second = await FakeNode.start();
    first.on('GET', () => errorReply(`MOVED ${keySlot('host')} :${second.port}`));
    second.on('GET', () => simpleReply('fine'));
    expect(await makeClient(first.address).get('host')).toBe('fine');
  });
});

describe('a server that turns commands away for a while', () => {
  it.each([
    'LOADING Redis is loading the dataset in memory',
    'CLUSTERDOWN The cluster is down',
    'MASTERDOWN Link with MASTER is down',
    "READONLY You can't write against a read only replica.",
  ])('is waited for: %s', async (reply) => {
    await using node = await FakeNode.start();
    const written: string[] = [];
    let isRefusing = true;
    node.on('APPEND', ({ args }) => {
      if (isRefusing) return errorReply(reply);
      written.push(args[1] ?? '');
      return simpleReply('fine');
    });
    const client = makeClient(node.address);
    const replies = ['a', 'b', 'c'].map((text) => client.append('key', text));
    await node.until(() => node.received('APPEND').length >= 5);
    replies.push(client.append('key', 'd'));
    isRefusing = false;
    await Promise.all(replies);
    expect(written).toEqual(['a', 'b', 'c', 'd']);
  });
});
