import { expect } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import type { ServerDirectives } from '../../src/testing/node-config.ts';
import { startCluster } from '../../src/testing/start-cluster.ts';
import type { TestCluster } from '../../src/testing/test-cluster.ts';
import type { TestNode } from '../../src/testing/test-node.ts';
import { ControlPings } from './control-pings.ts';
import { executedOf } from './load-model.ts';
import { type LoadFailure, type LoadOptions, SteadyLoad } from './steady-load.ts';
import { openSockets, until } from './watch-cluster.ts';

export interface StageOptions {
  readonly masters?: number;
  readonly replicas?: number;
  readonly config?: ServerDirectives;
  readonly load?: LoadOptions;
}

/** Scheduling on a busy machine: latencies below this are nobody's fault. */
const NOISE_MS = 60;
const WARM_UP_COMMANDS = 500;

/**
 * What every failure story stands on: a real cluster, a client with default options made from one seed (a replica), and a steady
 * load that has warmed up. {@link Stage.end} asserts what must hold whatever the story was.
 */
export class Stage {
  readonly cluster: TestCluster;
  readonly client: ClusterClient;
  readonly load: SteadyLoad;
  /** When the load had warmed up, on `performance.now()`. */
  readonly warmAt = performance.now();
  readonly #socketsBefore: number;
  /** By shard. */
  readonly #controls: ReadonlyMap<string, ControlPings>;

  private constructor(
    cluster: TestCluster,
    client: ClusterClient,
    load: SteadyLoad,
    socketsBefore: number,
    controls: ReadonlyMap<string, ControlPings>,
  ) {
    this.cluster = cluster;
    this.client = client;
    this.load = load;
    this.#socketsBefore = socketsBefore;
    this.#controls = controls;
  }

  static async set(options: StageOptions = {}): Promise<Stage> {
    const socketsBefore = openSockets();
    const { masters = 3, replicas = 1, config, load: loadOptions = {} } = options;
    const cluster = await startCluster({ masters, replicas, config });
    try {
      const client = new ClusterClient(cluster.addresses.at(-1) ?? '');
      const load = await SteadyLoad.start(client, loadOptions);
      const controls = new Map<string, ControlPings>();
      for (const shard of load.shards) controls.set(shard, await ControlPings.start(shard));
      await Promise.all(load.shards.map((shard) => load.untilAnswered(shard, WARM_UP_COMMANDS)));
      return new Stage(cluster, client, load, socketsBefore, controls);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** The master of a shard that has the load on it, and its replica. */
  async pair(slot = 0): Promise<{ master: TestNode; replica: TestNode }> {
    const master = await this.cluster.masterOf(slot);
    const [replica] = await this.cluster.replicasOf(master);
    if (replica === undefined) throw new Error(`${master.address} has no replica`);
    return { master, replica };
  }

  /** Ends the load and asserts what holds after every story: all settled, nothing lost, nothing twice, no socket left. */
  async end(): Promise<void> {
    await this.load.stop();
    this.#stopControls();
    expect(this.client.pending).toBe(0);
    expect(await this.load.verify(this.cluster)).toEqual([]);
    // No more than one connection for each node that the client knows.
    const known = this.client.topology.masters().length + this.client.topology.replicas().length;
    await until('only connections to known nodes are left', () => openSockets() <= this.#socketsBefore + known);
    await this.client.close();
    await until('all connections are closed', () => openSockets() <= this.#socketsBefore);
  }

  /** For afterEach: leaves nothing behind, however far the story came. */
  async clear(): Promise<void> {
    this.load.abandon();
    this.#stopControls();
    this.client.destroy();
    await this.cluster.stop();
  }

  #stopControls(): void {
    for (const control of this.#controls.values()) control.stop();
  }

  /**
   * Asserts that within [from, to) the other shards had no failures and answered about as fast as before, or as a bare
   * connection beside the client did at the same time.
   */
  expectUndisturbed(except: string, from: number, to: number): void {
    for (const shard of this.load.shards) {
      if (shard === except) continue;
      expect(describeFailures(this.load.failuresOn(shard))).toEqual([]);
      const latencies = this.load.latencies(shard);
      const before = latencies.p99(this.load.startedAt, from);
      // One pause of the server meets one ping and a hundred commands of the load: the longest counts.
      const beside = this.#controls.get(shard)?.latencies.longest(from - 100, to + 100) ?? 0;
      expect(latencies.p99(from, to)).toBeLessThan(Math.max(before * 2, NOISE_MS + beside));
    }
  }

  /**
   * Asserts that the shard's first answer since `since` came within `boundMs` of `servedAt`, when the cluster itself served it
   * again. What bare connections to the other shards had to wait at that time comes on top: the machine's share.
   */
  expectServed(shard: string, since: number, servedAt: number, boundMs: number): void {
    const firstAt = this.load.latencies(shard).firstAfter(since) ?? Number.POSITIVE_INFINITY;
    const others = [...this.#controls].filter(([other]) => other !== shard);
    const late = Math.max(...others.map(([, control]) => control.latencies.longest(servedAt - 500, servedAt + 500)));
    expect(firstAt - servedAt).toBeLessThan(boundMs + late);
  }

  /** Asserts that only writes failed, all as unknown, all issued before `at` (a little slack for what was on its way). */
  expectOnlyInFlightWrites(shard: string, at: number, slackMs = 50): void {
    const unexpected = this.load.failures.filter(
      (failure) =>
        failure.shard !== shard ||
        !['SET', 'INCR', 'MSET'].includes(failure.name) ||
        executedOf(failure.error) !== 'unknown' ||
        failure.issuedAt > at + slackMs,
    );
    expect(describeFailures(unexpected, at)).toEqual([]);
  }
}

/** Failures as text that a failed assertion shows; times count from `since`. */
export function describeFailures(failures: readonly LoadFailure[], since = 0): string[] {
  return failures.map(({ name, shard, error, issuedAt, failedAt }) => {
    const times = `${Math.round(issuedAt - since)} to ${Math.round(failedAt - since)} ms`;
    return `${name} on ${shard}, ${times}, executed: ${executedOf(error)}: ${error.message}`;
  });
}
