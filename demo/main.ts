/**
 * `npm run demo`: slotwise on a real cluster of six servers, from their creation through resharding and a failover. Every
 * claim is checked; the exit code is 0 only if all hold. SLOTWISE_DEMO_KEYS is the number of keys in step 4 (100000).
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TestCluster } from 'slotwise/testing';
import { connect } from './connection.ts';
import { failOver } from './failover.ts';
import { reshard } from './reshard.ts';
import { duration, heading, say, strong } from './screen.ts';
import { startServers } from './servers.ts';
import { readBack, setAndGet } from './values.ts';
import { Verdict } from './verdict.ts';

const startedAt = performance.now();
const keys = Number(process.env['SLOTWISE_DEMO_KEYS'] ?? 100_000);
const verdict = new Verdict();
const cluster = await startServers(verdict);
try {
  await useCluster(cluster);
} finally {
  await cluster.stop();
}
verdict.check('all servers have ended, and their files are removed', isGone(cluster));
const time = duration(performance.now() - startedAt);
if (verdict.failed.length === 0) {
  say('', strong(`All ${verdict.passed} checks passed in ${time}.`));
} else {
  say('', strong(`${verdict.failed.length} of ${verdict.passed + verdict.failed.length} checks failed:`));
  say(...verdict.failed.map((finding) => `  ${finding}`));
  process.exitCode = 1;
}

async function useCluster(cluster: TestCluster): Promise<void> {
  const client = await connect(cluster, verdict);
  try {
    await setAndGet(client, keys, verdict);
    await reshard(cluster, client, verdict);
    await failOver(cluster, client, verdict);
    await readBack(client, keys, verdict);
    heading(7, 'Clean stop');
    await client.close();
    verdict.check(`the client is ${client.status}, with ${client.pending} commands pending`, client.pending === 0);
  } finally {
    client.destroy();
  }
}

function isGone(cluster: TestCluster): boolean {
  return cluster.nodes.every((node) => node.state === 'stopped' && !existsSync(dirname(node.folder)));
}
