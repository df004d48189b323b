import Denque from 'denque';
import { sizeOf } from '../commands/backlog.ts';
import type { Command } from '../commands/command.ts';
import { Encoder } from '../protocol/encoder.ts';
import type { Socket } from './connector.ts';

/** While a socket has yet to pass on so many bytes, it is given no more. */
const AHEAD_BYTES = 256 * 1024;

/** One for all connections: it holds nothing between two writes. */
const encoder = new Encoder();

/**
 * The commands in flight on one connection, oldest first. The youngest of them may not be written yet: those are certainly not
 * executed, and no reply can be for them.
 */
export class InFlight {
  readonly #commands = new Denque<Command>();
  /** How many, counted from the youngest, are not written yet. */
  #unwritten = 0;
  /** About how many bytes these take. */
  #unwrittenBytes = 0;
  /** How many of them were not there yet when {@link startClocks} was called last. */
  #unclocked = 0;
  /** The socket passed on at once what it was given last, as most do most of the time; with TLS none does. */
  #isPrompt = true;

  get length(): number {
    return this.#commands.length;
  }

  get unwritten(): number {
    return this.#unwritten;
  }

  get unwrittenBytes(): number {
    return this.#unwrittenBytes;
  }

  /** Commands have come since {@link startClocks}. */
  get hasNew(): boolean {
    return this.#unclocked > 0;
  }

  /** Nothing else is in flight but what has come since {@link startClocks}. */
  get isAllNew(): boolean {
    return this.#unclocked === this.#commands.length;
  }

  push(command: Command): void {
    this.#commands.push(command);
    this.#unwritten++;
    this.#unclocked++;
    this.#unwrittenBytes += sizeOf(command);
  }

  /** Takes the command that the next reply is for; undefined when nothing was asked. */
  shift(): Command | undefined {
    return this.#commands.length === this.#unwritten ? undefined : this.#commands.shift();
  }

  /** The oldest command. */
  peekFront(): Command | undefined {
    return this.#commands.peekFront();
  }

  /** Lets the time of all that is new begin `now`. @returns the earliest of their deadlines (or less, for one that blocks). */
  startClocks(now: number): number {
    const count = this.#commands.length;
    let earliest = Number.POSITIVE_INFINITY;
    for (let i = count - this.#unclocked; i < count; i++) {
      const command = this.#commands.peekAt(i) as Command;
      const deadline = command.startBy(now) + command.settings.timeoutMs;
      if (deadline < earliest) earliest = deadline;
    }
    this.#unclocked = 0;
    return earliest;
  }

  /** Writes what is not written yet, as far as the socket takes it. If anything is left then `drain` is certain to come. */
  writeTo(socket: Socket): void {
    // What was held together for one write may all have been passed on: then there is room for more.
    do this.#write(socket);
    while (this.#unwritten > 0 && socket.writableLength < socket.writableHighWaterMark);
    this.#unwrittenBytes = 0;
    for (let i = this.#unwritten; i > 0; i--) this.#unwrittenBytes += sizeOf(this.#commands.peekAt(-i) as Command);
  }

  #write(socket: Socket): void {
    const commands = this.#commands;
    encoder.begin(socket, this.#isPrompt);
    do {
      const command = commands.peekAt(commands.length - this.#unwritten) as Command;
      this.#unwritten--;
      encoder.append(command.spec.encodedName, command.args);
    } while (this.#unwritten > 0 && socket.writableLength < AHEAD_BYTES);
    encoder.end();
    this.#isPrompt = socket.writableLength === 0;
  }

  /** Whether the command, found in here, has been given to the socket. */
  isWritten(command: Command): boolean {
    for (let i = this.#unwritten; i > 0; i--) if (this.#commands.peekAt(-i) === command) return false;
    return true;
  }

  /** Calls `visit` for each command, oldest first; settled ones whose reply is still due included. */
  forEach(visit: (command: Command) => void): void {
    for (let i = 0; i < this.#commands.length; i++) visit(this.#commands.peekAt(i) as Command);
  }

  /** Empties the queue. */
  takeAll(): Command[] {
    const commands = this.#commands.toArray();
    this.#commands.clear();
    this.#unwritten = 0;
    this.#unwrittenBytes = 0;
    this.#unclocked = 0;
    return commands;
  }
}
