import { ClusterError } from '../errors.ts';
import { backoffMs } from '../util/backoff.ts';
import { nowMs } from '../util/clock.ts';
import { mergePages } from './merge-pages.ts';
import { NodeGoneError } from './node-asker.ts';
import { NodePass, type PageRequest } from './node-pass.ts';
import { type PassPlan, planPasses } from './plan-passes.ts';
import { hasClusterScan } from './server-scans.ts';
import type { HalfMove, PassOutcome } from './slot-pass.ts';
import type { SlotSet } from './slot-set.ts';
import type { ScannedKey } from './walk.ts';

/** Between two pages a node is looked at when the last look is older than this. */
const LOOK_EVERY_MS = 250;
/** Between two rounds while slots are not where they were expected. */
const ROUND_BASE_MS = 20;
const ROUND_CAP_MS = 250;

/**
 * A walk over all keys of the cluster: rounds of passes over nodes, until every slot is proved. A key that exists from the
 * beginning to the end is met at least once, whatever moves or fails over meanwhile; see {@link SlotPass} for why.
 */
export class KeyScan {
  readonly #request: PageRequest;
  readonly #parallelism: number;
  /** Slots that are not proved yet. */
  readonly #open: SlotSet;
  readonly #halves = new Map<number, HalfMove>();

  constructor(request: PageRequest, slots: SlotSet, parallelism: number) {
    this.#request = request;
    this.#open = slots;
    this.#parallelism = parallelism;
  }

  /**
   * The pages as they come. The topology has to be known.
   * @throws what a node refuses; ClusterError when for `timeoutMs` no slot could be settled.
   */
  async *pages(): AsyncGenerator<ScannedKey[], void, void> {
    const { executor, settings } = this.#request;
    const byCluster = await hasClusterScan(executor, settings);
    let progressAt = nowMs();
    for (let idleRounds = 0; this.#open.size > 0; ) {
      const before = this.#open.size;
      const halvesBefore = this.#halves.size;
      const plans = planPasses(executor.topology, this.#open, this.#halves);
      const sources = plans.map((plan) => this.#walk(plan, byCluster));
      yield* mergePages(sources, this.#parallelism);
      if (this.#open.size < before || this.#halves.size !== halvesBefore) {
        progressAt = nowMs();
        idleRounds = 0;
      } else if (nowMs() - progressAt > settings.timeoutMs) throw this.#stuck();
      if (this.#open.size === 0) return;
      executor.requestRefresh('urgent');
      await new Promise((resolve) => setTimeout(resolve, backoffMs(idleRounds++, ROUND_BASE_MS, ROUND_CAP_MS)));
    }
  }

  async *#walk(plan: PassPlan, byCluster: boolean): AsyncGenerator<ScannedKey[], void, void> {
    // A half counts only for the very next pass.
    for (const slot of plan.arriving.keys()) this.#halves.delete(slot);
    try {
      const node = await NodePass.begin(this.#request, plan, byCluster);
      let lookedAt = nowMs();
      while (!node.isDone) {
        const page = await node.step();
        if (!node.isDone && nowMs() - lookedAt >= LOOK_EVERY_MS) {
          await node.look();
          lookedAt = nowMs();
        }
        if (page.length > 0) yield page;
      }
      await node.look();
      this.#settle(node.finish());
    } catch (error) {
      if (!(error instanceof NodeGoneError)) throw error;
    }
  }

  #settle({ proved, half }: PassOutcome): void {
    for (const slot of proved) this.#open.delete(slot);
    for (const [slot, move] of half) this.#halves.set(slot, move);
  }

  #stuck(): ClusterError {
    const slot = this.#open.firstFrom(0);
    const { topology } = this.#request.executor;
    const message = `the scan cannot be completed: slot ${slot}, one of ${this.#open.size},`;
    return topology.shardOf(slot) === undefined
      ? new ClusterError('SLOT_UNCOVERED', `${message} has no owner in the topology`, { slot })
      : new ClusterError('SLOT_UNSETTLED', `${message} never was at one node long enough`, { slot });
  }
}
