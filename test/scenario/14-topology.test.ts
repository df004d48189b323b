import { afterEach, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { ConnectionError } from '../../src/errors.ts';
import { startCluster } from '../../src/testing/start-cluster.ts';
import type { TopologyDiff } from '../../src/topology/diff-topology.ts';
import { FakeNode, silence } from '../helpers/fake-node.ts';
import { encodeReply, errorReply } from '../helpers/fake-reply.ts';
import { proxyAll } from '../helpers/proxy.ts';
import { keyInSlot, until } from '../helpers/watch-cluster.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function makeClient(...args: ConstructorParameters<typeof ClusterClient>): ClusterClient {
  const client = new ClusterClient(...args);
  ends.push(() => client.destroy());
  return client;
}

/** Fake masters that share all slots evenly, each answering GET with its own port. */
async function fakeMasters(count: number): Promise<FakeNode[]> {
  const nodes: FakeNode[] = [];
  for (let i = 0; i < count; i++) {
    const node = await FakeNode.start();
    ends.push(() => node.stop());
    node.on('GET', () => encodeReply(String(node.port)));
    nodes.push(node);
  }
  share(nodes, nodes);
  return nodes;
}

/** Lets all of `tellers` say that `owners` share all slots evenly. */
function share(tellers: readonly FakeNode[], owners: readonly FakeNode[]): void {
  const slots = owners.map((owner, i) => ({
    start: Math.floor((16_384 * i) / owners.length),
    end: Math.floor((16_384 * (i + 1)) / owners.length) - 1,
    nodes: [owner.entry],
  }));
  for (const teller of tellers) teller.slots = slots;
}

/** A key in the part of the slots that owner number `i` of `count` has. */
function keyOfShare(i: number, count: number, offset = 0): string {
  return keyInSlot(Math.floor((16_384 * i) / count) + offset);
}

async function connectToAll(client: ClusterClient, nodes: readonly FakeNode[]): Promise<void> {
  for (const [i, node] of nodes.entries())
    expect(await client.get(keyOfShare(i, nodes.length))).toBe(String(node.port));
}

function sumAsked(nodes: readonly FakeNode[]): number {
  return nodes.reduce((sum, node) => sum + node.slotsAsked, 0);
}

describe('a connection that a firewall has forgotten', () => {
  it('is noticed although its node is well: reads go on, writes that were in flight end as unknown', async () => {
    const cluster = await startCluster({ replicas: 0 });
    ends.push(() => cluster.stop());
    const servers = await proxyAll(cluster.nodes);
    ends.push(() => servers.stop());
    const master = await cluster.masterOf(0);
    const [key, other] = [keyInSlot(0), keyInSlot(16_383)];
    const client = makeClient(servers.before(master).address, { natMap: servers.natMap });
    await client.incr(key);
    await client.incr(other);

    servers.before(master).forget();
    const forgottenAt = performance.now();
    expect(await client.get(key)).toBe('1');
    expect(performance.now() - forgottenAt).toBeLessThan(4_000);

    servers.before(master).forget();
    const sentAt = performance.now();
    const lost = client.incr(key).catch((error: unknown) => error);
    // By then the silence has been noticed: what is issued now is held back.
    await until('a second of silence has passed', () => performance.now() - sentAt > 1_000);
    const waiting = client.incr(key);
    const error = await lost;
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ code: 'CONNECTION_LOST', executed: 'unknown' });
    expect(performance.now() - sentAt).toBeLessThan(9_000);
    expect(await waiting).toBe(2);
    expect(await client.incr(other)).toBe(2);
  });
});

