import { afterEach, describe, expect, it } from 'vitest';
import type { TestCluster } from '../../src/testing/test-cluster.ts';
import { describeFailures, Stage } from '../helpers/stage.ts';

const FAILOVERS = 10;
/** Redirects that one failover may cost: those of commands in flight, and one for each slot that is used before the refresh. */
const MOVED_EACH = 200;

describe('a planned failover', () => {
  let stage: Stage | undefined;
  afterEach(() => stage?.clear());

  it(`costs no error, ${FAILOVERS} times in a row`, async () => {
    stage = await Stage.set();
    const { cluster, client, load } = stage;
    const readings = readFromReplicas(client);
    for (let turn = 0; turn < FAILOVERS; turn++) {
      const { master, replica } = await stage.pair(turn % 2 === 0 ? 0 : 16383);
      const from = performance.now();
      await cluster.failover(replica);
      await Promise.all(load.shards.map((shard) => load.untilAnswered(shard, 100, 10_000, from)));
      expect(describeFailures(load.failures)).toEqual([]);
      expect((await cluster.masterOf(turn % 2 === 0 ? 0 : 16383)).address).toBe(replica.address);
      expect(master.state).toBe('running');
    }
    await load.stop();
    const reads = await readings.end();
    expect(reads.failures).toEqual([]);
    expect(reads.count).toBeGreaterThan(100);
    expect(await movedReplies(cluster)).toBeLessThan(FAILOVERS * MOVED_EACH);
    await stage.end();
  });
});

/** Reads from replicas as fast as they answer, over all shards. */
function readFromReplicas(client: Stage['client']): { end(): Promise<{ count: number; failures: string[] }> } {
  const view = client.with({ readFrom: 'replica' });
  const failures: string[] = [];
  let count = 0;
  let isOver = false;
  const run = async (): Promise<void> => {
    while (!isOver) {
      try {
        await view.get(`read:${count % 64}`);
        count++;
      } catch (error) {
        failures.push(String(error));
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  const running = run();
  return {
    async end() {
      isOver = true;
      await running;
      return { count, failures };
    },
  };
}

async function movedReplies(cluster: TestCluster): Promise<number> {
  let count = 0;
  for (const node of cluster.nodes) {
    const match = /errorstat_MOVED:count=(\d+)/.exec(String(await node.call('INFO', 'errorstats')));
    count += Number(match?.[1] ?? 0);
  }
  return count;
}
