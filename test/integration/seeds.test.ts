import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import type { ClusterClientOptions } from '../../src/client/options.ts';
import type { Seed } from '../../src/client/seeds.ts';
import { ClusterError } from '../../src/errors.ts';
import { startCluster } from '../../src/testing/start-cluster.ts';
import type { TestCluster } from '../../src/testing/test-cluster.ts';
import type { TestNode } from '../../src/testing/test-node.ts';
import { FakeDns } from '../helpers/fake-dns.ts';
import { FakeNode } from '../helpers/fake-node.ts';
import { simpleReply } from '../helpers/fake-reply.ts';
import { type StandaloneServer, startStandalone } from '../helpers/standalone-server.ts';

let cluster: TestCluster;
let first: TestNode;
let standalone: StandaloneServer;
let locked: StandaloneServer;
const clients: ClusterClient[] = [];

beforeAll(async () => {
  cluster = await startCluster();
  const [node] = cluster.nodes;
  if (node === undefined) throw new Error('no node');
  first = node;
  standalone = await startStandalone();
  locked = await startStandalone(['--requirepass', 'secret', '--cluster-enabled', 'yes']);
});
afterAll(async () => {
  await Promise.all([cluster.stop(), standalone.stop(), locked.stop()]);
});
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

function makeClient(seeds: Seed | readonly Seed[], options: ClusterClientOptions = {}): ClusterClient {
  const client = new ClusterClient(seeds, options);
  clients.push(client);
  return client;
}

/** An address where nothing listens. */
async function deadAddress(): Promise<string> {
  const node = await FakeNode.start();
  await node.stop();
  return node.address;
}

describe('a seed', () => {
  it('in every form leads to the whole cluster', async () => {
    const { address, host, port } = first;
    const forms: (Seed | Seed[])[] = [
      address,
      [address],
      { host, port },
      { port },
      port,
      `redis://${address}`,
      `redis://${address}/0`,
      `localhost:${port}`,
      [address, { port }, `redis://${address}`],
      cluster.addresses,
    ];
    for (const form of forms) {
      const client = makeClient(form);
      await client.connect();
      expect(client.topology.shards).toHaveLength(3);
      expect(await client.set('seeded', '1')).toBe('OK');
    }
  });

  it('may be any node, each replica too', async () => {
    for (const address of cluster.addresses) expect(await makeClient(address).set('seeded', '1')).toBe('OK');
  });

  it('that is healthy is not held up by a silent one before it, nor asked for nothing by one behind it', async () => {
    await using silent = await FakeNode.start();
    silent.hold();
    await using spare = await FakeNode.start();
    const startedAt = performance.now();
    expect(await makeClient([silent.address, first.address, spare.address]).set('seeded', '1')).toBe('OK');
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(spare.accepted).toBe(0);
    await silent.until(() => silent.connections === 0);
  });

  it('that is up only later is found as soon as it is', async () => {
    const early = await FakeNode.start();
    const { port } = early;
    await early.stop();
    const client = makeClient(early.address);
    const connecting = client.connect();
    const reply = client.set('key', '1');
    await new Promise((resolve) => setTimeout(resolve, 400));
    await using node = await FakeNode.start({ port });
    node.on('SET', () => simpleReply('OK'));
    const upAt = performance.now();
    await connecting;
    expect(await reply).toBe('OK');
    expect(performance.now() - upAt).toBeLessThan(1_000);
  });
});

describe('when no seed can be used', () => {
  it('one error lists each address with its reason and what to do', async () => {
    await using silent = await FakeNode.start();
    silent.hold();
    await using empty = await FakeNode.start();
    empty.slots = [];
    const dns = new FakeDns({ 'nowhere.test': [] });
    try {
      const dead = await deadAddress();
      const seeds = [dead, silent.address, 'nowhere.test:7000', standalone.address, locked.address, empty.address];
      const client = makeClient(seeds, { timeoutMs: 1_500, connectTimeoutMs: 300 });
      const failure = await client.connect().catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(ClusterError);
      expect(failure).toMatchObject({ code: 'NO_SEED', executed: 'no' });
      const { message } = failure as ClusterError;
      for (const reason of [
        `${dead}: connect ECONNREFUSED`,
        `${silent.address}: no answer to the handshake within 300 ms`,
        'nowhere.test:7000: getaddrinfo ENOTFOUND',
        `${standalone.address}: cluster support disabled; it is a standalone server`,
        `${locked.address}: NOAUTH`,
        `${empty.address}: knows no slots`,
      ]) {
        expect(message).toContain(reason);
      }
      expect(message).toContain('set `password`');
    } finally {
      dns.restore();
    }
  });

  it('a command that ran out of time meanwhile says why, for each address', async () => {
    const [first, second] = [await deadAddress(), await deadAddress()];
    const client = makeClient([first, second], { timeoutMs: 300 });
    const failure = await client.get('key').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'TIMEOUT', executed: 'no', cause: { code: 'NO_SEED' } });
    const { message } = failure as Error;
    for (const address of [first, second]) expect(message).toContain(`${address}: connect ECONNREFUSED`);
  });

  it('connect() does not wait for what only a change of configuration can cure', async () => {
    const startedAt = performance.now();
    const client = makeClient([standalone.address, locked.address]);
    await expect(client.connect()).rejects.toMatchObject({ isPermanent: true });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('names who has not answered when the time is over before any attempt', async () => {
    // A server that speaks no TLS waits for more of what it takes for a command.
    const client = makeClient(first.address, { tls: true, timeoutMs: 400 });
    const failure = await client.connect().catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'ClusterError', code: 'NO_SEED' });
    expect(String(failure)).toContain(`${first.address}: no answer yet`);
  });

  it('attempts go on at a moderate pace', async () => {
    await using node = await FakeNode.start();
    node.slots = [];
    const client = makeClient(node.address, { timeoutMs: 2_000 });
    await expect(client.get('key')).rejects.toMatchObject({ code: 'TIMEOUT', executed: 'no' });
    expect(node.accepted).toBeGreaterThan(3);
    expect(node.accepted).toBeLessThan(30);
  });
});
