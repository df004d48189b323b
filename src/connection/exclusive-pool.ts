import type { Backlog } from '../commands/backlog.ts';
import type { Command, CommandOrigin } from '../commands/command.ts';
import { factsOf } from '../commands/command-error.ts';
import type { Lease } from '../commands/lease.ts';
import { WaitingLine } from '../commands/waiting-line.ts';
import { ConnectionError, type SlotwiseError } from '../errors.ts';
import { type Address, formatAddress } from '../util/address.ts';
import { nowMs } from '../util/clock.ts';
import { DeadlineTimer } from '../util/deadline-timer.ts';
import { Connection, type ConnectionOwner } from './connection.ts';
import type { ConnectionOptions } from './connection-options.ts';

/** An exclusive connection without work is closed after this long. */
const IDLE_MS = 30_000;
/** Connections that are being opened at a time; one while the node cannot be reached. */
const MAX_CONNECTING = 128;

interface Idle {
  readonly connection: Connection;
  readonly until: number;
}

interface Waiter {
  readonly resolve: (lease: Lease) => void;
  readonly reject: (error: SlotwiseError) => void;
}

/**
 * The exclusive connections of one node: each carries one blocking command at a time, or belongs to one lease. They are made
 * when needed, reused, bounded in number, and closed when idle. Silence on them means nothing: blocking is what they are for.
 */
export class ExclusivePool implements ConnectionOwner, CommandOrigin {
  readonly address: string;
  readonly #where: Address;
  readonly #options: ConnectionOptions;
  readonly #limit: number;
  readonly #waiting: WaitingLine;
  readonly #deadlines: DeadlineTimer;
  readonly #waiters: Waiter[] = [];
  readonly #open = new Set<Connection>();
  readonly #busy = new Map<Connection, Command | undefined>();
  #idle: Idle[] = [];
  readonly #sweep = new DeadlineTimer((now) => this.#closeIdle(now));
  #isReplica: boolean;
  #isClosed = false;
  /** The latest attempt to connect failed. */
  #isFailing = false;

