import type { Command } from '../commands/command.ts';
import { factsOf } from '../commands/command-error.ts';
import { ClientClosedError, QueueFullError, type SlotwiseError } from '../errors.ts';

/** How much may wait. */
export interface Bounds {
  /** Commands that may be unsettled at a time; more are rejected at once. */
  readonly maxPending: number;
  /** Bytes that may wait unsent; while more do, new commands are rejected at once. */
  readonly maxPendingBytes: number;
}

/**
 * Rejects a new command that cannot be taken on: `closed` says that the client takes no more, else `pending` others, or what waits
 * unsent, have reached a bound.
 */
export function turnAway(command: Command, closed: SlotwiseError | undefined, pending: number, bounds: Bounds): void {
  if (closed !== undefined) {
    command.reject(new ClientClosedError(closed.code, closed.message, factsOf(command, 'no', undefined, closed)));
    return;
  }
  const what =
    pending > bounds.maxPending
      ? `${bounds.maxPending} commands are pending already (maxPending)`
      : `${bounds.maxPendingBytes} bytes wait to be sent already (maxPendingBytes)`;
  command.reject(
    new QueueFullError('QUEUE_FULL', `${command.spec.name} was not sent: ${what}`, factsOf(command, 'no')),
  );
}
