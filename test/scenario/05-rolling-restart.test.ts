import { afterEach, describe, expect, it } from 'vitest';
import { executedOf } from '../helpers/load-model.ts';
import { SideReads } from '../helpers/side-reads.ts';
import { describeFailures, Stage } from '../helpers/stage.ts';

describe('a rolling restart', () => {
  let stage: Stage | undefined;
  afterEach(() => stage?.clear());

  it('of all nodes fails no read, and only such writes as were in flight', async () => {
    stage = await Stage.set();
    const { cluster, client, load } = stage;
    const reads = new SideReads(client, 'preferReplica');
    for (const node of cluster.nodes) {
      const from = performance.now();
      await cluster.restart(node);
      await cluster.untilOk();
      await Promise.all(load.shards.map((shard) => load.untilAnswered(shard, 100, 10_000, from)));
    }
    await load.stop();
    await reads.end();

    const isAllowed = (name: string, error: Error) =>
      ['SET', 'INCR', 'MSET'].includes(name) && executedOf(error) === 'unknown';
    expect(describeFailures(load.failures.filter(({ name, error }) => !isAllowed(name, error)))).toEqual([]);
    // A server that shuts down answers no writes for a moment; what it leaves unanswered is told at once, not at a deadline.
    expect(Math.max(0, ...load.failures.map(({ issuedAt, failedAt }) => failedAt - issuedAt))).toBeLessThan(3_000);
    expect(reads.failures).toEqual([]);
    expect(reads.answered).toBeGreaterThan(100);
    await stage.end();
  });
});
