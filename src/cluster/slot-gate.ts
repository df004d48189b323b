import type { Backlog } from '../commands/backlog.ts';
import type { Command, CommandOrigin } from '../commands/command.ts';
import { WaitingLine } from '../commands/waiting-line.ts';

/**
 * Keeps the commands of one slot in order while some of them have to be sent again. As long as a slot has a gate, its new
 * commands wait behind it; the gate opens when every earlier command on the slot's previous connections has been answered
 * ({@link fences}) and the wait before the next attempt is over.
 */
export class SlotGate {
  readonly slot: number;
  /** Last commands of this slot on connections that it left; the gate stays shut until they are answered. */
  fences = 0;
  /** Where it was last fenced: spares looking through everything in flight there for each of many refused commands. */
  fencedAt: CommandOrigin | undefined = undefined;
  /** On the clock of `nowMs()`. */
  notBefore = 0;
  /** What it waits for is a change of the topology or a node to come back, not merely the end of a redirect. */
  isTroubled = false;
  /**
   * The server has refused the first command and may accept the next attempt at any moment: that goes alone, so that none that
   * was issued after it can be the first to be accepted.
   */
  isCautious = false;
  /** Commands that come back from a connection: issued before all that wait in the line of new ones. */
  readonly #returned: WaitingLine;
  readonly #issued: WaitingLine;

  constructor(slot: number, backlog?: Backlog) {
    this.slot = slot;
    this.#returned = new WaitingLine(backlog);
    this.#issued = new WaitingLine(backlog);
  }

  /** A command that was dispatched before and has to be sent again. */
  putBack(command: Command): void {
    this.#returned.insert(command);
  }

  /** A new command. */
  append(command: Command): void {
    this.#issued.push(command);
  }

  isOpen(now: number): boolean {
    return this.fences === 0 && this.notBefore <= now;
  }

  /** Whether all that waited here has been settled. */
  isEmpty(): boolean {
    return this.#returned.length === 0 && this.#issued.length === 0;
  }

  takeFirst(): Command | undefined {
    return this.#returned.shift() ?? this.#issued.shift();
  }

  takeAll(): Command[] {
    return this.#returned.takeAll().concat(this.#issued.takeAll());
  }

  /** Rejects what is past its deadline. @returns the next deadline, or Infinity. */
  expire(now: number): number {
    const what =
      this.fences > 0 ? `earlier commands of slot ${this.slot} are unanswered` : `no master serves slot ${this.slot}`;
    return Math.min(this.#returned.expire(now, what), this.#issued.expire(now, what));
  }
}
