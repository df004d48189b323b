import { type Command, CommandState } from '../commands/command.ts';
import { factsOf, timeoutError } from '../commands/command-error.ts';
import { WaitingLine } from '../commands/waiting-line.ts';
import { ConnectionError, ProtocolError, type ReplyError, type SlotwiseError } from '../errors.ts';
import { connectionLog } from '../observability/log.ts';
import type { ReplyDecoder, ReplySink } from '../protocol/decoder.ts';
import { normaliseReply } from '../protocol/normalise-reply.ts';
import { Resp2Decoder } from '../protocol/resp2-decoder.ts';
import { Resp3Decoder } from '../protocol/resp3-decoder.ts';
import { type Address, formatAddress } from '../util/address.ts';
import { nowMs } from '../util/clock.ts';
import { type Transitions, transition } from '../util/state.ts';
import { atEndOfTurn, type TurnTask } from '../util/turn.ts';
import { askingCommand } from './asking.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { connectEvent, dial, type Socket } from './connector.ts';
import { runHandshake } from './handshake.ts';
import { InFlight } from './in-flight.ts';

export type ConnectionState = 'connecting' | 'handshaking' | 'ready' | 'draining' | 'closed';

const transitions: Transitions<ConnectionState> = {
  connecting: ['handshaking', 'closed'],
  handshaking: ['ready', 'closed'],
  ready: ['draining', 'closed'],
  draining: ['closed'],
  closed: [],
};

/** Output beyond this size is written at once instead of at the end of the turn. */
const EARLY_FLUSH_BYTES = 64 * 1024;
/** While the socket takes no more, so much is put in line for it; commands beyond it are better left to wait elsewhere. */
const AHEAD_BYTES = 256 * 1024;
/** Deadlines are checked, and silence is noticed, at least this often while commands are in flight. */
const TICK_MS = 100;

/** What happens to a connection, told to the one who opened it. Commands are told through their own owners. */
export interface ConnectionOwner {
  onReady(connection: Connection): void;
  /** The last call for this connection; every command that was in flight has been handed to its owner before. */
  onClosed(connection: Connection, cause: SlotwiseError): void;
  /** It takes more again ({@link Connection.takesMore}): the socket has drained, or the node is no longer silent. */
  onDrain(connection: Connection): void;
  /** Commands are in flight and nothing has arrived for `silentMs`; called again every tick until something does. */
  onStalled(connection: Connection, silentMs: number): void;
  /** RESP3 only: what came between the replies. Nothing is subscribed on the connections of a client, so there it goes no further. */
  onPush(connection: Connection, push: readonly unknown[]): void;
  /** Everything that was in flight has been answered. */
  onIdle(connection: Connection): void;
  /** A command in flight was given up at its deadline; its reply is still due. */
  onExpired(connection: Connection): void;
}

/**
 * One socket to one node: commands go in by `dispatch`, replies settle them in order. Single use: once closed it stays so.
 *
 * However it ends, every command in flight is handed to its owner exactly once, with an error that says whether it may have
 * been executed (written) or not (still in our own output).
 */
export class Connection implements ReplySink, TurnTask {
  readonly address: string;
  readonly #owner: ConnectionOwner;
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #inFlight = new InFlight();
  /** How often to look for silence; Infinity where silence means nothing. */
  readonly #tickMs: number;
  #decoder: ReplyDecoder;
  #protocol: 2 | 3;
  #state: ConnectionState = 'connecting';
  #isFlushDue = false;
  /** The socket takes no more for now. */
  #isBlocked = false;
  /** The node is silent: what is dispatched meanwhile is held back, so that it is known not to be executed. */
  #isStalled = false;
  #heldBack: WaitingLine | undefined;
  #timer: NodeJS.Timeout | undefined;
  #tickAt = Number.POSITIVE_INFINITY;
  #earliestDeadline = Number.POSITIVE_INFINITY;
  /** When bytes last arrived, or commands went in flight after there were none. */
  #lastProgressAt = 0;
  #wasReady = false;
  #lostInFlight = 0;
  /** For preludes, which keep in it what the server need not be told twice. */
  #known: Set<string> | undefined;
  #closeCause: SlotwiseError | undefined;

