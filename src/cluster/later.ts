import { Backlog, sizeOf } from '../commands/backlog.ts';
import { type Command, CommandState } from '../commands/command.ts';
import { timeoutError } from '../commands/command-error.ts';
import { nowMs } from '../util/clock.ts';
import { DeadlineTimer } from '../util/deadline-timer.ts';

interface Appointment {
  readonly command: Command;
  readonly at: number;
}

/** Commands that are to be tried again after a wait, each for itself: those that need not keep the order of a slot. */
export class Later {
  readonly #release: (command: Command) => void;
  readonly #timer = new DeadlineTimer((now) => this.#onDue(now), { keepsAlive: true });
  readonly #backlog: Backlog;
  #appointments: Appointment[] = [];

  /** @param backlog where what waits here is counted */
  constructor(release: (command: Command) => void, backlog: Backlog = new Backlog()) {
    this.#release = release;
    this.#backlog = backlog;
  }

  get size(): number {
    return this.#appointments.length;
  }

  /** Releases the command in `delayMs`, or rejects it at its deadline if that comes first. */
  add(command: Command, delayMs: number): void {
    command.state = CommandState.waiting;
    const at = nowMs() + delayMs;
    this.#appointments.push({ command, at });
    this.#backlog.bytes += sizeOf(command);
    this.#timer.note(Math.min(at, command.deadline));
  }

  /** Releases everything now. */
  wake(): void {
    for (const command of this.takeAll()) this.#release(command);
  }

  takeAll(): Command[] {
    const commands = this.#appointments.map((appointment) => appointment.command);
    this.#appointments = [];
    this.#timer.stop();
    for (const command of commands) this.#backlog.bytes -= sizeOf(command);
    return commands.filter((command) => !command.isSettled);
  }

  #onDue(now: number): number {
    const due: Command[] = [];
    let next = Number.POSITIVE_INFINITY;
    this.#appointments = this.#appointments.filter(({ command, at }) => {
      if (!command.isSettled && command.deadline > now && at > now) {
        next = Math.min(next, at, command.deadline);
        return true;
      }
      due.push(command);
      return false;
    });
    for (const command of due) {
      this.#backlog.bytes -= sizeOf(command);
      if (command.isSettled) continue;
      if (command.deadline <= now) command.reject(timeoutError(command, 'no', 'it could not be served'));
      else this.#release(command);
    }
    return next;
  }
}
