import { afterEach, describe, expect, it } from 'vitest';
import { errorReplies, sumOver } from '../helpers/server-counters.ts';
import { SideReads } from '../helpers/side-reads.ts';
import { describeFailures, Stage } from '../helpers/stage.ts';

const FAILOVERS = 10;
/**
 * Redirects that one failover may cost: those of commands in flight, and one for each slot that is used before the refresh, which
 * may be a second away. A storm would be thousands.
 */
const MOVED_EACH = 200;

describe('a planned failover', () => {
  let stage: Stage | undefined;
  afterEach(() => stage?.clear());

  it(`costs no error, ${FAILOVERS} times in a row`, async () => {
    stage = await Stage.set();
    const { cluster, client, load } = stage;
    const reads = new SideReads(client, 'replica');
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
    await reads.end();
    expect(reads.failures).toEqual([]);
    expect(reads.answered).toBeGreaterThan(100);
    expect(await sumOver(cluster.nodes, (node) => errorReplies(node, 'MOVED'))).toBeLessThan(FAILOVERS * MOVED_EACH);
    await stage.end();
  });
});