  constructor(address: Address, options: ConnectionOptions, owner: ConnectionOwner, isReplica: boolean) {
    this.address = formatAddress(address.host, address.port);
    this.#owner = owner;
    this.#options = options;
    this.#tickMs = options.stallAfterMs === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : TICK_MS;
    this.#protocol = options.protocol;
    this.#decoder = this.#protocol === 3 ? new Resp3Decoder(this) : new Resp2Decoder(this);
    this.#socket = dial(address, options, (chunk) => this.#onBytes(chunk));
    this.#timer = setTimeout(() => this.#onConnectTimeout(), options.connectTimeoutMs);
    this.#socket.on(connectEvent(options), () => this.#onConnect(isReplica));
    this.#socket.on('drain', () => this.#onSocketDrain());
    this.#socket.on('error', (error: Error) => this.#onSocketError(error));
    this.#socket.on('close', () => this.destroy(this.#lost('the server closed the connection')));
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get isReady(): boolean {
    return this.#state === 'ready';
  }

  /** Whether it is good to dispatch now: not while the socket is full, nor while the node is silent with commands in flight. */
  get takesMore(): boolean {
    return (
      this.#state === 'ready' && !this.#isStalled && (!this.#isBlocked || this.#inFlight.unwrittenBytes < AHEAD_BYTES)
    );
  }

  get inFlight(): number {
    return this.#inFlight.length;
  }

  /** Bytes accepted and not yet taken by the operating system. */
  get bufferedBytes(): number {
    return this.#inFlight.unwrittenBytes + this.#socket.writableLength;
  }

  /**
   * Accepts a command; it leaves with the others of this turn. Only a ready connection may be asked.
   * @returns false when more is waiting to be written than the socket takes: accepted, but better wait for `onDrain`.
   */
  dispatch(command: Command): boolean {
    if (this.#isStalled) return this.#holdBack(command);
    if (command.prelude !== undefined) {
      this.#known ??= new Set();
      for (const before of command.prelude.commandsFor(command, this.#known)) this.dispatch(before);
    }
    if (command.isAsking) {
      command.isAsking = false;
      this.#enqueue(askingCommand());
    }
    this.#enqueue(command);
    return !this.#isBlocked;
  }

  #enqueue(command: Command): void {
    command.state = CommandState.inFlight;
    const inFlight = this.#inFlight;
    if (inFlight.length === 0) this.#decoder.asBuffers = command.asBuffers;
    inFlight.push(command);
    if (!this.#isFlushDue) {
      this.#isFlushDue = true;
      atEndOfTurn(this);
    } else if (inFlight.unwrittenBytes > EARLY_FLUSH_BYTES && !this.#isBlocked && !this.#isStalled) {
      this.#flush();
    }
  }

  endTurn(): void {
    this.#isFlushDue = false;
    if (!this.#isBlocked && !this.#isStalled) this.#flush();
    else this.#startClocks();
  }

  /** Reads the clock once for all commands that have come in this turn, and sees to their deadlines. */
  #startClocks(): void {
    const inFlight = this.#inFlight;
    if (!inFlight.hasNew) return;
    const now = nowMs();
    if (inFlight.isAllNew) this.#lastProgressAt = now;
    const earliest = inFlight.startClocks(now);
    if (earliest < this.#earliestDeadline) this.#earliestDeadline = earliest;
    if (this.#timer === undefined || earliest < this.#tickAt) this.#armTimer(earliest);
  }

  /** Writes what is not written yet, as far as the socket takes it. */
  #flush(): void {
    this.#startClocks();
    if (this.#inFlight.unwritten === 0 || this.#state === 'closed') return;
    const socket = this.#socket;
    this.#inFlight.writeTo(socket);
    // `write` also returns false for much that was passed on at once.
    this.#isBlocked = socket.writableLength >= socket.writableHighWaterMark;
  }

  #onSocketDrain(): void {
    if (this.#state === 'closed' || !this.#isBlocked) return;
    this.#isBlocked = false;
    if (this.#isStalled) return;
    this.#flush();
    this.#owner.onDrain(this);
  }

  onReply(reply: unknown): void {
    const command = this.#takeOldest();
    if (command === undefined) return;
    command.resolve(this.#protocol === 3 ? normaliseReply(command.spec, reply, command.asBuffers) : reply);
    if (command.isFence) this.#passFence(command);
  }

  onErrorReply(error: ReplyError): void {
    const command = this.#takeOldest();
    if (command === undefined) return;
    if (!command.isSettled) command.owner.onFailure(command, error, this);
    if (command.isFence) this.#passFence(command);
  }

  onPush(push: readonly unknown[]): void {
    if (connectionLog.enabled) connectionLog('%s sent a push', this.address);
    this.#owner.onPush(this, push);
  }

  #takeOldest(): Command | undefined {
    const command = this.#inFlight.shift();
    if (command === undefined) {
      this.destroy(new ProtocolError('PROTOCOL', `${this.address} sent a reply that nothing asked for`));
      return undefined;
    }
    const next = this.#inFlight.peekFront();
    if (next !== undefined) this.#decoder.asBuffers = next.asBuffers;
    return command;
  }

  #passFence(command: Command): void {
    command.isFence = false;
    command.owner.onFence(command);
  }

  #onBytes(chunk: Buffer): void {
    if (this.#state === 'closed') return;
    this.#lastProgressAt = nowMs();
    if (this.#isStalled) this.#resume();
    try {
      this.#decoder.decode(chunk);
    } catch (error) {
      const cause =
        error instanceof ProtocolError
          ? new ProtocolError('PROTOCOL', `${this.address}: ${error.message}`, { address: this.address, cause: error })
          : this.#lost('a reply could not be handled', error);
      this.destroy(cause);
      return;
    }
    if (this.#inFlight.length > 0) return;
    if (this.#state === 'draining') this.#end();
    else if (this.#state === 'ready') this.#owner.onIdle(this);
  }

  async #onConnect(isReplica: boolean): Promise<void> {
    this.#state = transition(transitions, this.#state, 'handshaking');
    try {
      const send = (command: Command) => this.#enqueue(command);
      if (!(await runHandshake(this.#options, this.#protocol, isReplica, send))) {
        this.#protocol = 2;
        this.#decoder = new Resp2Decoder(this);
        await runHandshake(this.#options, 2, isReplica, send);
      }
    } catch (error) {
      this.destroy(error as SlotwiseError);
      return;
    }
    if (this.#state !== 'handshaking') return;
    this.#clearTimer();
    this.#state = transition(transitions, this.#state, 'ready');
    this.#wasReady = true;
    if (connectionLog.enabled) connectionLog('%s ready (RESP%d)', this.address, this.#protocol);
    this.#owner.onReady(this);
  }

  #onConnectTimeout(): void {
    const what = this.#state === 'connecting' ? 'no connection' : 'no answer to the handshake';
    this.destroy(
      new ConnectionError('CONNECT_TIMEOUT', `${this.address}: ${what} within ${this.#options.connectTimeoutMs} ms`, {
        address: this.address,
      }),
    );
  }

  #onSocketError(error: Error): void {
    const isOpen = this.#state === 'ready' || this.#state === 'draining';
    this.destroy(isOpen ? this.#lost(error.message, error) : connectFailure(this.address, error));
  }

  #lost(why: string, cause?: unknown): ConnectionError {
    return new ConnectionError('CONNECTION_LOST', `${this.address}: connection lost: ${why}`, {
      address: this.address,
      cause,
    });
  }

  #armTimer(deadline: number): void {
    if (this.#state !== 'ready' && this.#state !== 'draining') return;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = nowMs();
    const delay = Math.max(1, Math.min(this.#tickMs, deadline - now));
    if (delay === Number.POSITIVE_INFINITY) return;
    this.#tickAt = now + delay;
    this.#timer = setTimeout(() => this.#tick(), Math.min(delay, 2 ** 31 - 1));
    this.#timer.unref();
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#tickAt = Number.POSITIVE_INFINITY;
  }

  #tick(): void {
    this.#clearTimer();
    this.#startClocks();
    if (this.#inFlight.length === 0) {
      this.#earliestDeadline = Number.POSITIVE_INFINITY;
      return;
    }
    const now = nowMs();
    if (now >= this.#earliestDeadline) this.#expire(now);
    // Giving up may have ended the connection.
    if (this.#state === 'closed') return;
    this.#armTimer(this.#earliestDeadline);
    const silentMs = now - this.#lastProgressAt;
    if (silentMs < this.#options.stallAfterMs) return;
    if (!this.#isStalled && connectionLog.enabled) connectionLog('%s silent for %d ms', this.address, silentMs);
    this.#isStalled = true;
    this.#owner.onStalled(this, silentMs);
  }

  #holdBack(command: Command): boolean {
    this.#heldBack ??= new WaitingLine();
    this.#heldBack.push(command);
    if (command.deadline < this.#earliestDeadline) this.#earliestDeadline = command.deadline;
    if (command.deadline < this.#tickAt) this.#armTimer(command.deadline);
    return false;
  }

  #resume(): void {
    this.#isStalled = false;
    for (const command of this.#heldBack?.takeAll() ?? []) this.dispatch(command);
    if (!this.#isFlushDue && this.#inFlight.unwritten > 0) {
      this.#isFlushDue = true;
      atEndOfTurn(this);
    }
    this.#owner.onDrain(this);
  }

  /** Commands are in flight, and the node has been silent for longer than `stallAfterMs`. */
  get isStalled(): boolean {
    return this.#isStalled && this.#inFlight.length > 0;
  }

  /** How long nothing has arrived while commands are in flight; 0 until that is noticed as a stall. */
  get silentMs(): number {
    return this.isStalled ? nowMs() - this.#lastProgressAt : 0;
  }

  /** Rejects what is past its deadline. It stays in the queue: its reply may still come and must be taken off the stream. */
  #expire(now: number): void {
    const what = `no answer from ${this.address}`;
    let earliest = this.#heldBack?.expire(now, what, this.address) ?? Number.POSITIVE_INFINITY;
    let hasExpired = false;
    this.#inFlight.forEach((command) => {
      if (command.isSettled) return;
      const deadline = command.deadline;
      if (deadline > now) {
        if (deadline < earliest) earliest = deadline;
        return;
      }
      hasExpired = true;
      // Also what is not written yet will be: its place among the replies is taken.
      command.reject(timeoutError(command, 'unknown', what, this.address));
    });
    this.#earliestDeadline = earliest;
    if (hasExpired) this.#owner.onExpired(this);
  }

  /** Whether the command, found in flight here, has been given to the socket. */
  isWritten(command: Command): boolean {
    return this.#inFlight.isWritten(command);
  }

  /** See {@link InFlight.forEach}. */
  forEachInFlight(visit: (command: Command) => void): void {
    this.#inFlight.forEach(visit);
  }

  /** Takes no more commands, answers what is in flight, then closes. */
  close(): void {
    if (this.#state === 'closed' || this.#state === 'draining') return;
    if (this.#state !== 'ready') {
      this.destroy(this.#lost('closed before it was ready'));
      return;
    }
    this.#state = transition(transitions, this.#state, 'draining');
    if (this.#inFlight.length === 0) this.#end();
  }

  #end(): void {
    this.destroy(this.#lost('closed'));
  }

  /** Closes at once and hands every command in flight to its owner with an error that says how far it had come. */
  destroy(cause: SlotwiseError): void {
    if (this.#state === 'closed') return;
    this.#state = transition(transitions, this.#state, 'closed');
    this.#closeCause = cause;
    if (connectionLog.enabled)
      connectionLog('%s closed with %d in flight: %s', this.address, this.inFlight, cause.message);
    this.#clearTimer();
    this.#socket.destroy();
    this.#failInFlight(cause);
    this.#owner.onClosed(this, cause);
  }

  #failInFlight(cause: SlotwiseError): void {
    const written = this.#inFlight.length - this.#inFlight.unwritten;
    const commands = [...this.#inFlight.takeAll(), ...(this.#heldBack?.takeAll() ?? [])];
    this.#lostInFlight = commands.length;
    for (let i = 0; i < commands.length; i++) {
      const command = commands[i] as Command;
      if (!command.isSettled) {
        const executed = i < written ? 'unknown' : 'no';
        const Failure = cause instanceof ProtocolError ? ProtocolError : ConnectionError;
        const facts = factsOf(command, executed, this.address, cause);
        const message = `${command.spec.name} was ${i < written ? 'in flight' : 'not sent'}: ${cause.message}`;
        command.owner.onFailure(command, new Failure(cause.code, message, facts), this);
      }
      if (command.isFence) this.#passFence(command);
    }
  }

  /** Whether it has ever been ready: a connection that never was could not be made. */
  get wasReady(): boolean {
    return this.#wasReady;
  }

  /** Commands that were in flight when it closed. */
  get lostInFlight(): number {
    return this.#lostInFlight;
  }

  /** Why it closed; undefined while it is open. */
  get closeCause(): SlotwiseError | undefined {
    return this.#closeCause;
  }
}

function connectFailure(address: string, error: Error): ConnectionError {
  return new ConnectionError('CONNECT_FAILED', `${address}: ${error.message || error.name}`, { address, cause: error });
}
