/**
 * What is known about a failed command: `no`, it was certainly not executed; `yes`, a server executed it (and said that it
 * failed, or its reply could not be used); `unknown`, it was written and no answer came.
 */
export type Executed = 'no' | 'unknown' | 'yes';

/** The facts that an error may carry. They name the command, the slot and the address, never keys, values or credentials. */
export interface ErrorFacts {
  readonly executed?: Executed | undefined;
  /** The command's name in upper case, with its subcommand where it has one: `GET`, `CONFIG SET`. */
  readonly command?: string | undefined;
  /** The key slot, 0 to 16383. */
  readonly slot?: number | undefined;
  /** The node last asked, `host:port`. */
  readonly address?: string | undefined;
  /** How long the command had been tried when it failed, in milliseconds. */
  readonly elapsedMs?: number | undefined;
  readonly cause?: unknown;
}

/** The base of every error that slotwise raises: catch this one to catch them all, and branch on {@link SlotwiseError.code}. */
export class SlotwiseError extends Error {
  override readonly name: string = 'SlotwiseError';
  /** A stable word to branch on: a server's own (`WRONGTYPE`, `NOSCRIPT`) or one of ours (`TIMEOUT`, `CONNECTION_LOST`). */
  readonly code: string;
  executed: Executed;
  declare command?: string;
  declare slot?: number;
  declare address?: string;
  /** How long the command had been tried, in milliseconds. */
  declare elapsedMs?: number;

  constructor(code: string, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.executed = facts.executed ?? 'no';
    addFacts(this, facts);
  }
}

/** Tells an error what is known of the command that it is about; what it knew already stays unless told anew. */
export function addFacts(error: SlotwiseError, facts: ErrorFacts): void {
  if (facts.executed !== undefined) error.executed = facts.executed;
  if (facts.command !== undefined) error.command = facts.command;
  if (facts.slot !== undefined) error.slot = facts.slot;
  if (facts.address !== undefined) error.address = facts.address;
  if (facts.elapsedMs !== undefined) error.elapsedMs = facts.elapsedMs;
}

/**
 * A server answered with an error reply. `code` is the reply's first word (`WRONGTYPE`, `ERR`, `NOPERM`, …) and `message` the
 * whole reply, as users of ioredis test for.
 */
export class ReplyError extends SlotwiseError {
  override readonly name = 'ReplyError';
}

/** A connection could not be made, or was lost while the command was in flight (then `executed` is `unknown`). */
export class ConnectionError extends SlotwiseError {
  override readonly name = 'ConnectionError';
}

/** The peer sent bytes that are not RESP, or beyond the limits. Fatal for that one connection. */
export class ProtocolError extends SlotwiseError {
  override readonly name = 'ProtocolError';
}

/** The command's `timeoutMs` ran out: queueing, redirects and backoff included. */
export class CommandTimeoutError extends SlotwiseError {
  override readonly name = 'CommandTimeoutError';
}

/** The caller's AbortSignal fired. `cause` is the signal's reason. */
export class CommandAbortedError extends SlotwiseError {
  override readonly name = 'CommandAbortedError';
}

/** More commands (or bytes) are waiting than the client may hold; this one was rejected at once and never sent. */
export class QueueFullError extends SlotwiseError {
  override readonly name = 'QueueFullError';
}

/** The client was closed or destroyed before the command was answered. */
export class ClientClosedError extends SlotwiseError {
  override readonly name = 'ClientClosedError';
}

/** The cluster cannot serve the command: no seed is reachable, no master serves the slot, or the redirects do not end. */
export class ClusterError extends SlotwiseError {
  override readonly name = 'ClusterError';
}

/** A watched key changed, so EXEC did nothing, more often than the retries allowed. */
export class TransactionAbortedError extends SlotwiseError {
  override readonly name = 'TransactionAbortedError';
}

/** The keys of one all-or-nothing command lie in several slots; nothing was sent. Give them one hash tag: `{user:42}:name`. */
export class CrossSlotError extends SlotwiseError {
  override readonly name = 'CrossSlotError';
}

/** The call cannot be right: a missing argument, an argument without a meaning, an option out of range. Nothing was sent. */
export class UsageError extends SlotwiseError {
  override readonly name = 'UsageError';
}

type BatchOutcome = [error: null, reply: unknown] | [error: Error, reply: undefined];

/**
 * Some commands of a batch or transaction failed. `outcomes` has `[error, reply]` for every one, in order, `cause` is the first
 * error. `executed` speaks of all: `no` if no command was executed, `yes` if all were, else `unknown`.
 */
export class BatchError extends SlotwiseError {
  override readonly name = 'BatchError';
  readonly #outcomes: readonly BatchOutcome[];

  constructor(code: string, message: string, facts: ErrorFacts, outcomes: readonly BatchOutcome[]) {
    super(code, message, facts);
    this.#outcomes = outcomes;
  }

  /** Not an own property, so that logging the error does not print replies. */
  get outcomes(): readonly BatchOutcome[] {
    return this.#outcomes;
  }
}

/** What became of one part of a call that went to several nodes or slots. */
export interface FanOutOutcome {
  /** The node that answered, or that was asked last; undefined if it cannot be told. */
  readonly address?: string | undefined;
  /** The slot of the part's keys, 0 to 16383: `keySlot(key)` tells which keys it had. Undefined for a part without keys. */
  readonly slot?: number | undefined;
  readonly executed: Executed;
  /** The part's reply, if it has one. */
  readonly reply?: unknown;
  readonly error?: Error | undefined;
}

/**
 * A call went to several nodes or slots, and not all of its parts succeeded. `outcomes` has every part, `cause` is the first
 * part's error. `executed` speaks of the call as a whole: `no` if no part was executed, `yes` if every part was, else `unknown`.
 */
export class FanOutError extends SlotwiseError {
  override readonly name = 'FanOutError';
  readonly #outcomes: readonly FanOutOutcome[];

  constructor(code: string, message: string, facts: ErrorFacts, outcomes: readonly FanOutOutcome[]) {
    super(code, message, facts);
    this.#outcomes = outcomes;
  }

  /** Not an own property, so that logging the error does not print replies. */
  get outcomes(): readonly FanOutOutcome[] {
    return this.#outcomes;
  }
}
