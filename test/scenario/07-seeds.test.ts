import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { startCluster } from '../../src/testing/start-cluster.ts';
import type { TestCluster } from '../../src/testing/test-cluster.ts';
import { FakeDns } from '../helpers/fake-dns.ts';
import { FakeNode } from '../helpers/fake-node.ts';
import { startStandalone } from '../helpers/standalone-server.ts';
import { until } from '../helpers/watch-cluster.ts';

const FIRST_SUCCESS_MS = 500;

describe('seeds', () => {
  const ends: (() => unknown)[] = [];
  let cluster: TestCluster;

  beforeEach(async () => {
    cluster = await startCluster({ replicas: 0 });
    ends.push(() => cluster.stop());
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  function makeClient(...args: ConstructorParameters<typeof ClusterClient>): ClusterClient {
    const client = new ClusterClient(...args);
    ends.push(() => client.destroy());
    return client;
  }

  it('one healthy seed behind a dead, a silent, a standalone and a locked one is found within half a second', async () => {
    const dead = await FakeNode.start();
    await dead.stop();
    const silent = await FakeNode.start();
    ends.push(() => silent.stop());
    silent.hold();
    const standalone = await startStandalone();
    const locked = await startStandalone(['--requirepass', 'secret', '--cluster-enabled', 'yes']);
    ends.push(
      () => standalone.stop(),
      () => locked.stop(),
    );

    const healthy = cluster.addresses[0] ?? '';
    const bad = [dead.address, silent.address, standalone.address, locked.address];
    const startedAt = performance.now();
    const client = makeClient([...bad, healthy]);
    expect(await client.set('first', '1')).toBe('OK');
    expect(performance.now() - startedAt).toBeLessThan(FIRST_SUCCESS_MS);
    // The losers of the race are let go.
    await silent.until(() => silent.connections === 0);
  });

  it('a name that resolves to several addresses is tried at each of them', async () => {
    const { port = 0 } = cluster.nodes[0] ?? {};
    const dns = new FakeDns({ 'several.test': ['127.0.0.77', '127.0.0.78', '127.0.0.1'] });
    ends.push(() => dns.restore());
    const startedAt = performance.now();
    const client = makeClient(`several.test:${port}`);
    expect(await client.set('several', '1')).toBe('OK');
    expect(performance.now() - startedAt).toBeLessThan(FIRST_SUCCESS_MS);
  });

  it('a name that has changed its address is looked up again while the client still searches', async () => {
    const { port = 0 } = cluster.nodes[0] ?? {};
    const dns = new FakeDns({ 'changing.test': ['127.0.0.77'] });
    ends.push(() => dns.restore());
    const client = makeClient(`changing.test:${port}`);
    const reply = client.set('changing', '1');
    await until('the name was looked up', () => dns.asked.length > 0);
    dns.records.set('changing.test', ['127.0.0.1']);
    const changedAt = performance.now();
    expect(await reply).toBe('OK');
    expect(performance.now() - changedAt).toBeLessThan(1_000);
  });

  it('when all known nodes are gone and the name of the seed points to another cluster, that one is followed', async () => {
    const dns = new FakeDns({ 'moving.test': ['127.0.0.1'] });
    ends.push(() => dns.restore());
    const old = await FakeNode.start();
    ends.push(() => old.stop());
    old.on('SET', () => Buffer.from('+OK\r\n'));
    // Two seeds of one name: the old cluster's port, and the one on which the new cluster listens.
    const client = makeClient([`moving.test:${old.port}`, `moving.test:${cluster.nodes[1]?.port}`]);
    expect(await client.set('moving', 'old')).toBe('OK');
    expect(old.received('SET')).toHaveLength(1);

    await old.stop();
    const goneAt = performance.now();
    // It may be written to the old node's socket in the moment in which that closes.
    expect(await client.with({ idempotent: true }).set('moving', 'new')).toBe('OK');
    expect(performance.now() - goneAt).toBeLessThan(2_000);
    expect(await client.get('moving')).toBe('new');
    expect(
      client.topology
        .masters()
        .map((node) => node.port)
        .sort(),
    ).toEqual(cluster.nodes.map((node) => node.port).sort());
  });
});
