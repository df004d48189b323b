import Denque from 'denque';
import { Backlog, sizeOf } from './backlog.ts';
import { type Command, CommandState } from './command.ts';
import { timeoutError } from './command-error.ts';

/**
 * Commands that wait to be sent, oldest first. Settled ones (timed out, aborted) are dropped when they come to the front, and
 * at the latest with the next deadline.
 */
export class WaitingLine {
  readonly #commands = new Denque<Command>();
  readonly #backlog: Backlog;

  /** @param backlog where the line counts what it holds */
  constructor(backlog: Backlog = new Backlog()) {
    this.#backlog = backlog;
  }

  get length(): number {
    return this.#commands.length;
  }

  push(command: Command): void {
    command.state = CommandState.waiting;
    this.#dropSettledFront();
    this.#backlog.bytes += sizeOf(command);
    this.#commands.push(command);
  }

  /** Puts a command that was issued earlier where it belongs by its sequence: before all that were issued after it. */
  insert(command: Command): void {
    command.state = CommandState.waiting;
    this.#backlog.bytes += sizeOf(command);
    const commands = this.#commands;
    let at = commands.length;
    while (at > 0 && (commands.peekAt(at - 1) as Command).sequence > command.sequence) at--;
    if (at === commands.length) commands.push(command);
    else commands.splice(at, 0, command);
  }

  shift(): Command | undefined {
    this.#dropSettledFront();
    return this.#shift();
  }

  /** Empties the line. */
  takeAll(): Command[] {
    const commands = this.#commands.toArray();
    this.#commands.clear();
    for (const command of commands) this.#backlog.bytes -= sizeOf(command);
    return commands.filter((command) => !command.isSettled);
  }

  /** Takes away, in order, the commands that `isWanted` picks. */
  take(isWanted: (command: Command) => boolean): Command[] {
    const taken: Command[] = [];
    for (const command of this.takeAll()) {
      if (isWanted(command)) taken.push(command);
      else this.push(command);
    }
    return taken;
  }

  /** Rejects what is past its deadline, saying `what` it lacked. @returns the earliest deadline left, or Infinity. */
  expire(now: number, what: string | ((command: Command) => string), address?: string): number {
    let earliest = Number.POSITIVE_INFINITY;
    let settled = 0;
    const commands = this.#commands;
    for (let i = 0; i < commands.length; i++) {
      const command = commands.peekAt(i) as Command;
      const { deadline } = command;
      if (!command.isSettled && deadline <= now) {
        const lack = typeof what === 'string' ? what : what(command);
        command.reject(timeoutError(command, 'no', lack, address));
      }
      if (command.isSettled) settled++;
      else if (deadline < earliest) earliest = deadline;
    }
    if (settled > 0) this.#dropSettled(settled);
    return earliest;
  }

  #shift(): Command | undefined {
    const command = this.#commands.shift();
    if (command !== undefined) this.#backlog.bytes -= sizeOf(command);
    return command;
  }

  #dropSettledFront(): void {
    while (this.#commands.peekFront()?.isSettled) this.#shift();
  }

  /** Deadlines mostly come in the order of issue: usually all that are settled stand at the front. */
  #dropSettled(count: number): void {
    const before = this.#commands.length;
    this.#dropSettledFront();
    if (before - this.#commands.length < count) for (const command of this.takeAll()) this.push(command);
  }
}
