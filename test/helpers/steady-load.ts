import type { ClusterClient } from '../../src/client/cluster-client.ts';
import { openLink } from '../../src/connection/link.ts';
import { keySlot } from '../../src/slots/key-slot.ts';
import type { TestCluster } from '../../src/testing/test-cluster.ts';
import { Latencies } from './latencies.ts';
import { CounterCell, type LoadCell, type LoadCommands, PairCell, ValueCell } from './load-model.ts';

export interface LoadOptions {
  /** Commands a second over all shards; 3000 unless told. */
  readonly perSecond?: number;
  /** Keys of each family (values, counters, pairs) on each shard; 8 unless told. */
  readonly keysPerShard?: number;
  /** The view of the client through which the load goes; the client itself unless told. */
  readonly through?: LoadCommands;
}

/** One command of the load that was rejected. */
export interface LoadFailure {
  readonly name: string;
  readonly key: string;
  readonly shard: string;
  readonly error: Error;
  /** When it was issued and when it failed, on `performance.now()`. */
  readonly issuedAt: number;
  readonly failedAt: number;
}

const TURN_MS = 4;
/** While a shard does not serve, no more than this many of its commands are issued ahead. */
const MAX_PENDING_PER_SHARD = 600;

/**
 * A steady stream of GET, SET, INCR, MGET and MSET over all shards, with a model of what each key may hold. It issues without
 * waiting for answers, so that what one shard does never slows the load on the others.
 *
 * Whatever the client does to a promise or to the process is on record: {@link failures}, {@link violations}, and unhandled
 * rejections and exceptions among the latter.
 */
export class SteadyLoad {
  readonly failures: LoadFailure[] = [];
  /** What must never happen, as sentences. */
  readonly violations: string[];
  /** Commands issued and answered so far. */
  issued = 0;
  answered = 0;
  readonly startedAt = performance.now();
  readonly #cells: readonly LoadCell[];
  readonly #perSecond: number;
  readonly #latencies = new Map<string, Latencies>();
  readonly #pending = new Map<string, number>();
  readonly #settling = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #next = 0;
  #lastTurnAt = performance.now();
  #debt = 0;

  private constructor(cells: readonly LoadCell[], perSecond: number, violations: string[]) {
    this.#cells = cells;
    this.#perSecond = perSecond;
    this.violations = violations;
    for (const cell of cells) {
      this.#latencies.set(cell.shard, new Latencies());
      this.#pending.set(cell.shard, 0);
    }
  }

