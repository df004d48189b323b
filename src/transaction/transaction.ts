import type { ReplyShape } from '../commands/shapes.ts';
import { UsageError } from '../errors.ts';
import type { Call } from '../pipeline/call.ts';
import { type CallArray, CallChain } from '../pipeline/call-chain.ts';
import type { Caller } from '../pipeline/caller.ts';
import type { Outcome, Outcomes } from '../pipeline/outcome.ts';

/** The shape of a transaction: its methods return it, with the type of one more reply. */
export interface TransactionShape<Done extends readonly unknown[]> extends ReplyShape {
  readonly returns: Transaction<[...Done, this['reply']]>;
}

/** Executes calls as one transaction. */
export type ExecuteAll = (calls: readonly Call[]) => Promise<Outcome[]>;

/**
 * Commands that a server executes as one, with nothing of anybody else between them. All their keys lie in one slot: give
 * them one hash tag.
 *
 * ```ts
 * const [[, total]] = await client.multi().incrby('{cart:7}:total', 250).rpush('{cart:7}:items', 'tea').exec();
 * ```
 */
export class Transaction<Done extends readonly unknown[] = []> extends CallChain<TransactionShape<Done>> {
  readonly #execute: ExecuteAll;
  #isDiscarded = false;

  /** @internal */
  constructor(caller: Caller, calls: readonly CallArray[], execute: ExecuteAll) {
    super(caller, calls);
    this.#execute = execute;
  }

  /**
   * Sends MULTI, the commands and EXEC in one write, and resolves with `[error, reply]` for each command, in order: a server
   * executes the others also when one fails.
   * @throws CrossSlotError when the keys lie in several slots, before anything is sent; ReplyError `EXECABORT` when a server
   *   refuses a command, so that none is executed; ConnectionError with `executed: 'unknown'` when the connection was lost
   *   before the answer.
   */
  async exec(): Promise<Outcomes<Done>> {
    if (this.#isDiscarded) throw new UsageError('USAGE', 'exec(): the transaction was discarded');
    const outcomes = await this.#execute(this.takeCalls());
    // The chain's type has noted the type of each reply in the order of the calls.
    return outcomes as Outcomes<Done>;
  }

  /** Gives the commands up. Nothing has been sent: a transaction leaves only with `exec`. */
  discard(): void {
    this.#isDiscarded = true;
  }
}
