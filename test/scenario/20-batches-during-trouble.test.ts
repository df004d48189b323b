import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterClient, command, type DefinedScript, type Outcome, SlotwiseError } from '../../src/index.ts';
import { startCluster, type TestCluster } from '../../src/testing/index.ts';
import { keyInSlot } from '../helpers/watch-cluster.ts';

/** Counters in these many slots, all on one master at first. */
const SLOTS = 60;

/** What one key must hold at the end: at least what was acknowledged, at most that and what may have been executed. */
interface Count {
  acknowledged: number;
  unknown: number;
}

/** Adds to counters in every way that this client has, all the time, and notes what it is told. */
class MixedLoad {
  readonly failures: Error[] = [];
  rounds = 0;
  readonly #client: ClusterClient;
  readonly #tags: readonly string[];
  readonly #add: DefinedScript<number, 1>;
  readonly #counts = new Map<string, Count>();
  #isEnding = false;
  readonly #running: Promise<void>[] = [];

  constructor(client: ClusterClient, slots: readonly number[]) {
    this.#client = client;
    this.#tags = slots.map((slot) => keyInSlot(slot, 'count'));
    this.#add = client.defineScript('return redis.call("INCRBY", KEYS[1], ARGV[1])', { keys: 1, parse: Number });
    for (const lane of [this.#pipelines, this.#transactions, this.#watches, this.#scripts]) {
      this.#running.push(this.#repeat(() => lane.call(this)));
    }
  }

  async #repeat(round: () => Promise<void>): Promise<void> {
    while (!this.#isEnding) {
      await round();
      this.rounds++;
    }
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await Promise.all(this.#running);
  }

  /** Resolves when every kind of call has had some more rounds. */
  async more(rounds = 40): Promise<void> {
    const from = this.rounds;
    while (this.rounds < from + rounds) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async verify(): Promise<string[]> {
    const keys = [...this.#counts.keys()];
    const values = await this.#client.batch(keys.map((key) => command.get(key)));
    return keys.flatMap((key, i) => {
      const { acknowledged, unknown } = this.#counts.get(key) ?? { acknowledged: 0, unknown: 0 };
      const value = Number(values[i]);
      const isRight = value >= acknowledged && value <= acknowledged + unknown;
      return isRight ? [] : [`${key}: ${value}, of ${acknowledged} acknowledged and ${unknown} unknown`];
    });
  }

  #note(key: string, error: Error | null): void {
    const count = this.#counts.get(key) ?? { acknowledged: 0, unknown: 0 };
    this.#counts.set(key, count);
    if (error === null) count.acknowledged++;
    else if (!(error instanceof SlotwiseError) || error.executed !== 'no') count.unknown++;
    if (error !== null) this.failures.push(error);
  }

  async #pipelines(): Promise<void> {
    const keys = this.#tags.map((tag) => `${tag}:pipeline`);
    const pipeline = this.#client.pipeline();
    for (const key of keys) pipeline.incr(key).add(this.#add.note(key, 1));
    const outcomes: Outcome[] = await pipeline.exec();
    outcomes.forEach(([error], i) => {
      this.#note(keys[i >> 1] ?? '', error);
    });
  }

  async #transactions(): Promise<void> {
    const transactions = this.#tags.map(async (tag) => {
      const keys = [`${tag}:multi`, `${tag}:multi2`] as const;
      const [outcomes, failure] = await this.#client
        .multi()
        .incr(keys[0])
        .incr(keys[1])
        .mget(...keys)
        .exec()
        .then(
          (done) => [done, undefined] as const,
          (error: Error) => [undefined, error] as const,
        );
      for (const key of keys) this.#note(key, failure ?? null);
      if (outcomes === undefined) return;
      expect(outcomes.map(([error]) => error)).toEqual([null, null, null]);
      // All of it or nothing: both counters go up together.
      const [first, second] = outcomes[2][1] ?? [];
      expect(first).toBe(second);
    });
    await Promise.all(transactions);
  }

  async #watches(): Promise<void> {
    const key = `${this.#tags[this.rounds % this.#tags.length] ?? ''}:watch`;
    const failure = await this.#client
      .watch(key, async (tx) => {
        const count = Number(await tx.get(key));
        await tx
          .multi()
          .set(key, count + 1)
          .exec();
      })
      .then(
        () => null,
        (error: Error) => error,
      );
    this.#note(key, failure);
  }

  async #scripts(): Promise<void> {
    const adding = this.#tags.map(async (tag) => {
      const key = `${tag}:script`;
      const failure = await this.#add(key, 1).then(
        () => null,
        (error: Error) => error,
      );
      this.#note(key, failure);
    });
    await Promise.all(adding);
  }
}

describe('pipelines, transactions, watches and scripts', () => {
  let cluster: TestCluster;
  let client: ClusterClient;

  beforeEach(async () => {
    cluster = await startCluster({ replicas: 1 });
    client = new ClusterClient(cluster.addresses.at(-1) ?? '');
    await client.connect();
  });
  afterEach(async () => {
    client.destroy();
    await cluster.stop();
  });

  it('go through live resharding without an error, each counted once', async () => {
    const slots = Array.from({ length: SLOTS }, (_, i) => i * 50);
    const load = new MixedLoad(client, slots);
    await load.more();
    const source = await cluster.masterOf(0);
    const target = await cluster.masterOf(16_383);
    await cluster.moveSlots(source, target, slots, {
      keysPerBatch: 1,
      onStep: async ({ slot, step, keysMoved }) => {
        // Now and then a slot stays half-moved for a while.
        const isHeld =
          slot % 500 === 0 && (step === 'migrating' || step === 'taken' || (step === 'keys' && keysMoved < 4));
        if (isHeld) await load.more(8);
      },
    });
    await load.more();
    await load.end();
    expect(load.failures).toEqual([]);
    expect(await load.verify()).toEqual([]);
    expect(client.counters.ask).toBeGreaterThan(0);
    expect(client.counters.moved).toBeGreaterThan(0);
    expect(client.pending).toBe(0);
  });

  it('go through a planned failover without an error', async () => {
    const load = new MixedLoad(client, [0, 50, 100, 8_000, 16_000]);
    await load.more();
    const [replica] = await cluster.replicasOf(await cluster.masterOf(0));
    if (replica === undefined) throw new Error('no replica');
    await cluster.failover(replica);
    await load.more();
    await load.end();
    expect(load.failures).toEqual([]);
    expect(await load.verify()).toEqual([]);
  });

  it('go through the death of a master: what was on its way is unknown, everything else is done', async () => {
    const load = new MixedLoad(client, [0, 50, 100, 8_000, 16_000]);
    await load.more();
    await cluster.kill(await cluster.masterOf(0));
    await cluster.untilOk();
    await load.more();
    await load.end();
    expect(load.failures.filter((error) => !(error instanceof SlotwiseError) || error.executed !== 'unknown')).toEqual(
      [],
    );
    expect(await load.verify()).toEqual([]);
    expect(client.pending).toBe(0);
  });
});
