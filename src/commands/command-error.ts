import { CommandTimeoutError, type ErrorFacts, type Executed } from '../errors.ts';
import { nowMs } from '../util/clock.ts';
import type { Command } from './command.ts';

/**
 * What an error says of the command that failed; see {@link ErrorFacts}. `executed` is about the latest attempt; an earlier
 * one that may have been executed turns `no` into `unknown`.
 */
export function factsOf(command: Command, executed: Executed, address?: string, cause?: unknown): ErrorFacts {
  return {
    executed: executed === 'no' && command.maybeExecuted ? 'unknown' : executed,
    command: command.spec.name,
    slot: command.slot === -1 ? undefined : command.slot,
    address,
    elapsedMs: nowMs() - command.startedAt,
    cause,
  };
}

/** The error of a command whose `timeoutMs` ran out; `what` says what it was waiting for. */
export function timeoutError(
  command: Command,
  executed: Executed,
  what: string,
  address?: string,
): CommandTimeoutError {
  const { lastError } = command;
  const last = lastError === undefined ? '' : `; the latest attempt: ${lastError.message}`;
  return new CommandTimeoutError(
    'TIMEOUT',
    `${command.spec.name} timed out after ${command.deadline - command.startedAt} ms: ${what}${last}`,
    factsOf(command, executed, address ?? lastError?.address, lastError),
  );
}
