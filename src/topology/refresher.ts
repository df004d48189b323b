import { Command } from '../commands/command.ts';
import { DirectOwner } from '../commands/direct-owner.ts';
import { plainSpec } from '../commands/plain-spec.ts';
import type { ConnectionOptions } from '../connection/connection-options.ts';
import type { Node } from '../connection/node.ts';
import type { Nodes } from '../connection/nodes.ts';
import type { Address } from '../util/address.ts';
import { backoffMs } from '../util/backoff.ts';
import { nowMs } from '../util/clock.ts';
import type { MapAddress } from './parse-slots.ts';
import { type NoSeedError, SeedRace } from './seed-race.ts';
import type { ShardRange } from './topology.ts';
import { askView, chooseView, isSameCluster, type View } from './view.ts';

/**
 * How soon a refresh is wanted: `soon` after a redirect (the slot in question is patched already), `urgent` when commands
 * cannot be served until the topology changes.
 */
export type Urgency = 'soon' | 'urgent';

export interface RefresherOptions {
  readonly seeds: readonly Address[];
  readonly mapAddress: MapAddress | undefined;
  /** Refresh without a reason about this often, in milliseconds; 0 for never. */
  readonly refreshEveryMs: number;
}

export interface RefresherOwner {
  /** What the topology is now, as far as known; empty at the start. */
  knownRanges(): readonly ShardRange[];
  /** Whether commands still cannot be served, so that another urgent refresh should follow. */
  needsAnother(): boolean;
  onView(view: View): void;
  /** Nobody could be asked: neither known nodes nor seeds. It goes on trying while refreshes are requested. */
  onNoView(error: NoSeedError): void;
}

/** Refreshes that nobody waits for are at least this far apart. */
export const SOON_INTERVAL_MS = 1_000;
/** While commands wait for a change: the first interval and the longest. */
export const URGENT_BASE_MS = 60;
export const URGENT_CAP_MS = 200;
/** The longest while nobody at all can be asked, neither nodes nor seeds: every attempt dials them all. */
const UNREACHABLE_CAP_MS = 600;
/** A node that does not answer for this long is passed over. */
const ASK_TIMEOUT_MS = 1_000;
/** Once the first node has answered, the others have this much longer. */
const STRAGGLER_MS = 100;
/** How many nodes are asked at once in an urgent refresh. */
export const URGENT_NODES = 3;

const CLUSTER = plainSpec('CLUSTER');

/**
 * Learns the topology: when it is asked to, from the nodes that are connected, and from the seeds when none of them answers.
 * One refresh runs at a time; requests that arrive meanwhile are served by the next one. It opens no connection as long as
 * one that exists can be asked.
 */
export class TopologyRefresher {
  readonly #options: RefresherOptions & ConnectionOptions;
  readonly #nodes: Nodes;
  readonly #owner: RefresherOwner;
  readonly #commands = new DirectOwner();
  #wanted: Urgency | undefined;
  #isRunning = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #periodic: NodeJS.Timeout | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;
  #urgentInARow = 0;
  #epoch = 0;
  #olderInARow = 0;
  #race: SeedRace | undefined;
  /** Nobody could be asked the last time. */
  #isUnreachable = false;

  constructor(options: RefresherOptions & ConnectionOptions, nodes: Nodes, owner: RefresherOwner) {
    this.#options = options;
    this.#nodes = nodes;
    this.#owner = owner;
    this.#schedulePeriodic();
  }

  /** What stands in the way of the search among the seeds that is going on; undefined if none is. */
  get seedTrouble(): NoSeedError | undefined {
    return this.#race?.trouble;
  }

  /** Asks for a refresh; many requests make one. */
  request(urgency: Urgency): void {
    if (this.#isStopped) return;
    if (this.#wanted !== 'urgent') this.#wanted = urgency;
    this.#schedule();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#periodic);
    this.#race?.cancel();
  }

  #schedulePeriodic(): void {
    const { refreshEveryMs } = this.#options;
    if (refreshEveryMs <= 0) return;
    this.#periodic = setTimeout(
      () => {
        this.request('soon');
        this.#schedulePeriodic();
      },
      backoffMs(0, refreshEveryMs, refreshEveryMs),
    );
    this.#periodic.unref();
  }

