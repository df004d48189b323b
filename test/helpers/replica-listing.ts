import type { TestCluster } from '../../src/testing/test-cluster.ts';
import { until } from './watch-cluster.ts';

/** Addresses that occur anywhere in a CLUSTER SLOTS reply. */
function portsListed(slots: unknown): Set<number> {
  const ranges = Array.isArray(slots) ? (slots as readonly (readonly unknown[])[]) : [];
  return new Set(ranges.flatMap((range) => range.slice(2).map((node) => Number(Array.isArray(node) ? node[1] : 0))));
}

/**
 * Resolves when every node lists every node in CLUSTER SLOTS: servers leave a replica out until they have heard that it has
 * replicated something, which is later than the moment from which the cluster serves.
 */
export async function untilReplicasListed(cluster: TestCluster): Promise<void> {
  await until('every node lists all replicas', async () => {
    const listings = await Promise.all(cluster.nodes.map((node) => node.call('CLUSTER', 'SLOTS')));
    return listings.every((slots) => portsListed(slots).size === cluster.nodes.length);
  });
}
