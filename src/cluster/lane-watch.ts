import type { Backlog } from '../commands/backlog.ts';
import type { ConnectionOptions } from '../connection/connection-options.ts';
import type { Lane, LaneOwner } from '../connection/lane.ts';
import type { Counters } from '../observability/counters.ts';
import type { Urgency } from '../topology/refresher.ts';
import { SilenceProbe } from './silence-probe.ts';

/** What the watch sets in motion. */
export interface LaneWatchEffects {
  refresh(urgency: Urgency): void;
  /** The lane is connected: what was held back because it was not can go. */
  release(lane: Lane): void;
  /** The lane is silent: its connection is to be dropped if its node no longer serves what is in flight there. */
  dropIfReplaced(lane: Lane): void;
}

/** Draws the consequences of what happens to the lanes of all nodes: counts, refreshes of the topology, and the end of dead connections. */
export class LaneWatch implements LaneOwner {
  readonly backlog: Backlog;
  readonly #counters: Counters;
  readonly #effects: LaneWatchEffects;
  readonly #probe: SilenceProbe;
  #isStopped = false;

  constructor(backlog: Backlog, counters: Counters, options: ConnectionOptions, effects: LaneWatchEffects) {
    this.backlog = backlog;
    this.#counters = counters;
    this.#effects = effects;
    this.#probe = new SilenceProbe(options);
  }

  onLaneReady(lane: Lane): void {
    this.#counters.connections++;
    this.#effects.release(lane);
  }

  onLaneLost(lane: Lane): void {
    if (this.#isStopped || lane.isClosed) return;
    this.#counters.connectionFailures++;
    this.#effects.refresh('urgent');
  }

  onLaneStalled(lane: Lane, silentMs: number): void {
    if (this.#isStopped) return;
    this.#effects.refresh('urgent');
    this.#effects.dropIfReplaced(lane);
    this.#probe.check(lane, silentMs);
  }

  onLaneExpired(): void {
    if (!this.#isStopped) this.#effects.refresh('soon');
  }

  stop(): void {
    this.#isStopped = true;
    this.#probe.stop();
  }
}
