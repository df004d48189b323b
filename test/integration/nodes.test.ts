import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { ClusterError, ConnectionError, FanOutError, ReplyError, UsageError } from '../../src/errors.ts';
import { keySlot } from '../../src/slots/key-slot.ts';
import { startCluster } from '../../src/testing/start-cluster.ts';
import type { TestCluster } from '../../src/testing/test-cluster.ts';
import { untilReplicasListed } from '../helpers/replica-listing.ts';
import { keyInSlot, until } from '../helpers/watch-cluster.ts';

const key = keyInSlot(100);
const elsewhere = keyInSlot(16000);

let cluster: TestCluster;
let client: ClusterClient;

beforeAll(async () => {
  cluster = await startCluster();
  await untilReplicasListed(cluster);
  client = new ClusterClient(cluster.addresses[0] ?? '');
  await client.connect();
});

afterAll(async () => {
  client?.destroy();
  await cluster?.stop();
});

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (reply) => {
      throw new Error(`expected a rejection, got ${String(reply)}`);
    },
    (error: unknown) => error,
  );
}

describe('nodes()', () => {
  it('gives every node with its role', async () => {
    const addresses = (nodes: readonly { readonly address: string }[]) => nodes.map((node) => node.address).sort();
    const masters = addresses(await cluster.masters());
    expect(addresses(client.nodes('master'))).toEqual(masters);
    expect(addresses(client.nodes())).toEqual([...cluster.addresses].sort());
    expect(client.nodes('replica').every((node) => node.isReplica && !masters.includes(node.address))).toBe(true);
    for (const node of client.nodes()) {
      expect((await node.role())[0], node.address).toBe(node.isReplica ? 'slave' : 'master');
    }
  });

  it('gives the same typed methods, for one node each', async () => {
    await client.flushall();
    await client.set(key, '1');
    const sizes = await Promise.all(client.nodes('master').map((node) => node.dbsize()));
    expect(sizes.sort()).toEqual([0, 0, 1]);
    for (const node of client.nodes('master'))
      expect(await node.info('server')).toContain(`:${node.address.split(':')[1]}`);
  });

  it('cannot know them before the client is connected', () => {
    const late = new ClusterClient(cluster.addresses, { lazyConnect: true });
    expect(() => late.nodes()).toThrow(ClusterError);
    expect(() => late.nodeFor(key)).toThrow('connect()');
    late.destroy();
  });
});

describe('nodeFor()', () => {
  it('is the master of the key, or a replica, which serves reads', async () => {
    await client.set(key, 'value');
    const master = client.nodeFor(key);
    expect(master.address).toBe((await cluster.masterOf(keySlot(key))).address);
    expect(await master.get(key)).toBe('value');
    const replica = client.nodeFor(key, 'replica');
    expect(replica.isReplica).toBe(true);
    await until('the replica has caught up', async () => (await replica.get(key)) === 'value');
    expect(await replica.getBuffer(key)).toEqual(Buffer.from('value'));
    expect(await failure(replica.set(key, 'other'))).toMatchObject({ name: 'ReplyError', code: 'MOVED' });
  });

  it('takes the prefix into account', async () => {
    await using prefixed = new ClusterClient(cluster.addresses, { keyPrefix: 'app:' });
    await prefixed.set('a', 'prefixed');
    const node = prefixed.nodeFor('a');
    expect(node.address).toBe(client.nodeFor('app:a').address);
    expect(prefixed.nodeFor(Buffer.from('a')).address).toBe(node.address);
    expect(await node.get('a')).toBe('prefixed');
    expect(await client.get('app:a')).toBe('prefixed');
  });
});

