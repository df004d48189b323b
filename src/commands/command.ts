import type { SlotwiseError } from '../errors.ts';
import type { CommandSpec, WireArgument } from './command-spec.ts';

/** Where a command is in its life. It only moves forward, except that a retry takes it from `inFlight` back to `waiting`. */
export const CommandState = { waiting: 0, inFlight: 1, settled: 2 } as const;
export type CommandState = (typeof CommandState)[keyof typeof CommandState];

/** Decides what becomes of a command that did not simply get its reply: the executor for callers' commands. */
export interface CommandOwner {
  /** Commands that are not settled yet. Each command takes itself off when it settles. */
  pending: number;
  /** A server answered with an error, or the connection was lost (`origin` is where that happened). */
  onFailure(command: Command, error: SlotwiseError, origin: unknown): void;
  /** The last command that was in flight on an old owner of a slot has been answered. */
  onFence(command: Command): void;
}

type Resolve = (reply: unknown) => void;
type Reject = (error: Error) => void;

let capturedResolve: Resolve;
let capturedReject: Reject;
// One function for all promises instead of a closure each; the constructor below reads the two variables at once.
function capture(resolve: Resolve, reject: Reject): void {
  capturedResolve = resolve;
  capturedReject = reject;
}
function ignore(): void {}

/**
 * One call of one command: its arguments, its promise, its deadline. Created once, never wrapped or copied; redirects and
 * retries send the same object again. It settles exactly once, whoever comes first: reply, error, deadline, abort or close.
 */
export class Command {
  readonly spec: CommandSpec;
  readonly args: readonly WireArgument[];
  readonly owner: CommandOwner;
  /** Key slot, 0 to 16383, or -1 for a command without keys. */
  readonly slot: number;
  /** On the scale of performance.now(), in milliseconds; Infinity for never. */
  readonly deadline: number;
  readonly promise: Promise<unknown> | undefined;
  readonly #resolve: Resolve;
  readonly #reject: Reject;
  state: CommandState = CommandState.waiting;
  /** Whether bulk strings in the reply are wanted as Buffers. */
  asBuffers = false;
  /** The caller says that executing it twice does no harm (reads are always repeatable). */
  idempotent = false;
  /** It may have been executed by an earlier attempt; true from a lost connection on. */
  maybeExecuted = false;
  /** Order of issue among the commands of one client. */
  sequence = 0;
  /** Redirects followed so far. */
  hops = 0;
  /** Retries that waited (backoff), so far. */
  attempts = 0;
  /** The owner wants to know when this one is answered; see {@link CommandOwner.onFence}. */
  isFence = false;

  /** With `resolve` and `reject` they are called instead of a promise being made. */
  constructor(
    owner: CommandOwner,
    spec: CommandSpec,
    args: readonly WireArgument[],
    slot: number,
    deadline: number,
    resolve?: Resolve,
    reject?: Reject,
  ) {
    this.owner = owner;
    this.spec = spec;
    this.args = args;
    this.slot = slot;
    this.deadline = deadline;
    if (resolve === undefined) {
      this.promise = new Promise(capture);
      this.#resolve = capturedResolve;
      this.#reject = capturedReject;
    } else {
      this.promise = undefined;
      this.#resolve = resolve;
      this.#reject = reject ?? ignore;
    }
    owner.pending++;
  }
}
