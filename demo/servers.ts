import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { checkCluster } from 'slotwise/admin';
import { type StartProgress, startCluster, type TestCluster } from 'slotwise/testing';
import { CreateProgressText } from '../src/cli/create-command.ts';
import { checkLines } from '../src/cli/report-text.ts';
import { heading, say, write } from './screen.ts';
import type { Verdict } from './verdict.ts';

/** A silent master is failed over after this long; a production cluster has 15 s. */
const NODE_TIMEOUT_MS = 2_000;

/** Steps 1 and 2: six servers, each with its configuration, made one cluster of three masters with a replica each. */
export async function startServers(verdict: Verdict): Promise<TestCluster> {
  const creation = new CreateProgressText({ say: (lines) => say(...lines), write }, { isOneMachine: true });
  const cluster = await startCluster({
    masters: 3,
    replicas: 1,
    nodeTimeoutMs: NODE_TIMEOUT_MS,
    onProgress: (progress) => {
      if (progress.step === 'started') showServers(progress);
      else if (progress.step !== 'rejoining') creation.show(progress);
      if (progress.step === 'planned') {
        say("Can I set the above configuration? (type 'yes' to accept): yes (says the demo)");
      }
    },
  });
  const check = await checkCluster(cluster.addresses[0] ?? '');
  say(...checkLines(check));
  verdict.check(
    'three masters with a replica each serve all slots',
    check.ok && (await cluster.masters()).length === 3,
  );
  await untilReplicasListed(cluster);
  return cluster;
}

/** Resolves when every node names a replica for every range of slots, so that the routing table of step 3 is complete. */
async function untilReplicasListed(cluster: TestCluster): Promise<void> {
  const isComplete = (ranges: unknown): boolean =>
    Array.isArray(ranges) && ranges.length > 0 && ranges.every((range) => Array.isArray(range) && range.length > 3);
  for (;;) {
    const replies = await Promise.all(cluster.nodes.map((node) => node.call('CLUSTER', 'SLOTS')));
    if (replies.every(isComplete)) return;
    await delay(50);
  }
}

function showServers({ server, dir, addresses }: StartProgress & { step: 'started' }): void {
  heading(1, `Six nodes (${server}) and their configuration`);
  const ports = addresses.map((address) => address.slice(address.lastIndexOf(':') + 1));
  for (const [i, address] of addresses.entries()) say(`  ${address}  ${join(dir, ports[i] ?? '', `${ports[i]}.conf`)}`);
  const [first = ''] = ports;
  say('', `  ${first}.conf (the others differ by the port only):`);
  const config = readFileSync(join(dir, first, `${first}.conf`), 'utf8').trimEnd();
  say(...config.split('\n').map((line) => `    ${line}`));
  heading(2, 'The plan, and the creation');
}