  /** Begins the load on a client that is ready (or becomes so). */
  static async start(client: ClusterClient, options: LoadOptions = {}): Promise<SteadyLoad> {
    await client.connect();
    const violations: string[] = [];
    const cells = makeCells(client, options, (what) => violations.push(what));
    const load = new SteadyLoad(cells, options.perSecond ?? 3_000, violations);
    process.on('unhandledRejection', load.#onCrash);
    process.on('uncaughtExceptionMonitor', load.#onCrash);
    load.#timer = setInterval(() => load.#turn(), TURN_MS);
    return load;
  }

  /** The shards by the addresses of their masters at the start. */
  get shards(): string[] {
    return [...this.#latencies.keys()];
  }

  /** Slots in which the load has keys. */
  get slots(): number[] {
    return [...new Set(this.#cells.map((cell) => cell.slot))].sort((a, b) => a - b);
  }

  latencies(shard: string): Latencies {
    const latencies = this.#latencies.get(shard);
    if (latencies === undefined) throw new Error(`The load knows no shard ${shard}.`);
    return latencies;
  }

  failuresOn(shard: string): LoadFailure[] {
    return this.failures.filter((failure) => failure.shard === shard);
  }

  /** Resolves once `count` commands of the shard have been answered after `from` (now unless told). */
  async untilAnswered(shard: string, count: number, timeoutMs = 30_000, from = performance.now()): Promise<void> {
    const latencies = this.latencies(shard);
    const deadline = performance.now() + timeoutMs;
    while (latencies.count(from, Number.POSITIVE_INFINITY) < count) {
      if (performance.now() > deadline) throw new Error(`${shard} did not answer ${count} commands in ${timeoutMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, TURN_MS));
    }
  }

  /** Issues no more and resolves when everything is settled. @throws Error when something is not after `timeoutMs`. */
  async stop(timeoutMs = 40_000): Promise<void> {
    clearInterval(this.#timer);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const message = `${this.#settling.size} commands of the load never settled`;
      timer = setTimeout(() => reject(new Error(message)), timeoutMs);
    });
    try {
      await Promise.race([Promise.all(this.#settling), late]);
      // Rejections that nobody handles are reported a turn after they happened.
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      clearTimeout(timer);
      this.abandon();
    }
  }

  /** Issues no more and lets go of the process, without waiting for anything. */
  abandon(): void {
    clearInterval(this.#timer);
    process.off('unhandledRejection', this.#onCrash);
    process.off('uncaughtExceptionMonitor', this.#onCrash);
  }

  /** Reads every key back from the servers, past the client. @returns everything that was ever wrong: empty if all is well. */
  async verify(cluster: TestCluster, password?: string): Promise<string[]> {
    const owners = new Map<string, LoadCell[]>();
    const ranges = await readRanges(cluster, password);
    for (const cell of this.#cells) {
      const owner = ranges.find(({ start, end }) => start <= cell.slot && cell.slot <= end)?.address;
      if (owner === undefined) return [...this.violations, `nobody serves slot ${cell.slot}`];
      owners.set(owner, [...(owners.get(owner) ?? []), cell]);
    }
    const wrong = [...this.violations];
    for (const [address, cells] of owners) {
      const link = await openLink(address, { password });
      const values = await Promise.all(cells.map((cell) => link.call('GET', cell.key)));
      link.destroy();
      for (const [i, cell] of cells.entries()) {
        const flaw = cell.judge(values[i]);
        if (flaw !== undefined) wrong.push(flaw);
      }
    }
    return wrong;
  }

  readonly #onCrash = (error: unknown): void => {
    this.violations.push(`the process would have crashed: ${String(error)}`);
  };

  #turn(): void {
    const now = performance.now();
    // After a pause of the process the load goes on at its rate instead of making up for it.
    this.#debt += (Math.min(now - this.#lastTurnAt, 50) * this.#perSecond) / 1000;
    this.#lastTurnAt = now;
    for (; this.#debt >= 1; this.#debt--) {
      const cell = this.#cells[this.#next++ % this.#cells.length];
      if (cell !== undefined && (this.#pending.get(cell.shard) ?? 0) < MAX_PENDING_PER_SHARD) this.#issue(cell);
    }
  }

  #issue(cell: LoadCell): void {
    const issuedAt = performance.now();
    const issue = cell.issue();
    if (issue === undefined) return;
    this.issued++;
    this.#pending.set(cell.shard, (this.#pending.get(cell.shard) ?? 0) + 1);
    const settling = issue.reply.then(
      () => {
        const now = performance.now();
        this.answered++;
        this.latencies(cell.shard).add(now, now - issuedAt);
      },
      (error: Error) => {
        const failedAt = performance.now();
        this.failures.push({ name: issue.name, key: cell.key, shard: cell.shard, error, issuedAt, failedAt });
      },
    );
    const done = settling.then(() => {
      this.#settling.delete(done);
      this.#pending.set(cell.shard, (this.#pending.get(cell.shard) ?? 0) - 1);
    });
    this.#settling.add(done);
  }
}

/** Cells on every shard in turn, with keys that are new to the cluster. */
function makeCells(client: ClusterClient, options: LoadOptions, report: (what: string) => void): LoadCell[] {
  const { keysPerShard = 8, through = client } = options;
  const run = Math.random().toString(36).slice(2, 8);
  const shards = client.topology.shards.map((shard) => shard.master.address);
  const keys = new Map<string, string[]>(shards.map((shard) => [shard, []]));
  for (let n = 0; [...keys.values()].some((list) => list.length < keysPerShard * 3); n++) {
    const key = `load:{${run}-${n}}`;
    const list = keys.get(client.topology.shardOf(keySlot(key))?.master.address ?? '');
    if (list !== undefined && list.length < keysPerShard * 3) list.push(key);
  }
  const cells: LoadCell[] = [];
  for (let i = 0; i < keysPerShard * 3; i++) {
    const Cell = [ValueCell, CounterCell, PairCell][i % 3] ?? ValueCell;
    for (const shard of shards) {
      const key = keys.get(shard)?.[i] ?? '';
      cells.push(new Cell({ key, slot: keySlot(key), shard }, through, report));
    }
  }
  return cells;
}

interface OwnedRange {
  readonly start: number;
  readonly end: number;
  readonly address: string;
}

/** Who serves what, by the word of a running master. */
async function readRanges(cluster: TestCluster, password: string | undefined): Promise<OwnedRange[]> {
  const [master] = await cluster.masters();
  if (master === undefined) throw new Error('The cluster has no running master.');
  const link = await openLink(master.address, { password });
  const reply = (await link.call('CLUSTER', 'SLOTS')) as [number, number, [string, number]][];
  link.destroy();
  return reply.map(([start, end, [host, port]]) => ({ start, end, address: `${host}:${port}` }));
}
