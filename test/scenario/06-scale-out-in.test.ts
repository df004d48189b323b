import { afterEach, describe, expect, it } from 'vitest';
import { executedCalls } from '../helpers/server-counters.ts';
import { SideReads } from '../helpers/side-reads.ts';
import { describeFailures, Stage } from '../helpers/stage.ts';
import { openSockets, until } from '../helpers/watch-cluster.ts';

const SLOTS = 600;

describe('scaling out and in', () => {
  let stage: Stage | undefined;
  afterEach(() => stage?.clear());

  it('uses new masters, and disconnects from those that are gone', async () => {
    stage = await Stage.set({ load: { keysPerShard: 60 } });
    const { cluster, client, load } = stage;
    const socketsBefore = openSockets();
    const old = await cluster.masterOf(0);
    const used = load.slots.filter((slot) => slot <= 5_460);
    const moved = used.slice(0, SLOTS);

    const added = await cluster.addNode();
    await cluster.moveSlots(old, added, moved);
    await cluster.untilOk();
    const callsBefore = await executedCalls(added, 'incr');
    await load.untilAnswered(old.address, 1_000);
    expect(await executedCalls(added, 'incr')).toBeGreaterThan(callsBefore);
    await until('the new master is known', () => isMaster(client, added.address));

    await cluster.moveSlots(added, old, moved);
    // Whoever ends a server while clients still use it has commands in flight there.
    await until('the emptied master is not used any more', () => !isMaster(client, added.address));
    await cluster.removeNode(added);
    await until('its connection is closed', () => openSockets() <= socketsBefore, 15_000);
    await load.untilAnswered(old.address, 1_000);
    expect(describeFailures(load.failures)).toEqual([]);
    await stage.end();
  });

  it('uses a replica that came back without any change of slots', async () => {
    stage = await Stage.set({ load: { perSecond: 500 } });
    const { cluster, client } = stage;
    const { replica } = await stage.pair();
    const reads = new SideReads(client, 'replica');
    await untilReads(replica);
    const { version } = client.topology;
    await cluster.restart(replica);
    await cluster.untilOk();
    await untilReads(replica);
    await reads.end();
    expect(reads.failures).toEqual([]);
    expect(client.topology.version - version).toBeLessThanOrEqual(2);
    await stage.end();
  });
});

function isMaster(client: Stage['client'], address: string): boolean {
  return client.topology.masters().some((master) => master.address === address);
}

/** Resolves when the node serves reads: more GET than it had executed at the call. */
async function untilReads(node: Parameters<typeof executedCalls>[0]): Promise<void> {
  const before = await executedCalls(node, 'get');
  await until('the replica serves reads', async () => (await executedCalls(node, 'get')) > before + 10);
}
