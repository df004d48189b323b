import { checkCluster } from '../admin/cluster-check.ts';
import { describeCluster } from '../admin/cluster-summary.ts';
import type { Invocation } from './command-line.ts';
import { checkLines, summaryLines } from './report-text.ts';

/** `slotwise check`: 0 when nothing is wrong, else 1. */
export async function runCheck(invocation: Invocation): Promise<number> {
  const check = await checkCluster(invocation.operand(0), invocation.access());
  invocation.say(checkLines(check));
  invocation.give(check);
  return check.ok ? 0 : 1;
}

/** `slotwise info`: 0 when the cluster could be described, whatever its health. */
export async function runInfo(invocation: Invocation): Promise<number> {
  const summary = await describeCluster(invocation.operand(0), invocation.access());
  invocation.say(summaryLines(summary));
  invocation.give(summary);
  return 0;
}
