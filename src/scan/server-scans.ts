import type { Executor } from '../cluster/executor.ts';
import { type CallSettings, Command } from '../commands/command.ts';
import { CommandFlag } from '../commands/command-spec.ts';
import { plainSpec } from '../commands/plain-spec.ts';
import { ReplyError } from '../errors.ts';
import { nowMs } from '../util/clock.ts';

const COMMAND = plainSpec('COMMAND', CommandFlag.readOnly);

/** Answers by client; a cluster is not up- or downgraded between two scans often enough to ask again. */
const known = new WeakMap<Executor, boolean>();

/** Whether the servers have CLUSTERSCAN, asked once a client. */
export async function hasClusterScan(executor: Executor, settings: CallSettings): Promise<boolean> {
  const answer = known.get(executor);
  if (answer !== undefined) return answer;
  const command = new Command(executor, COMMAND, ['INFO', 'CLUSTERSCAN'], -1, settings, false, nowMs());
  executor.issue(command);
  let has = false;
  try {
    const reply = await command.promise;
    has = Array.isArray(reply) && Array.isArray(reply[0]);
  } catch (error) {
    if (!(error instanceof ReplyError)) throw error;
  }
  known.set(executor, has);
  return has;
}
