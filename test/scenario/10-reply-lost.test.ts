import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { ConnectionError } from '../../src/errors.ts';
import { keySlot } from '../../src/slots/key-slot.ts';
import { startCluster } from '../../src/testing/start-cluster.ts';
import type { TestCluster } from '../../src/testing/test-cluster.ts';
import type { TestNode } from '../../src/testing/test-node.ts';
import { executedOf } from '../helpers/load-model.ts';
import { type ProxiedServers, proxyAll } from '../helpers/proxy.ts';
import { SteadyLoad } from '../helpers/steady-load.ts';

const KEY = 'counter';

describe('a reply is lost after its command was executed', () => {
  let cluster: TestCluster;
  let servers: ProxiedServers;
  let master: TestNode;
  const ends: (() => unknown)[] = [];

  beforeEach(async () => {
    cluster = await startCluster({ replicas: 0 });
    ends.push(() => cluster.stop());
    servers = await proxyAll(cluster.nodes);
    ends.push(() => servers.stop());
    master = await cluster.masterOf(keySlot(KEY));
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function connect(options: ConstructorParameters<typeof ClusterClient>[1] = {}): Promise<ClusterClient> {
    const client = new ClusterClient(servers.before(master).address, { natMap: servers.natMap, ...options });
    ends.push(() => client.destroy());
    await client.connect();
    // Every connection is there before replies are lost.
    await client.incr(KEY);
    return client;
  }

  it('an INCR is executed once, and its caller learns that this is not known', async () => {
    const client = await connect();
    servers.before(master).loseNextReply();
    const error = await client.incr(KEY).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({
      code: 'CONNECTION_LOST',
      executed: 'unknown',
      command: 'INCR',
      slot: keySlot(KEY),
      address: servers.before(master).address,
    });
    expect(String(error)).not.toContain(KEY);
    expect(await client.get(KEY)).toBe('2');
    expect(servers.before(master).lost).toBe(1);
  });

  it('a read is sent again, and its caller notices nothing', async () => {
    const client = await connect();
    servers.before(master).loseNextReply();
    expect(await client.get(KEY)).toBe('1');
    expect(servers.before(master).lost).toBe(1);
  });

  it('a write is sent again where its caller allowed that', async () => {
    const client = await connect();
    servers.before(master).loseNextReply();
    expect(await client.with({ idempotent: true }).incr(KEY)).toBe(3);
    const careless = await connect({ retryWrites: true });
    servers.before(master).loseNextReply();
    expect(await careless.incr(KEY)).toBe(6);
    expect(servers.before(master).lost).toBe(2);
  });

  it('connections cut under load, again and again, execute nothing twice and lose nothing', async () => {
    const client = await connect();
    const load = await SteadyLoad.start(client);
    ends.push(() => load.abandon());
    await Promise.all(load.shards.map((shard) => load.untilAnswered(shard, 500)));
    const proxies = [...servers.proxies.values()];
    for (let round = 0; round < 30; round++) {
      const proxy = proxies[round % proxies.length];
      if (round % 2 === 0) proxy?.cut();
      else proxy?.loseNextReply();
      await Promise.all(load.shards.map((shard) => load.untilAnswered(shard, 50)));
    }
    await load.stop();
    expect(client.pending).toBe(0);
    expect(await load.verify(cluster)).toEqual([]);
    expect(load.failures.length).toBeGreaterThan(0);
    const wrong = load.failures.filter(
      ({ name, error }) => !['SET', 'INCR', 'MSET'].includes(name) || executedOf(error) !== 'unknown',
    );
    expect(wrong.map(({ name, error }) => `${name}: ${error.message}`)).toEqual([]);
  });
});
