import type { SlotwiseError } from '../errors.ts';
import { nowMs } from '../util/clock.ts';
import type { CommandSpec, WireArgument } from './command-spec.ts';
import type { Lease } from './lease.ts';
import type { ServerWait } from './server-wait.ts';

/** Where a command is in its life. A retry takes it from `inFlight` back to `waiting`; nothing leaves `settled`. */
export const CommandState = { waiting: 0, inFlight: 1, settled: 2 } as const;
export type CommandState = (typeof CommandState)[keyof typeof CommandState];

/** Which node may serve a read: the slot's master, one of its replicas, or a replica and else the master. */
export type ReadFrom = 'master' | 'replica' | 'preferReplica';

/** How the commands of one client, view or call are treated; shared by all commands issued under it. */
export interface CallSettings {
  /** The whole budget of a command in milliseconds: queueing, redirects and backoff included. Infinity for none. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly readFrom: ReadFrom;
  /** A command that may have been executed is sent again all the same (reads always are). */
  readonly idempotent: boolean;
}

/** The connection or lane where a command failed. */
export interface CommandOrigin {
  /** `host:port` of its node. */
  readonly address: string;
  /** Visits the commands in flight there, oldest first. */
  forEachInFlight(visit: (command: Command) => void): void;
}

/**
 * Decides what becomes of a command that did not simply get its reply. The executor is the owner of callers' commands; the
 * handshake, refreshes and links to single nodes have owners that reject at once.
 */
export interface CommandOwner {
  /** Commands that are not settled yet. Each command counts itself in and out. */
  pending: number;
  /** A server answered with an error, or the way to the server failed. */
  onFailure(command: Command, error: SlotwiseError, origin: CommandOrigin): void;
  /** A command marked by {@link Command.isFence} has been answered (or given up) on the connection that it was in flight on. */
  onFence(command: Command): void;
}

/** The way of a command that no slot leads: to several nodes, or to a certain one. Without slot and route any node will do. */
export interface CommandRoute {
  /** A failure is the caller's at once: the command is not sent again. */
  readonly isFinal: boolean;
  /** Sends the command on; called once a topology is known, and again for every retry. */
  take(command: Command): void;
}

/**
 * What goes to the server right before a command, in the same write and with nothing between: MULTI and its commands before an
 * EXEC, SCRIPT LOAD before an EVALSHA. To everything that orders and retries, prelude and command are one command.
 */
export interface Prelude {
  /** About how many bytes it takes while its command waits, beyond what all commands with it share. */
  readonly size: number;
  /**
   * Fresh commands for one attempt, in order.
   * @param known belongs to the preludes: what earlier ones have left on this connection
   */
  commandsFor(command: Command, known: Set<string>): readonly Command[];
  /** What an error of the command itself means, given what the latest attempt's commands before it were answered. */
  explain(error: SlotwiseError): SlotwiseError;
}

type Resolve = (reply: unknown) => void;
type Reject = (error: Error) => void;

let capturedResolve: Resolve;
let capturedReject: Reject;
// One function for all promises instead of a closure for each: the constructor reads both variables right after.
function capture(resolve: Resolve, reject: Reject): void {
  capturedResolve = resolve;
  capturedReject = reject;
}

/**
 * Instead of the time of issue: the command's time begins when somebody asks for it, in the same turn of the event loop at the
 * latest. So one reading of the clock (50 ns, a twentieth of a command) serves all commands of a turn.
 */
export const unstarted = -1;

/**
 * One call of one command: its arguments, its promise, its deadline. Created once, never wrapped or copied; redirects and
 * retries send the same object again. It settles exactly once, whoever comes first: reply, error, deadline, abort or close.
 */
