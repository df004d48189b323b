import { setTimeout as delay } from 'node:timers/promises';
import { type ClusterClient, keySlot } from 'slotwise';
import type { TestCluster, TestNode } from 'slotwise/testing';
import { Load } from './load.ts';
import { checkErrors } from './reshard.ts';
import { duration, figure, heading, say } from './screen.ts';
import type { Verdict } from './verdict.ts';

const KEYS = 4_000;
const PROBE = 'order:probe';
/** The client's own share of the outage: from the cluster's new master to the first answer through the client. */
const SHARE_LIMIT_MS = 1_000;

/** Step 6: the master of a slot is killed under load, and its replica takes over. */
export async function failOver(cluster: TestCluster, client: ClusterClient, verdict: Verdict): Promise<void> {
  const slot = keySlot(PROBE);
  const master = await cluster.masterOf(slot);
  heading(6, `The master of slot ${slot} (${master.address}) killed under load`);
  const load = new Load(client, 'payment', () => true, KEYS);
  load.start();
  await delay(1_000);
  const killedAt = performance.now();
  await cluster.kill(master);
  const [electedMs, servedMs] = await Promise.all([
    untilSucceeded(cluster, master, slot).then(() => performance.now() - killedAt),
    // Safe to send twice, so it may be: the probe is answered, whatever becomes of the connection.
    client
      .with({ idempotent: true })
      .set(PROBE, 'served again')
      .then(() => performance.now() - killedAt),
  ]);
  await delay(1_000);
  const report = await load.stop();
  const successor = client.topology.shardOf(slot)?.master.address;
  say(
    `  the cluster had a new master (${successor}) after ${duration(electedMs)}`,
    `  its slots served again through the client after ${duration(servedMs)}`,
    `  ${figure(report.commands)} commands meanwhile; ${figure(report.unknownWrites)} writes were in flight at the kill ` +
      "and are rejected with executed: 'unknown'",
  );
  verdict.check(
    `the client's own share of the outage is under ${duration(SHARE_LIMIT_MS)}`,
    servedMs - electedMs < SHARE_LIMIT_MS,
  );
  checkErrors(report, verdict);
  const audit = await load.audit();
  verdict.check(
    `${figure(report.acknowledgedWrites)} acknowledged writes, lost: ${audit.lostWrites}`,
    audit.lostWrites === 0,
  );
  verdict.check(`commands executed twice: ${audit.countedTwice}`, audit.countedTwice === 0);
}

/** Resolves when the cluster itself has another master for the slot. */
async function untilSucceeded(cluster: TestCluster, dead: TestNode, slot: number): Promise<void> {
  while ((await cluster.masterOf(slot)) === dead) await delay(20);
}
