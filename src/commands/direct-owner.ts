import type { SlotwiseError } from '../errors.ts';
import type { Command, CommandOwner } from './command.ts';

/** Rejects a command at its first failure: for commands that mean one particular connection, so that no other may do. */
export class DirectOwner implements CommandOwner {
  pending = 0;

  onFailure(command: Command, error: SlotwiseError): void {
    command.reject(error);
  }

  onFence(): void {}
}
