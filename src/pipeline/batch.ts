import { BatchError, type Executed, SlotwiseError } from '../errors.ts';
import type { Call, RepliesOf } from './call.ts';
import type { Caller } from './caller.ts';
import type { Outcome } from './outcome.ts';
import { runCalls } from './run-calls.ts';

/**
 * Makes calls, each for itself, and resolves with their replies in order.
 * @throws BatchError with all outcomes if any of them fails.
 */
export async function runBatch<const Calls extends readonly Call[]>(
  caller: Caller,
  calls: Calls,
): Promise<RepliesOf<Calls>> {
  return repliesOf(await runCalls(caller, calls), 'batch') as RepliesOf<Calls>;
}

/** The replies of outcomes that have no error. @throws BatchError with all outcomes if one has. */
export function repliesOf(outcomes: readonly Outcome[], noun: string): unknown[] {
  const replies: unknown[] = new Array(outcomes.length);
  for (let i = 0; i < outcomes.length; i++) {
    const outcome = outcomes[i] as Outcome;
    if (outcome[0] !== null) throw batchError(outcomes, noun);
    replies[i] = outcome[1];
  }
  return replies;
}

function batchError(outcomes: readonly Outcome[], noun: string): BatchError {
  const errors = outcomes.flatMap(([error]) => (error === null ? [] : [error]));
  const [first] = errors;
  const message = `${errors.length} of ${outcomes.length} commands of the ${noun} failed; the first: ${first?.message}`;
  return new BatchError('BATCH', message, { executed: executedOf(outcomes), cause: first }, outcomes);
}

/** `no` if no command was executed, `yes` if all were, else `unknown`. */
function executedOf(outcomes: readonly Outcome[]): Executed {
  const each = outcomes.map(([error]) =>
    error === null ? 'yes' : error instanceof SlotwiseError ? error.executed : 'yes',
  );
  const [first = 'no'] = each;
  return each.every((executed) => executed === first) ? first : 'unknown';
}
