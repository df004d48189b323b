import type { Backlog } from '../commands/backlog.ts';
import type { Command } from '../commands/command.ts';
import { factsOf } from '../commands/command-error.ts';
import { WaitingLine } from '../commands/waiting-line.ts';
import { ConnectionError, type SlotwiseError } from '../errors.ts';
import { type Address, formatAddress } from '../util/address.ts';
import { backoffMs } from '../util/backoff.ts';
import { DeadlineTimer } from '../util/deadline-timer.ts';
import { Connection, type ConnectionOwner } from './connection.ts';
import type { ConnectionOptions } from './connection-options.ts';

/** Wait before dialling again after a failure: the first one, and the longest. */
const REDIAL_BASE_MS = 50;
const REDIAL_CAP_MS = 500;

/** What the lanes of all nodes tell the client. */
export interface LaneOwner {
  /** Where what waits is counted. */
  readonly backlog: Backlog;
  /** A connection is ready. */
  onLaneReady(lane: Lane): void;
  /** The connection was lost, or could not be made. */
  onLaneLost(lane: Lane, cause: SlotwiseError): void;
  /** Commands are in flight and nothing has arrived for `silentMs`; again every tick until something does. */
  onLaneStalled(lane: Lane, silentMs: number): void;
  /** A command in flight has timed out. */
  onLaneExpired(lane: Lane): void;
}

/**
 * One ordered way to a node: a shared, pipelined connection, and the line of commands that wait for it while there is none, or
 * none that takes more. Commands reach the node in the order in which they were dispatched. It dials while something waits, with
 * backoff, and gives what waits back to its owners when the node cannot be reached, so that it may go elsewhere.
 */
export class Lane implements ConnectionOwner {
  readonly address: string;
  readonly where: Address;
  readonly #options: ConnectionOptions;
  readonly #owner: LaneOwner;
  readonly #waiting: WaitingLine;
  /** Dispatched while the connection hands back what was in flight on it: earlier than what waits. */
  readonly #returned: WaitingLine;
  readonly #deadlines: DeadlineTimer;
  #connection: Connection | undefined;
  #redialTimer: NodeJS.Timeout | undefined;
  /** Attempts to connect that have failed since the last one that succeeded. */
  #failures = 0;
  /** Somebody asked for a connection while the next attempt had to wait. */
  #isWanted = false;
  #isReplica: boolean;
  /** The node became a replica while this lane was connecting: the handshake under way does not say READONLY. */
  #readOnly: (() => Command) | undefined;
  #isClosed = false;
  #lastFailure: SlotwiseError | undefined;

