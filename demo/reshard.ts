import type { ClusterClient } from 'slotwise';
import type { TestCluster } from 'slotwise/testing';
import { Load, type LoadReport } from './load.ts';
import { figure, heading, ProgressBar, say } from './screen.ts';
import type { Verdict } from './verdict.ts';

const SLOTS = 500;
const KEYS = 4_000;

/** Step 5: slots move from one master to another, keys and all, while the load goes on, half of it on just these slots. */
export async function reshard(cluster: TestCluster, client: ClusterClient, verdict: Verdict): Promise<void> {
  const from = await cluster.masterOf(0);
  const to = await cluster.masterOf(16383);
  heading(5, `Slots 0-${SLOTS - 1} moved from ${from.address} to ${to.address} under load`);
  const before = client.counters;
  // Half of the keys in the slots that move, the others all over the cluster.
  const load = new Load(client, 'order', (slot) => slot < SLOTS || slot % 32 === 0, KEYS);
  load.start();
  const bar = new ProgressBar('move', SLOTS, 'slots');
  await cluster.moveSlots(from, to, [{ from: 0, to: SLOTS - 1 }], {
    onStep: async ({ slot, step }) => {
      // Each slot is used while it is half-moved, when a key is here or there and the servers answer ASK.
      if (step === 'migrating') await load.touch(slot);
      if (step === 'done') bar.show(slot + 1);
    },
  });
  const report = await load.stop();
  const audit = await load.audit();
  const after = client.counters;
  say(
    `  ${figure(report.commands)} commands meanwhile; MOVED followed: ${figure(after.moved - before.moved)}, ` +
      `ASK followed: ${figure(after.ask - before.ask)}`,
  );
  verdict.check('redirects came, and none reached the caller', after.moved > before.moved && after.ask > before.ask);
  checkErrors(report, verdict);
  verdict.check(`writes with an unknown outcome: ${report.unknownWrites}`, report.unknownWrites === 0);
  verdict.check(`acknowledged writes lost: ${audit.lostWrites}`, audit.lostWrites === 0);
  verdict.check(`commands executed twice: ${audit.countedTwice}`, audit.countedTwice === 0);
  const owner = client.topology.shardOf(0)?.master.address;
  verdict.check(`the routing table has slots 0-${SLOTS - 1} at ${owner}`, owner === to.address);
}

/** Says what callers have seen of errors and stale reads, which has to be nothing. */
export function checkErrors(report: LoadReport, verdict: Verdict): void {
  const errors = [...report.errors.values()].reduce((sum, count) => sum + count, 0);
  for (const [text, count] of [...report.errors].slice(0, 10)) say(`    ${count} times ${text}`);
  verdict.check(`errors: ${errors}`, errors === 0);
  verdict.check(`stale reads: ${report.staleReads}`, report.staleReads === 0);
}