  #schedule(): void {
    if (this.#isRunning || this.#wanted === undefined || this.#isStopped) return;
    const capMs = this.#isUnreachable ? UNREACHABLE_CAP_MS : URGENT_CAP_MS;
    const interval = this.#wanted === 'soon' ? SOON_INTERVAL_MS : backoffMs(this.#urgentInARow, URGENT_BASE_MS, capMs);
    const now = nowMs();
    // A calm client asks at once; only refreshes in a row are held apart.
    if (now - this.#lastAt > SOON_INTERVAL_MS) this.#urgentInARow = 0;
    const at = Math.max(now, this.#lastAt + interval);
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => void this.#run(), at - now);
  }

  async #run(): Promise<void> {
    const urgency = this.#wanted;
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#wanted = undefined;
    this.#isRunning = true;
    if (urgency === 'urgent') this.#urgentInARow++;
    try {
      await this.#refresh(urgency === 'urgent' ? URGENT_NODES : 1);
    } finally {
      this.#lastAt = nowMs();
      this.#isRunning = false;
      if (!this.#isStopped && this.#owner.needsAnother()) this.#wanted = 'urgent';
      this.#schedule();
    }
  }

  async #refresh(count: number): Promise<void> {
    const known = this.#owner.knownRanges();
    const view = chooseView(await this.#askNodes(count, known));
    if (this.#isStopped) return;
    if (view !== undefined && isSameCluster(known, view.ranges) && !this.#isOlder(view)) {
      this.#adopt(view);
      return;
    }
    if (view !== undefined && known.length > 0) return;
    await this.#askSeeds(known);
  }

  /** Views older than what is known are put off, unless all that can be asked insist (a cluster that was made anew). */
  #isOlder(view: View): boolean {
    const isOlder = view.epoch !== 0 && view.epoch < this.#epoch;
    this.#olderInARow = isOlder ? this.#olderInARow + 1 : 0;
    if (this.#olderInARow > 10) this.#olderInARow = 0;
    return isOlder && this.#olderInARow !== 0;
  }

  #adopt(view: View): void {
    this.#epoch = view.epoch;
    this.#isUnreachable = false;
    this.#owner.onView(view);
  }

  /** Asks up to `count` connected nodes of the known cluster; when none of these answers, those that are left, in turn. */
  async #askNodes(count: number, known: readonly ShardRange[]): Promise<View[]> {
    // Others may be connected for the sake of a redirect, or because they still answer what is in flight.
    const members = new Set(
      known.flatMap(({ shard }) => [shard.master, ...shard.replicas]).map((node) => node.address),
    );
    const isAskable = (node: Node): boolean => members.has(node.address) && node.isReady && !node.isStalled;
    const connected = shuffle([...this.#nodes.all()].filter(isAskable));
    for (let from = 0; from < connected.length; from += count) {
      const views = await gather(connected.slice(from, from + count).map((node) => this.#ask(node)));
      if (views.length > 0 || this.#isStopped) return views;
    }
    return [];
  }

  #ask(node: Node): Promise<View> {
    const settings = { timeoutMs: ASK_TIMEOUT_MS, signal: undefined, readFrom: 'master', idempotent: true } as const;
    const ask = async (subcommand: 'SLOTS' | 'INFO'): Promise<unknown> => {
      const command = new Command(this.#commands, CLUSTER, [subcommand], -1, settings, false, nowMs());
      node.dispatch(command);
      return command.promise;
    };
    return askView(ask, node.host, node.address, this.#options.mapAddress);
  }

  async #askSeeds(known: readonly ShardRange[]): Promise<void> {
    const addresses = new Map<string, Address>();
    for (const seed of this.#options.seeds) addresses.set(`${seed.host} ${seed.port}`, seed);
    for (const { shard } of known) {
      for (const node of [shard.master, ...shard.replicas]) addresses.set(`${node.host} ${node.port}`, node);
    }
    const candidates = [...addresses.values()];
    // The order of seeds is the user's to choose once; when trouble comes, all clients asking the first would be a herd.
    const ordered = known.length === 0 ? candidates : shuffle(candidates);
    // A name may point elsewhere by now: another cluster is followed only when nothing of the known one answers.
    const isOurs = (view: View) => isSameCluster(known, view.ranges);
    this.#race = new SeedRace(ordered, this.#options, this.#options.mapAddress, isOurs);
    try {
      const view = await this.#race.view;
      if (!this.#isStopped) this.#adopt(view);
    } catch (error) {
      this.#isUnreachable = true;
      if (!this.#isStopped) this.#owner.onNoView(error as NoSeedError);
    } finally {
      this.#race = undefined;
    }
  }
}

/** The values of those promises that are fulfilled in time; see {@link STRAGGLER_MS}. */
function gather(asked: readonly Promise<View>[]): Promise<View[]> {
  return new Promise((resolve) => {
    const views: View[] = [];
    let open = asked.length;
    let timer: NodeJS.Timeout | undefined;
    const finish = (): void => {
      clearTimeout(timer);
      resolve(views);
    };
    const settle = (): void => {
      if (--open === 0) finish();
      else if (views.length > 0) timer ??= setTimeout(finish, STRAGGLER_MS);
    };
    for (const promise of asked) {
      promise.then((view) => {
        views.push(view);
        settle();
      }, settle);
    }
  });
}

function shuffle<T>(items: T[]): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [items[i], items[j]] = [items[j] as T, items[i] as T];
  }
  return items;
}
