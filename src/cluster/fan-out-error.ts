import type { Command } from '../commands/command.ts';
import { factsOf } from '../commands/command-error.ts';
import { type Executed, FanOutError, type FanOutOutcome, SlotwiseError } from '../errors.ts';

/**
 * The error of a fan-out of which some part failed. When no part succeeded and all failed alike (one class, one code) it is
 * that failure itself, as if the call had gone to one node: how a caller tells a wrong type or a lack of permission must not
 * depend on where the keys lie. Else it is a {@link FanOutError} with every outcome.
 */
export function fanOutFailure(command: Command, outcomes: readonly FanOutOutcome[]): Error {
  const executed = executedOf(outcomes);
  const alike = commonError(outcomes);
  if (alike !== undefined) {
    alike.executed = executed;
    return alike;
  }
  return partialFailure(command.spec.name, outcomes, factsOf(command, executed));
}

/** A {@link FanOutError} that says how many parts of what failed, and how the first of them did. */
export function partialFailure(
  what: string,
  outcomes: readonly FanOutOutcome[],
  facts: { readonly command?: string | undefined; readonly elapsedMs?: number | undefined } = {},
): FanOutError {
  const failed = outcomes.filter((outcome) => outcome.error !== undefined);
  const cause = failed[0]?.error;
  const message = `${what} failed in ${failed.length} of ${outcomes.length} parts (see outcomes); the first: ${cause?.message}`;
  const executed = executedOf(outcomes);
  return new FanOutError('PARTIAL_FAILURE', message, { ...facts, executed, cause }, outcomes);
}

/** Of the call as a whole: `no` or `yes` if that is true of every part, else `unknown`. */
export function executedOf(outcomes: readonly FanOutOutcome[]): Executed {
  const [first, ...others] = outcomes.map((outcome) => outcome.executed);
  return first !== undefined && others.every((executed) => executed === first) ? first : 'unknown';
}

/** What is known of a part that failed with `error`. */
export function executedBy(error: Error): Executed {
  return error instanceof SlotwiseError ? error.executed : 'unknown';
}

function commonError(outcomes: readonly FanOutOutcome[]): SlotwiseError | undefined {
  const first = outcomes[0]?.error;
  if (!(first instanceof SlotwiseError)) return undefined;
  const isAlike = (error: Error | undefined): boolean =>
    error instanceof SlotwiseError && error.name === first.name && error.code === first.code;
  return outcomes.every((outcome) => isAlike(outcome.error)) ? first : undefined;
}