  constructor(where: Address, options: ConnectionOptions, limit: number, isReplica: boolean, backlog?: Backlog) {
    this.#isReplica = isReplica;
    this.#waiting = new WaitingLine(backlog);
    this.#where = where;
    this.address = formatAddress(where.host, where.port);
    this.#options = { ...options, stallAfterMs: Number.POSITIVE_INFINITY };
    this.#limit = limit;
    this.#deadlines = new DeadlineTimer((now) =>
      this.#waiting.expire(now, `no exclusive connection to ${this.address} is free`),
    );
  }

  /** Connections that carry a command or a lease. */
  get inUse(): number {
    return this.#busy.size;
  }

  /** Connections to a replica have to say that they read there (READONLY), which those to a master have not. */
  setReplica(isReplica: boolean): void {
    if (isReplica === this.#isReplica) return;
    this.#isReplica = isReplica;
    if (isReplica) for (const { connection } of this.#idle.splice(0)) connection.close();
  }

  /** Sends a command on a connection that carries nothing else; false if it has to wait for one. */
  dispatch(command: Command): boolean {
    if (this.#isClosed) {
      this.#giveBack(command, this.#left());
      return true;
    }
    const connection = this.#takeIdle();
    if (connection !== undefined) {
      this.#run(connection, command);
      return true;
    }
    this.#waiting.push(command);
    this.#deadlines.note(command.deadline);
    this.#grow();
    return false;
  }

  /** A connection for its caller alone. @throws ConnectionError when the node cannot be reached. */
  acquire(): Promise<Lease> {
    if (this.#isClosed) return Promise.reject(this.#left());
    const connection = this.#takeIdle();
    if (connection !== undefined) return Promise.resolve(this.#lease(connection));
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#grow();
    });
  }

  /** Ends a command that its caller has given up, by closing the connection on which it blocks. */
  abandon(command: Command): void {
    for (const [connection, running] of this.#busy) {
      if (running === command) connection.destroy(this.#lost('its command was given up'));
    }
  }

  /** Closes the connections on which nothing but commands that are settled block. */
  abandonSettled(): void {
    for (const [connection, running] of [...this.#busy]) {
      if (running?.isSettled) connection.destroy(this.#lost('its command was given up'));
    }
  }

  /** Takes back commands that wait here and were not sent. */
  withdraw(isWanted: (command: Command) => boolean): Command[] {
    return this.#waiting.length === 0 ? [] : this.#waiting.take(isWanted);
  }

  /** Drops the connections on which commands wait that `isServed` declines: their slots are served elsewhere. */
  dropUnserved(isServed: (command: Command) => boolean): void {
    for (const connection of [...this.#busy.keys()]) {
      let isUnserved = false;
      connection.forEachInFlight((command) => {
        if (!command.isSettled && !isServed(command)) isUnserved = true;
      });
      if (isUnserved) connection.destroy(this.#lost('its node no longer serves the slot'));
    }
  }

  forEachInFlight(visit: (command: Command) => void): void {
    for (const connection of this.#busy.keys()) connection.forEachInFlight(visit);
  }

  /** Accepts nothing more; what runs is answered. */
  close(): void {
    this.#isClosed = true;
    this.#fail(this.#left());
    for (const { connection } of this.#idle.splice(0)) connection.close();
    for (const connection of this.#busy.keys()) connection.close();
    this.#sweep.stop();
  }

  destroy(cause: SlotwiseError): void {
    this.#isClosed = true;
    this.#sweep.stop();
    for (const connection of [...this.#open]) connection.destroy(cause);
    this.#fail(cause);
  }

  onReady(connection: Connection): void {
    this.#isFailing = false;
    this.#next(connection);
    this.#grow();
  }

  onIdle(connection: Connection): void {
    // A lease decides itself when it is over; one that was given back by its last reply has found its next use already.
    if (this.#busy.get(connection) === undefined) return;
    this.#busy.delete(connection);
    this.#next(connection);
  }

  onExpired(connection: Connection): void {
    connection.destroy(this.#lost('its command was given up'));
  }

  onClosed(connection: Connection, cause: SlotwiseError): void {
    this.#open.delete(connection);
    this.#busy.delete(connection);
    this.#idle = this.#idle.filter((idle) => idle.connection !== connection);
    this.#isFailing = !connection.wasReady;
    if (this.#isFailing) this.#fail(cause);
    else if (!this.#isClosed) this.#grow();
  }

  onDrain(): void {}
  onStalled(): void {}
  onPush(): void {}

  /** Opens as many connections as there are commands and leases that wait, up to the limit. */
  #grow(): void {
    const connecting = this.#open.size - this.#busy.size - this.#idle.length;
    const wanted = this.#waiting.length + this.#waiters.length;
    let missing = Math.min(wanted, this.#isFailing ? 1 : MAX_CONNECTING) - connecting;
    for (; missing > 0 && this.#open.size < this.#limit; missing--) {
      this.#open.add(new Connection(this.#where, this.#options, this, this.#isReplica));
    }
  }

  #next(connection: Connection): void {
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve(this.#lease(connection));
      return;
    }
    const command = this.#waiting.shift();
    if (command !== undefined) {
      this.#run(connection, command);
      return;
    }
    if (this.#isClosed) {
      connection.close();
      return;
    }
    const until = nowMs() + IDLE_MS;
    this.#idle.push({ connection, until });
    this.#sweep.note(until);
  }

  #run(connection: Connection, command: Command): void {
    if (command.onLease === undefined) this.#busy.set(connection, command);
    else command.onLease(this.#lease(connection));
    if (command.serverWait !== undefined) command.args = command.serverWait.argsAt(command.args, nowMs());
    connection.dispatch(command);
  }

  #takeIdle(): Connection | undefined {
    // The one used last: the others grow old together and are closed.
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.connection.isReady) return idle.connection;
    }
    return undefined;
  }

  #lease(connection: Connection): Lease {
    this.#busy.set(connection, undefined);
    let isReleased = false;
    return {
      address: this.address,
      dispatch: (command) => {
        if (connection.isReady && !isReleased) connection.dispatch(command);
        else this.#giveBack(command, connection.closeCause ?? this.#lost('it was given back'));
      },
      get isOpen() {
        return connection.isReady && !isReleased;
      },
      release: (isClean) => {
        if (isReleased) return;
        isReleased = true;
        if (!isClean || connection.inFlight > 0 || !connection.isReady) {
          connection.destroy(this.#lost('its lease ended early'));
          return;
        }
        this.#busy.delete(connection);
        this.#next(connection);
      },
    };
  }

  #closeIdle(now: number): number {
    const due = this.#idle.filter((idle) => idle.until <= now);
    this.#idle = this.#idle.filter((idle) => idle.until > now);
    for (const { connection } of due) connection.close();
    return this.#idle[0]?.until ?? Number.POSITIVE_INFINITY;
  }

  #fail(cause: SlotwiseError): void {
    this.#deadlines.stop();
    for (const waiter of this.#waiters.splice(0)) waiter.reject(cause);
    for (const command of this.#waiting.takeAll()) this.#giveBack(command, cause);
  }

  #giveBack(command: Command, cause: SlotwiseError): void {
    const message = `${command.spec.name} was not sent: ${cause.message}`;
    const error = new ConnectionError(cause.code, message, factsOf(command, 'no', this.address, cause));
    command.owner.onFailure(command, error, this);
  }

  #left(): ConnectionError {
    return new ConnectionError('NODE_LEFT', `${this.address} is not used any more`, { address: this.address });
  }

  #lost(why: string): ConnectionError {
    return new ConnectionError('CONNECTION_LOST', `${this.address}: connection closed: ${why}`, {
      address: this.address,
    });
  }
}
