import { Command, type CommandRoute, CommandState } from '../commands/command.ts';
import { factsOf } from '../commands/command-error.ts';
import type { CommandSpec, WireArgument } from '../commands/command-spec.ts';
import { CommandAbortedError, type FanOutOutcome, ProtocolError, QueueFullError, ReplyError } from '../errors.ts';
import type { Executor } from './executor.ts';
import { executedBy, fanOutFailure } from './fan-out-error.ts';
import type { Needs } from './policies.ts';

/** One of the commands into which a call is split. */
export interface FanOutPart {
  readonly args: readonly WireArgument[];
  /** Slot of its keys, or -1 if `route` leads it. */
  readonly slot: number;
  readonly route: CommandRoute | undefined;
  /** The node that it is meant for, `host:port`, where that is known beforehand. */
  readonly address: string | undefined;
}

/** What there is to do for a call that goes to several places at once. */
export interface FanOutPlan<Part extends FanOutPart> {
  readonly needs: Needs;
  /** The parts have connections of their own, beside those on which commands wait. */
  readonly isAside: boolean;
  /** The parts of the call by the topology of this moment; it is known when this is called. */
  split(root: Command): readonly Part[];
  /** One reply from those of all parts (or of those parts that succeeded, if not all have to). */
  merge(parts: readonly Part[], replies: readonly unknown[]): unknown;
}

/**
 * Sends a call's parts all at once, so that those to one node leave in one write, and settles the call when all of them are
 * settled. Each part is redirected and retried for itself; deadline and abort of the call are those of every part; the parts
 * are sent only if all of them fit within `maxPending`.
 */
export class FanOut<Part extends FanOutPart> implements CommandRoute {
  readonly isFinal = false;
  readonly #executor: Executor;
  readonly #plan: FanOutPlan<Part>;
  #parts: readonly Part[] = [];
  #replies: unknown[] = [];
  #errors: (Error | undefined)[] | undefined;
  #open = 0;
  #stopWatching: (() => void) | undefined;

  constructor(executor: Executor, plan: FanOutPlan<Part>) {
    this.#executor = executor;
    this.#plan = plan;
  }

  take(root: Command): void {
    const parts = this.#plan.split(root);
    if (parts.length > this.#executor.room) {
      root.reject(tooManyParts(root, parts.length));
      return;
    }
    this.#parts = parts;
    this.#replies = new Array(parts.length);
    this.#open = parts.length;
    // From here on an abort cannot tell whether some part was executed.
    root.state = CommandState.inFlight;
    const { signal } = root.settings;
    const settings = signal === undefined ? root.settings : { ...root.settings, signal: undefined };
    const spec = plainReplies(root.spec);
    const { startedAt, asBuffers, sequence } = root;
    const watched: Command[] | undefined = signal === undefined ? undefined : [];
    for (let i = 0; i < parts.length; i++) {
      const { args, slot, route } = parts[i] as Part;
      const part = new Command(
        this.#executor,
        spec,
        args,
        slot,
        settings,
        asBuffers,
        startedAt,
        (reply) => this.#onReply(root, i, reply),
        (error) => this.#onError(root, i, error),
      );
      part.sequence = sequence;
      part.route = route;
      part.isExclusive = this.#plan.isAside;
      watched?.push(part);
      this.#executor.submit(part);
    }
    if (signal !== undefined && watched !== undefined && this.#open > 0) this.#watch(root, watched, signal);
  }

  #onReply(root: Command, part: number, reply: unknown): void {
    this.#replies[part] = reply;
    if (--this.#open === 0) this.#finish(root);
    else if (this.#plan.needs === 'first') root.resolve(reply);
  }

  #onError(root: Command, part: number, error: Error): void {
    this.#errors ??= new Array(this.#parts.length).fill(undefined);
    this.#errors[part] = error;
    if (--this.#open === 0) this.#finish(root);
  }

  #finish(root: Command): void {
    this.#stopWatching?.();
    if (root.isSettled) return;
    const errors = this.#errors;
    if (errors === undefined) this.#merge(root, this.#parts, this.#replies);
    else this.#finishWithErrors(root, errors);
  }

  #finishWithErrors(root: Command, errors: readonly (Error | undefined)[]): void {
    const { needs } = this.#plan;
    const isGood = (_: unknown, i: number): boolean => errors[i] === undefined;
    const good = this.#parts.filter(isGood);
    const canBeLeftOut = errors.every((error) => error === undefined || error instanceof ReplyError);
    if (good.length > 0 && (needs === 'first' || (needs === 'some' && canBeLeftOut))) {
      this.#merge(root, good, this.#replies.filter(isGood));
      return;
    }
    root.reject(fanOutFailure(root, this.#outcomes(errors)));
  }

  /** Never throws: it runs while a connection reads replies, some of them other callers'. */
  #merge(root: Command, parts: readonly Part[], replies: readonly unknown[]): void {
    try {
      root.resolve(this.#plan.merge(parts, replies));
    } catch (cause) {
      const message = `${root.spec.name}: the replies of its parts do not fit together`;
      root.reject(new ProtocolError('PROTOCOL', message, factsOf(root, 'yes', undefined, cause)));
    }
  }

  #outcomes(errors: readonly (Error | undefined)[]): FanOutOutcome[] {
    return this.#parts.map((part, i): FanOutOutcome => {
      const error = errors[i];
      const slot = part.slot === -1 ? undefined : part.slot;
      const planned = part.address ?? this.#executor.routes.masterOf(part.slot)?.address;
      if (error === undefined) return { address: planned, slot, executed: 'yes', reply: this.#replies[i] };
      const asked = 'address' in error && typeof error.address === 'string' ? error.address : planned;
      return { address: asked, slot, executed: executedBy(error), error };
    });
  }

  /** The call itself is rejected by whoever issued it; here its parts are taken out of the lines in which they wait. */
  #watch(root: Command, commands: readonly Command[], signal: AbortSignal): void {
    const abort = (): void => {
      for (const part of commands) {
        const message = `${root.spec.name} was aborted by its caller`;
        part.reject(new CommandAbortedError('ABORTED', message, factsOf(part, 'unknown', undefined, signal.reason)));
      }
    };
    signal.addEventListener('abort', abort, { once: true });
    this.#stopWatching = () => signal.removeEventListener('abort', abort);
  }
}

/** A part's reply is taken as it comes: the call's own command gives the merged one its shape. */
function plainReplies(spec: CommandSpec): CommandSpec {
  return spec.transformReply === undefined ? spec : { ...spec, transformReply: undefined };
}

function tooManyParts(root: Command, count: number): QueueFullError {
  const message = `${root.spec.name} was not sent: it has ${count} parts, more than maxPending leaves room for`;
  return new QueueFullError('QUEUE_FULL', message, factsOf(root, 'no'));
}