describe('the topology', () => {
  it('is a snapshot with a version; the event tells what a failover has changed', async () => {
    const cluster = await startCluster();
    ends.push(() => cluster.stop());
    const client = makeClient(cluster.addresses[0] ?? '');
    await client.connect();
    const before = client.topology;
    const diffs: TopologyDiff[] = [];
    client.on('topology', (diff) => diffs.push(diff));
    const master = await cluster.masterOf(0);
    const [replica] = await cluster.replicasOf(master);
    if (replica === undefined) throw new Error('no replica');
    expect(before.shardOf(0)?.master.address).toBe(master.address);

    await cluster.failover(replica);
    await client.set(keyInSlot(0), '1');
    await until('the new roles are known', () => client.topology.shardOf(0)?.replicas[0]?.address === master.address);
    expect(before.shardOf(0)?.master.address).toBe(master.address);
    expect(client.topology.shardOf(0)?.master.address).toBe(replica.address);
    expect(client.topology.version).toBeGreaterThan(before.version);
    await until('the events are there', () => diffs.some((diff) => diff.demoted.includes(master.address)));
    expect(diffs.map((diff) => diff.version)).toEqual([...new Set(diffs.map((diff) => diff.version))].sort());
    expect(diffs.at(-1)?.version).toBe(client.topology.version);
    const moved = diffs.flatMap((diff) => diff.moved);
    expect(moved.some(({ from, to }) => from === master.address && to === replica.address)).toBe(true);
  });

  it('is asked for once a second at most, however many MOVED arrive', async () => {
    const nodes = await fakeMasters(3);
    const [first, second] = nodes as [FakeNode, FakeNode, FakeNode];
    const client = makeClient(first.address);
    await connectToAll(client, nodes);
    const before = sumAsked(nodes);
    // Every slot of the first has gone, one after the other, and nobody's CLUSTER SLOTS tells of it.
    first.on('GET', ({ args }) => {
      const slot = slotOfKey.get(args[0] ?? '') ?? 0;
      return errorReply(`MOVED ${slot} ${second.address}`);
    });
    const slotOfKey = new Map<string, number>();
    for (let slot = 0; slot < 300; slot++) slotOfKey.set(keyInSlot(slot), slot);
    const startedAt = performance.now();
    for (const key of slotOfKey.keys()) {
      expect(await client.get(key)).toBe(String(second.port));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    expect(seconds).toBeGreaterThan(1.5);
    const asked = sumAsked(nodes) - before;
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
    expect(nodes.every((node) => node.accepted <= 2)).toBe(true);
  });

  it('is what most nodes say when they differ, and never what is older', async () => {
    const nodes = await fakeMasters(4);
    const [stale, , , dying] = nodes as [FakeNode, FakeNode, FakeNode, FakeNode];
    const successor = await FakeNode.start();
    ends.push(() => successor.stop());
    successor.on('GET', () => encodeReply(String(successor.port)));
    const client = makeClient(stale.address);
    await connectToAll(client, nodes);

    // The first still believes in the dead one, as its equal in epoch; the successor is told of by two.
    share([...nodes.slice(1, 3), successor], [...nodes.slice(0, 3), successor]);
    await dying.stop();
    expect(await client.get(keyOfShare(3, 4))).toBe(String(successor.port));
    expect(client.topology.shardOf(16_383)?.master.port).toBe(successor.port);

    // From here on the others are newer: the stale one may say what it likes, as often as it is asked.
    for (const node of [...nodes.slice(1, 3), successor]) node.epoch = 7;
    const known = sumAsked(nodes);
    stale.next('GET', () => errorReply('CLUSTERDOWN The cluster is down'));
    expect(await client.get(keyOfShare(0, 4))).toBe(String(stale.port));
    await until('several have been asked', () => sumAsked(nodes) >= known + 2);
    for (let round = 0; round < 5; round++) {
      const asked = sumAsked(nodes) + successor.slotsAsked;
      stale.next('GET', () => errorReply('LOADING Redis is loading the dataset in memory'));
      expect(await client.get(keyOfShare(0, 4))).toBe(String(stale.port));
      await until('one node has been asked again', () => sumAsked(nodes) + successor.slotsAsked > asked);
      await client.get(keyOfShare(1, 4));
      expect(client.topology.shardOf(16_383)?.master.port).toBe(successor.port);
    }
  });

  it('is asked for because of a slot without owner, and that slot is served as soon as it has one', async () => {
    const [node] = (await fakeMasters(1)) as [FakeNode];
    node.slots = [{ start: 0, end: 8_191, nodes: [node.entry] }];
    const client = makeClient(node.address);
    expect(await client.get(keyInSlot(5))).toBe(String(node.port));
    expect(client.topology.uncoveredSlots).toBe(8_192);
    const before = node.slotsAsked;
    const reply = client.get(keyInSlot(16_000));
    await until('it is looked for', () => node.slotsAsked > before + 2);
    node.slots = [{ start: 0, end: 16_383, nodes: [node.entry] }];
    const coveredAt = performance.now();
    expect(await reply).toBe(String(node.port));
    expect(performance.now() - coveredAt).toBeLessThan(500);
  });

  it('is asked for when a command has timed out', async () => {
    const nodes = await fakeMasters(3);
    const [first] = nodes as [FakeNode, FakeNode, FakeNode];
    const client = makeClient(first.address);
    await connectToAll(client, nodes);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const before = sumAsked(nodes);
    first.next('GET', () => silence);
    await expect(client.with({ timeoutMs: 50 }).get(keyInSlot(0))).rejects.toThrow(/timed out/);
    await until('it is asked for', () => sumAsked(nodes) > before, 400);
  });

  it('is asked for from time to time without any reason, on a connection that is there', async () => {
    const nodes = await fakeMasters(3);
    const client = makeClient(nodes[0]?.address ?? '', { topologyRefreshMs: 1_000 });
    await connectToAll(client, nodes);
    const accepted = nodes.map((node) => node.accepted);
    const before = sumAsked(nodes);
    await until('it was asked for again and again', () => sumAsked(nodes) >= before + 3, 6_000);
    expect(nodes.map((node) => node.accepted)).toEqual(accepted);
  });
});