describe('a node', () => {
  it('gives its answers to the caller, redirects included', async () => {
    const error = await failure(client.nodeFor(key).get(elsewhere));
    expect(error).toBeInstanceOf(ReplyError);
    expect(error).toMatchObject({ code: 'MOVED', executed: 'no', address: client.nodeFor(key).address });
    expect(await client.get(elsewhere)).toBeNull();
  });

  it('takes the commands that the whole cluster does not', async () => {
    const node = client.nodeFor(key);
    expect(await node.cluster('SAVECONFIG')).toBe('OK');
    expect(await node.client('UNBLOCK', 123456)).toBe(0);
    expect(await node.call('DEBUG', 'JMAP').catch((error: unknown) => error)).toBeInstanceOf(ReplyError);
  });

  it('shares its connections, so that what would change them is refused', async () => {
    expect(await failure(client.nodeFor(key).call('SELECT', 1))).toBeInstanceOf(UsageError);
    expect(await failure(client.nodeFor(key).call('SUBSCRIBE', 'channel'))).toBeInstanceOf(UsageError);
  });

  it('blocks nobody with a command that blocks', async () => {
    const node = client.nodeFor(key);
    const list = `list of ${key}`;
    const popped = node.blpop(list, 5);
    expect(await node.get(key)).toBe('value');
    await client.rpush(list, 'element');
    expect(await popped).toEqual([list, 'element']);
  });

  it('obeys deadline and signal of the view that it came from', async () => {
    const frozen = await cluster.masterOf(keySlot(key));
    await cluster.pause(frozen);
    const late = failure(client.with({ timeoutMs: 150 }).nodeFor(key).ping());
    const aborted = failure(
      client
        .with({ signal: AbortSignal.timeout(50) })
        .nodeFor(key)
        .ping(),
    );
    const outcomes = await Promise.all([late, aborted]);
    await cluster.resume(frozen);
    expect(outcomes).toMatchObject([
      { name: 'CommandTimeoutError', executed: 'unknown' },
      { name: 'CommandAbortedError', executed: 'unknown' },
    ]);
    expect(await client.nodeFor(key).ping()).toBe('PONG');
  });

  it('that was idle for its server connects again on demand', async () => {
    const node = client.nodeFor(key);
    const server = await cluster.masterOf(keySlot(key));
    await server.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await until('the loss was noticed', async () => (await node.ping().catch(() => 'lost')) === 'PONG');
    expect(await node.get(key)).toBe('value');
  });
});

describe('onAll()', () => {
  it('gives what each node answered, by address', async () => {
    await client.flushall();
    await client.set(key, '1');
    const sizes = await client.onAll('master', (node) => node.dbsize());
    expect([...sizes.keys()].sort()).toEqual(
      client
        .nodes('master')
        .map((node) => node.address)
        .sort(),
    );
    expect(sizes.get(client.nodeFor(key).address)).toBe(1);
    expect((await client.onAll('all', (node) => node.ping())).size).toBe(6);
  });

  it('waits for the cluster to be known', async () => {
    await using late = new ClusterClient(cluster.addresses, { lazyConnect: true });
    expect((await late.onAll('replica', (node) => node.ping())).size).toBe(3);
  });

  it('tells of every node when one fails, whatever it throws', async () => {
    const error = await failure(
      client.onAll('master', (node) => {
        if (node.address === client.nodeFor(key).address) throw new TypeError('caller’s own mistake');
        return node.get(elsewhere);
      }),
    );
    expect(error).toBeInstanceOf(FanOutError);
    if (!(error instanceof FanOutError)) return;
    expect(error.outcomes.map((outcome) => outcome.error?.name).sort()).toEqual(['ReplyError', 'TypeError', undefined]);
    expect(error).toMatchObject({ code: 'PARTIAL_FAILURE', executed: 'unknown' });
  });
});

describe('a node that goes', () => {
  it('rejects at once, and says so for good once it has left the cluster', async () => {
    const master = await cluster.masterOf(keySlot(key));
    const added = await cluster.addNode({ replicaOf: master });
    await untilReplicasListed(cluster);
    await using fresh = new ClusterClient(cluster.addresses);
    await fresh.connect();
    const node = fresh.nodes().find(({ address }) => address === added.address);
    if (node === undefined) throw new Error('the new node is not known');
    expect(await node.ping()).toBe('PONG');
    await cluster.removeNode(added);
    const first = await failure(node.ping());
    expect(first).toBeInstanceOf(ConnectionError);
    expect(first).toMatchObject({ address: added.address, command: 'PING' });
    await until('the client knows', () => !fresh.nodes().some(({ address }) => address === added.address));
    expect(await failure(node.ping())).toMatchObject({ name: 'ConnectionError', code: 'NODE_LEFT', executed: 'no' });
    expect((await fresh.onAll('all', (each) => each.ping())).has(added.address)).toBe(false);
  });
});
