import type { Command } from './command.ts';

/** A connection that one caller has to itself until it gives it back. */
export interface Lease {
  readonly address: string;
  /** Sends a command on this connection; false from `isOpen` means that it would be rejected. */
  dispatch(command: Command): void;
  readonly isOpen: boolean;
  /** Gives it back. One that is not clean (a transaction left open, replies still due) is destroyed instead of reused. */
  release(isClean: boolean): void;
}
