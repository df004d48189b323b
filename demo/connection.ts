import { ClusterClient } from 'slotwise';
import type { TestCluster } from 'slotwise/testing';
import { duration, heading, say } from './screen.ts';
import type { Verdict } from './verdict.ts';

/** Step 3: from the address of a single replica to the whole routing table. */
export async function connect(cluster: TestCluster, verdict: Verdict): Promise<ClusterClient> {
  const masters = await cluster.masters();
  const replica = cluster.nodes.find((node) => !masters.includes(node));
  const seed = replica?.address ?? '';
  heading(3, 'Connect through the address of one replica');
  say(`  const client = new ClusterClient('${seed}');`);
  const startedAt = performance.now();
  const client = new ClusterClient(seed);
  await client.connect();
  say(`  ready after ${duration(performance.now() - startedAt)}; the routing table:`);
  for (const { start, end, shard } of client.topology.ranges()) {
    const replicas = shard.replicas.map((node) => node.address).join(', ');
    say(`    ${`${start}-${end}`.padEnd(12)} -> ${shard.master.address}, replica ${replicas}`);
  }
  const { topology } = client;
  verdict.check(
    `${topology.shards.length} shards serve all 16384 slots`,
    topology.shards.length === masters.length && topology.uncoveredSlots === 0,
  );
  return client;
}
