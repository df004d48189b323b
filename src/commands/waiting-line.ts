import Denque from 'denque';
import { type Command, CommandState } from './command.ts';
import { timeoutError } from './command-error.ts';

/** Commands that wait to be sent, oldest first. Settled ones (timed out, aborted) are dropped when they come to the front. */
export class WaitingLine {
  readonly #commands = new Denque<Command>();

  get length(): number {
    return this.#commands.length;
  }

  push(command: Command): void {
    command.state = CommandState.waiting;
    this.#commands.push(command);
  }

  /** Puts a command that was issued earlier where it belongs by its sequence: before all that were issued after it. */
  insert(command: Command): void {
    command.state = CommandState.waiting;
    const commands = this.#commands;
    let at = commands.length;
    while (at > 0 && (commands.peekAt(at - 1) as Command).sequence > command.sequence) at--;
    if (at === commands.length) commands.push(command);
    else commands.splice(at, 0, command);
  }

  shift(): Command | undefined {
    for (;;) {
      const command = this.#commands.shift();
      if (command === undefined || !command.isSettled) return command;
    }
  }

  /** Empties the line. */
  takeAll(): Command[] {
    const commands = this.#commands.toArray().filter((command) => !command.isSettled);
    this.#commands.clear();
    return commands;
  }

  /** Takes away, in order, the commands that `isWanted` picks. */
  take(isWanted: (command: Command) => boolean): Command[] {
    const commands = this.takeAll();
    const taken: Command[] = [];
    for (const command of commands) {
      if (isWanted(command)) taken.push(command);
      else this.#commands.push(command);
    }
    return taken;
  }

  /** Rejects what is past its deadline, saying that it waited for `what`. @returns the earliest deadline left, or Infinity. */
  expire(now: number, what: string, address?: string): number {
    let earliest = Number.POSITIVE_INFINITY;
    const commands = this.#commands;
    for (let i = 0; i < commands.length; i++) {
      const command = commands.peekAt(i) as Command;
      if (command.isSettled) continue;
      const { deadline } = command;
      if (deadline <= now) command.reject(timeoutError(command, 'no', what, address));
      else if (deadline < earliest) earliest = deadline;
    }
    return earliest;
  }
}
