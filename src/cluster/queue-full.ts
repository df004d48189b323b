import type { Command } from '../commands/command.ts';
import { factsOf } from '../commands/command-error.ts';
import { QueueFullError } from '../errors.ts';

/** How much may wait. */
export interface Bounds {
  /** Commands that may be unsettled at a time; more are rejected at once. */
  readonly maxPending: number;
  /** Bytes that may wait unsent; while more do, new commands are rejected at once. */
  readonly maxPendingBytes: number;
}

/** What a command is told that comes when `pending` others, or what waits unsent, have reached a bound. */
export function queueFull(command: Command, pending: number, { maxPending, maxPendingBytes }: Bounds): QueueFullError {
  const what =
    pending > maxPending
      ? `${maxPending} commands are pending already (maxPending)`
      : `${maxPendingBytes} bytes wait to be sent already (maxPendingBytes)`;
  return new QueueFullError('QUEUE_FULL', `${command.spec.name} was not sent: ${what}`, factsOf(command, 'no'));
}