  constructor(where: Address, options: ConnectionOptions, owner: LaneOwner, isReplica: boolean) {
    this.where = where;
    this.address = formatAddress(where.host, where.port);
    this.#options = options;
    this.#owner = owner;
    this.#isReplica = isReplica;
    this.#waiting = new WaitingLine(owner.backlog);
    this.#returned = new WaitingLine(owner.backlog);
    this.#deadlines = new DeadlineTimer((now) =>
      this.#waiting.expire(now, (command) => this.#lackOf(command), this.address),
    );
  }

  /** What a waiting command waits for. */
  #lackOf({ slot }: Command): string {
    const isCutOff = this.#lastFailure !== undefined && slot !== -1 && !this.#isReplica;
    if (!this.isReady) return `${isCutOff ? `no master serves slot ${slot}: ` : ''}no connection to ${this.address}`;
    return this.isStalled ? `${this.address} is silent` : `${this.address} takes no more for now`;
  }

  /** @returns false when the command was accepted but more is waiting than the socket takes. */
  dispatch(command: Command): boolean {
    const connection = this.#connection;
    if (connection?.takesMore && this.#waiting.length === 0) return connection.dispatch(command);
    if (this.#isClosed) {
      this.#giveBack(command, new ConnectionError('NODE_LEFT', `${this.address} is not used any more`));
      return true;
    }
    if (connection?.state === 'closed') this.#returned.push(command);
    else this.#waiting.push(command);
    this.#deadlines.note(command.deadline);
    this.connect();
    return false;
  }

  /** Begins to dial unless there is a connection, or a wait after a failure has to pass first. */
  connect(): void {
    if (this.#redialTimer !== undefined) this.#isWanted = true;
    if (this.#connection !== undefined || this.#redialTimer !== undefined || this.#isClosed) return;
    this.#connection = new Connection(this.where, this.#options, this, this.#isReplica);
  }

  get isReady(): boolean {
    return this.#connection?.isReady === true;
  }

  /** What is dispatched now is in flight at once. */
  get takesMore(): boolean {
    return this.#connection?.takesMore === true && this.#waiting.length === 0;
  }

  /**
   * False from a failed attempt to connect until one succeeds: commands had better wait elsewhere than come and go with every
   * attempt. The next one begins by itself when somebody asks, after its wait.
   */
  get isReachable(): boolean {
    if (this.#failures === 0 || this.#isClosed) return true;
    this.connect();
    return false;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get isStalled(): boolean {
    return this.#connection?.isStalled === true;
  }

  /** See {@link Connection.silentMs}. */
  get silentMs(): number {
    return this.#connection?.silentMs ?? 0;
  }

  get inFlight(): number {
    return this.#connection?.inFlight ?? 0;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get bufferedBytes(): number {
    return this.#connection?.bufferedBytes ?? 0;
  }

  /** Why the node could not be reached, while it cannot. */
  get lastFailure(): SlotwiseError | undefined {
    return this.#lastFailure;
  }

  forEachInFlight(visit: (command: Command) => void): void {
    this.#connection?.forEachInFlight(visit);
  }

  /** Takes back commands that wait here and were not sent. */
  withdraw(isWanted: (command: Command) => boolean): Command[] {
    return this.#waiting.length === 0 ? [] : this.#waiting.take(isWanted);
  }

  /** Tells the lane whether its node is a replica, so that its connections may read there (READONLY). */
  setReplica(isReplica: boolean, readOnly: () => Command): void {
    if (isReplica === this.#isReplica) return;
    this.#isReplica = isReplica;
    // A master ignores READONLY, so only becoming a replica has to be told to the server.
    const connection = this.#connection;
    if (isReplica && connection?.isReady) connection.dispatch(readOnly());
    else this.#readOnly = isReplica && connection !== undefined ? readOnly : undefined;
  }

  /** Drops the connection; what was in flight settles by the delivery rules, and a new one is dialled when something waits. */
  reset(cause: SlotwiseError): void {
    this.#connection?.destroy(cause);
  }

  /** Lets the connection answer what is in flight, then replaces it; what is dispatched meanwhile waits. */
  renew(): void {
    this.#connection?.close();
  }

  /** Answers what is in flight, gives back what waits, and accepts nothing more. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopRedial();
    const left = new ConnectionError('NODE_LEFT', `${this.address} is not used any more`, { address: this.address });
    this.#returnWaiting(left);
    this.#connection?.close();
  }

  destroy(cause: SlotwiseError): void {
    this.#isClosed = true;
    this.#stopRedial();
    this.#connection?.destroy(cause);
    this.#returnWaiting(cause);
  }

  onReady(connection: Connection): void {
    this.#failures = 0;
    this.#lastFailure = undefined;
    if (this.#readOnly !== undefined) connection.dispatch(this.#readOnly());
    this.#readOnly = undefined;
    this.onDrain(connection);
    this.#owner.onLaneReady(this);
  }

  onDrain(connection: Connection): void {
    if (connection !== this.#connection) return;
    while (connection.takesMore) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      connection.dispatch(next);
    }
    if (this.#waiting.length === 0) this.#deadlines.stop();
  }

  onClosed(connection: Connection, cause: SlotwiseError): void {
    if (this.#connection === connection) this.#connection = undefined;
    this.#lastFailure = cause;
    // What waits was issued later than what comes back from the connection: it goes the same way, so that it stays behind.
    const later = connection.lostInFlight > 0 ? this.#waiting.takeAll() : [];
    for (const command of this.#returned.takeAll()) this.#waiting.push(command);
    if (!this.#isClosed) {
      const waitMs = connection.wasReady ? 0 : backoffMs(this.#failures++, REDIAL_BASE_MS, REDIAL_CAP_MS);
      this.#redialTimer = setTimeout(() => this.#redial(), waitMs);
      if (!connection.wasReady) this.#returnWaiting(cause);
    }
    for (const command of later) this.#giveBack(command, cause);
    this.#owner.onLaneLost(this, cause);
  }

  onStalled(_connection: Connection, silentMs: number): void {
    this.#owner.onLaneStalled(this, silentMs);
  }

  onPush(): void {}
  onIdle(): void {}

  onExpired(): void {
    this.#owner.onLaneExpired(this);
  }

  #redial(): void {
    this.#redialTimer = undefined;
    const isWanted = this.#isWanted || this.#waiting.length > 0;
    this.#isWanted = false;
    if (isWanted) this.connect();
  }

  #stopRedial(): void {
    if (this.#redialTimer !== undefined) clearTimeout(this.#redialTimer);
    this.#redialTimer = undefined;
  }

  #returnWaiting(cause: SlotwiseError): void {
    this.#deadlines.stop();
    for (const command of this.#waiting.takeAll()) this.#giveBack(command, cause);
  }

  #giveBack(command: Command, cause: SlotwiseError): void {
    const message = `${command.spec.name} was not sent: ${cause.message}`;
    const error = new ConnectionError(cause.code, message, factsOf(command, 'no', this.address, cause));
    command.owner.onFailure(command, error, this);
  }
}
