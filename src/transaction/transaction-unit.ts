import { foreverSettings } from '../commands/call-settings.ts';
import { type CallSettings, Command, type CommandOwner, type Prelude } from '../commands/command.ts';
import { CommandFlag, type CommandSpec } from '../commands/command-spec.ts';
import { plainSpec } from '../commands/plain-spec.ts';
import { addFacts, type Executed, ProtocolError, ReplyError, type SlotwiseError } from '../errors.ts';
import type { Outcome } from '../pipeline/outcome.ts';
import { normaliseReply } from '../protocol/normalise-reply.ts';
import { abortCause, kindOfReplyError } from '../protocol/server-error.ts';
import type { PreparedCall } from './prepared-call.ts';

const multiSpec = plainSpec('MULTI');
const execSpec = plainSpec('EXEC', CommandFlag.write);
const readOnlyExecSpec = plainSpec('EXEC', CommandFlag.readOnly);
const ignore = (): void => {};

/** Hears what MULTI and the commands behind it are answered in one attempt; nothing is executed before EXEC. */
class Queueing implements CommandOwner {
  pending = 0;
  multiError: SlotwiseError | undefined;
  /** The first refusal of a command: EXEC will be answered EXECABORT. */
  firstError: SlotwiseError | undefined;
  refused = 0;

  onFailure(command: Command, error: SlotwiseError): void {
    command.reject(error);
    if (command.spec === multiSpec) this.multiError = error;
    else {
      this.refused++;
      this.firstError ??= error;
    }
  }

  onFence(): void {}
}

/**
 * A whole transaction as one command: an EXEC that brings MULTI and the queued commands along as its prelude. It waits, keeps its
 * order, is redirected and tried again like any other command of its slot, and is answered once.
 */
export class TransactionUnit implements Prelude {
  readonly #calls: readonly PreparedCall[];
  readonly slot: number;
  readonly size: number;
  #attempt = new Queueing();

  constructor(calls: readonly PreparedCall[], slot: number) {
    this.#calls = calls;
    this.slot = slot;
    this.size = calls.reduce((size, { args }) => args.reduce((sum, arg) => sum + arg.length, size), 0);
  }

  /** The command that stands for all of it; its reply goes to {@link outcomesOf}. */
  makeExec(owner: CommandOwner, settings: CallSettings, startedAt: number): Command {
    const isReadOnly = this.#calls.every(({ spec }) => (spec.flags & CommandFlag.readOnly) !== 0);
    const spec: CommandSpec = isReadOnly ? readOnlyExecSpec : execSpec;
    const exec = new Command(owner, spec, [], this.slot, onMaster(settings), this.#isInBuffers, startedAt);
    exec.prelude = this;
    return exec;
  }

  get #isInBuffers(): boolean {
    return this.#calls.some((call) => call.asBuffers);
  }

  commandsFor(exec: Command): readonly Command[] {
    const attempt = new Queueing();
    this.#attempt = attempt;
    const make = (spec: CommandSpec, args: PreparedCall['args']): Command =>
      new Command(attempt, spec, args, -1, foreverSettings, false, exec.startedAt, ignore, ignore);
    const multi = make(multiSpec, []);
    // One ASKING holds for everything up to EXEC.
    multi.isAsking = exec.isAsking;
    exec.isAsking = false;
    return [multi, ...this.#calls.map(({ spec, args }) => make(spec, args))];
  }

  /** Behind EXECABORT stands the refusal of a command: MOVED, ASK and the like, which say where to try again, or the caller's mistake. */
  explain(error: SlotwiseError): SlotwiseError {
    const { multiError, firstError } = this.#attempt;
    if (!(error instanceof ReplyError)) return error;
    if (multiError !== undefined) return this.#withoutMulti(multiError);
    if (error.code !== 'EXECABORT') return error;
    const cause = firstError ?? abortCause(error);
    if (cause instanceof ReplyError && kindOfReplyError(cause) !== 'failed') return cause;
    // Commands are refused while they are queued; nothing of the transaction was executed.
    if (cause !== undefined) addFacts(cause, { executed: 'no' });
    const reason = cause === undefined ? '' : ` (${cause.message})`;
    return new ReplyError('EXECABORT', `${error.message}${reason}`, { executed: 'no', cause });
  }

  /** MULTI was refused, so what was not refused as well has been executed for itself. */
  #withoutMulti(error: SlotwiseError): SlotwiseError {
    const { refused } = this.#attempt;
    if (refused === this.#calls.length) return error;
    const executed: Executed = refused === 0 ? 'yes' : 'unknown';
    return new ReplyError('MULTI_REFUSED', `MULTI was refused, but not what followed: ${error.message}`, {
      executed,
      cause: error,
    });
  }

  /**
   * The outcome of each command; `reply` is EXEC's.
   * @throws ProtocolError when it is no list of as many replies.
   */
  outcomesOf(reply: unknown): Outcome[] {
    if (!Array.isArray(reply) || reply.length !== this.#calls.length) {
      throw new ProtocolError('PROTOCOL', 'EXEC was not answered with one reply for each command', { executed: 'yes' });
    }
    const isInBuffers = this.#isInBuffers;
    return this.#calls.map((call, i) => outcomeOf(call, reply[i], isInBuffers));
  }
}

function onMaster(settings: CallSettings): CallSettings {
  return settings.readFrom === 'master' ? settings : { ...settings, readFrom: 'master' };
}

function outcomeOf({ spec, slot, asBuffers }: PreparedCall, reply: unknown, isInBuffers: boolean): Outcome {
  if (reply instanceof ReplyError) {
    addFacts(reply, { command: spec.name, slot: slot === -1 ? undefined : slot });
    return [reply, undefined];
  }
  const normal = normaliseReply(spec, reply, isInBuffers);
  const plain = isInBuffers && !asBuffers ? toText(normal) : normal;
  if (spec.transformReply === undefined) return [null, plain];
  try {
    return [null, spec.transformReply(plain)];
  } catch (error) {
    return [error as Error, undefined];
  }
}

/** Text for every Buffer in a reply: one EXEC has one kind of strings, its commands may want both. */
function toText(reply: unknown): unknown {
  if (reply instanceof Uint8Array) return Buffer.from(reply.buffer, reply.byteOffset, reply.length).toString();
  return Array.isArray(reply) ? reply.map(toText) : reply;
}
