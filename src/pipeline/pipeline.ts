import type { ReplyShape } from '../commands/shapes.ts';
import type { CallArray } from './call-chain.ts';
import { CallChain } from './call-chain.ts';
import type { Caller } from './caller.ts';
import type { Outcomes } from './outcome.ts';
import { runCalls } from './run-calls.ts';

/** The shape of a pipeline: its methods return it, with the type of one more reply. */
export interface PipelineShape<Done extends readonly unknown[]> extends ReplyShape {
  readonly returns: Pipeline<[...Done, this['reply']]>;
}

/**
 * Commands that are sent together, with keys of any slots: as few writes as there are nodes, replies in the order of the
 * commands. Not a transaction: each command succeeds, fails, is redirected and tried again for itself, under the same
 * rules as if it had been sent alone.
 *
 * ```ts
 * const [[, name], [error]] = await client.pipeline().get('user:42:name').incr('visits').exec();
 * ```
 */
export class Pipeline<Done extends readonly unknown[] = []> extends CallChain<PipelineShape<Done>> {
  readonly #caller: Caller;

  /** @internal */
  constructor(caller: Caller, calls: readonly CallArray[]) {
    super(caller, calls);
    this.#caller = caller;
  }

  /**
   * Sends the commands and resolves with `[error, reply]` for each, in order. Rejects only when it was called before: what
   * fails is found in the outcomes.
   */
  async exec(): Promise<Outcomes<Done>> {
    const outcomes = await runCalls(this.#caller, this.takeCalls());
    // The chain's type has noted the type of each reply in the order of the calls.
    return outcomes as Outcomes<Done>;
  }
}
