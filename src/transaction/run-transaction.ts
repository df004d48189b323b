import { TransactionAbortedError } from '../errors.ts';
import { repliesOf } from '../pipeline/batch.ts';
import type { Call, RepliesOf } from '../pipeline/call.ts';
import type { Caller } from '../pipeline/caller.ts';
import type { Outcome } from '../pipeline/outcome.ts';
import { nowMs } from '../util/clock.ts';
import { commonSlot, prepareCall } from './prepared-call.ts';
import { TransactionUnit } from './transaction-unit.ts';

/** Executes calls as one transaction on the shared connection of their slot's master. @throws as {@link Transaction.exec} */
export async function runTransaction(caller: Caller, calls: readonly Call[]): Promise<Outcome[]> {
  if (calls.length === 0) return [];
  const prepared = calls.map((call) => prepareCall(call, caller.keyPrefix));
  const unit = new TransactionUnit(prepared, commonSlot('MULTI', prepared));
  const exec = unit.makeExec(caller.executor, caller.settings, nowMs());
  caller.executor.issue(exec);
  const reply = await exec.promise;
  if (reply === null) throw new TransactionAbortedError('TRANSACTION_ABORTED', 'EXEC did nothing', { executed: 'no' });
  return unit.outcomesOf(reply);
}

/** {@link runTransaction}, resolving with the replies alone. @throws BatchError if a command failed among the others. */
export async function runTypedTransaction<const Calls extends readonly Call[]>(
  caller: Caller,
  calls: Calls,
): Promise<RepliesOf<Calls>> {
  return repliesOf(await runTransaction(caller, calls), 'transaction') as RepliesOf<Calls>;
}