export class Command {
  readonly owner: CommandOwner;
  readonly spec: CommandSpec;
  /** What is sent; changes between attempts only in how long the server may hold a blocking command. */
  args: readonly WireArgument[];
  /** Key slot, 0 to 16383, or -1 for a command without keys. */
  readonly slot: number;
  readonly settings: CallSettings;
  /** Whether bulk strings in the reply are wanted as Buffers. */
  readonly asBuffers: boolean;
  /** Undefined for a command made with callbacks. */
  readonly promise: Promise<unknown> | undefined;
  readonly #resolve: Resolve;
  readonly #reject: Reject;
  #startedAt: number;
  state: CommandState = CommandState.waiting;
  /** Order of issue among the commands of one owner. */
  sequence = 0;
  /** Leads a command whose slot is -1; undefined: to any node. */
  route: CommandRoute | undefined = undefined;
  /** It may block, so it must have a connection to itself. */
  isExclusive = false;
  /** How long servers may hold it; undefined for a command that does not block. */
  serverWait: ServerWait | undefined = undefined;
  prelude: Prelude | undefined = undefined;
  /** Keeps the exclusive connection on which it is sent: called before each attempt, with the lease of that attempt. */
  onLease: ((lease: Lease) => void) | undefined = undefined;
  /** The next dispatch sends ASKING before it, in the same write. */
  isAsking = false;
  /** The owner wants {@link CommandOwner.onFence} when this one is answered. */
  isFence = false;
  /** Redirects followed so far. */
  hops = 0;
  /** Attempts that ended in a wait, so far. */
  attempts = 0;
  /** An earlier attempt was written and its connection lost: whatever fails from now on, it may have been executed. */
  maybeExecuted = false;
  /** The error of the latest attempt: the cause that a timeout reports. */
  lastError: SlotwiseError | undefined = undefined;

  /**
   * With `resolve` and `reject` these are called and no promise is made.
   * @param startedAt on the clock of `nowMs()`; or {@link unstarted}
   */
  constructor(
    owner: CommandOwner,
    spec: CommandSpec,
    args: readonly WireArgument[],
    slot: number,
    settings: CallSettings,
    asBuffers: boolean,
    startedAt: number,
    resolve?: Resolve,
    reject?: Reject,
  ) {
    this.owner = owner;
    this.spec = spec;
    this.args = args;
    this.slot = slot;
    this.settings = settings;
    this.asBuffers = asBuffers;
    this.#startedAt = startedAt;
    if (resolve !== undefined && reject !== undefined) {
      this.promise = undefined;
      this.#resolve = resolve;
      this.#reject = reject;
    } else {
      this.promise = new Promise(capture);
      this.#resolve = capturedResolve;
      this.#reject = capturedReject;
    }
    owner.pending++;
  }

  get isSettled(): boolean {
    return this.state === CommandState.settled;
  }

  /** When its time began, in milliseconds on the clock of `nowMs()`. */
  get startedAt(): number {
    return this.#startedAt === unstarted ? this.startBy(nowMs()) : this.#startedAt;
  }

  /** Lets its time begin now, unless it has begun; returns when it did. */
  startBy(now: number): number {
    if (this.#startedAt === unstarted) this.#startedAt = now;
    return this.#startedAt;
  }

  /** On the clock of `nowMs()`. */
  get deadline(): number {
    return this.startedAt + this.settings.timeoutMs + (this.serverWait?.timeoutMs ?? 0);
  }

  /** Settles with a RESP2-shaped reply, turned into the shape that the command's callers get. */
  resolve(reply: unknown): void {
    if (this.state === CommandState.settled) return;
    this.state = CommandState.settled;
    this.owner.pending--;
    const transform = this.spec.transformReply;
    if (transform === undefined) {
      this.#resolve(reply);
      return;
    }
    let shaped: unknown;
    try {
      shaped = transform(reply);
    } catch (error) {
      this.#reject(error as Error);
      return;
    }
    this.#resolve(shaped);
  }

  reject(error: Error): void {
    if (this.state === CommandState.settled) return;
    this.state = CommandState.settled;
    this.owner.pending--;
    this.#reject(error);
  }
}
