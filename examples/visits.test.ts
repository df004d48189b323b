// A service's test against a real cluster, failover included. Run it with: npx vitest run --root examples
import { ClusterClient, keySlot } from 'slotwise';
import { startCluster, type TestCluster } from 'slotwise/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Visits } from './visits.ts';

let cluster: TestCluster;
let client: ClusterClient;

beforeAll(async () => {
  cluster = await startCluster({ masters: 3, replicas: 1 });
  client = new ClusterClient(cluster.addresses);
}, 60_000);

afterAll(async () => {
  await client.close();
  await cluster.stop();
});

it('counts a visitor once', async () => {
  const visits = new Visits(client);
  expect(await visits.count('/home', 'ada')).toBe(true);
  expect(await visits.count('/home', 'ada')).toBe(false);
  expect(await visits.of('/home')).toBe(1);
});

it('still counts after the master of the page has died', async () => {
  const visits = new Visits(client);
  await visits.count('/prices', 'ada');
  await cluster.kill(await cluster.masterOf(keySlot('visits:/prices')));
  // The client waits for the replica to take over, within its timeoutMs of 30 seconds.
  expect(await visits.of('/prices')).toBe(1);
  expect(await visits.count('/prices', 'grace')).toBe(true);
  expect(await visits.of('/prices')).toBe(2);
}, 60_000);
