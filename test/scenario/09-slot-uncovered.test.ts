import { afterEach, describe, expect, it } from 'vitest';
import { CommandTimeoutError } from '../../src/errors.ts';
import { executedOf } from '../helpers/load-model.ts';
import { describeFailures, Stage } from '../helpers/stage.ts';
import { keyInSlot, until, untilServing } from '../helpers/watch-cluster.ts';

/** After the cluster itself serves the slot again the client has this long. */
const BOUND_MS = 300;
const SLOT = 1_000;

describe('a slot that no master serves', () => {
  let stage: Stage | undefined;
  afterEach(() => stage?.clear());

  it('because its whole shard is gone: others go on, its commands fail at their deadline, and resume when it is back', async () => {
    stage = await Stage.set({ config: { 'cluster-require-full-coverage': 'no' } });
    const { cluster, client, load } = stage;
    const { master, replica } = await stage.pair(SLOT);
    const goneAt = performance.now();
    await Promise.all([cluster.kill(master), cluster.kill(replica)]);
    const key = keyInSlot(SLOT);
    // Until the client has seen its connection end, a write may go out on it, and then nobody knows. Reads are sent again.
    await until('the loss is noticed', async () => {
      const error = await client
        .with({ timeoutMs: 100 })
        .get(key)
        .catch((reason: unknown) => reason);
      return String(error).includes(`no master serves slot ${SLOT}`);
    });

    for (const timeoutMs of [500, 3_000]) {
      const startedAt = performance.now();
      const error = await client
        .with({ timeoutMs })
        .set(key, '1')
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(CommandTimeoutError);
      expect(error).toMatchObject({ code: 'TIMEOUT', command: 'SET', slot: SLOT, executed: 'no' });
      expect(String(error)).toContain(`no master serves slot ${SLOT}`);
      expect(performance.now() - startedAt).toBeLessThan(timeoutMs + 100);
    }
    stage.expectUndisturbed(master.address, goneAt, performance.now());

    const waiting = client.set(key, '2');
    const restarting = cluster.restart(master);
    const servedAt = await untilServing(master, SLOT);
    expect(await waiting).toBe('OK');
    expect(performance.now() - servedAt).toBeLessThan(BOUND_MS);
    await restarting;
    await cluster.restart(replica);
    await cluster.untilOk();
    await load.untilAnswered(master.address, 500);
    // The load has the default time: nothing of it ran out, and only writes in flight at the kill failed.
    stage.expectOnlyInFlightWrites(master.address, goneAt);
    await stage.end();
  });

  it('because nobody owns it: likewise, and without disturbing anybody', async () => {
    stage = await Stage.set({ config: { 'cluster-require-full-coverage': 'no' }, load: { perSecond: 1_000 } });
    const { cluster, client, load } = stage;
    const slot = freeSlot(load.slots);
    const owner = await cluster.masterOf(slot);
    const from = performance.now();
    // Its owner tells the others; who asks one of them or it learns that the slot is nobody's.
    for (const node of cluster.nodes) {
      if (node.state === 'running') await node.call('CLUSTER', 'DELSLOTS', String(slot)).catch(() => undefined);
    }
    const key = keyInSlot(slot);
    await until('it is known', async () => {
      const error = await client
        .with({ timeoutMs: 300 })
        .set(key, '1')
        .catch((reason: unknown) => reason);
      return String(error).includes(`no master serves slot ${slot}`) && executedOf(error) === 'no';
    });
    const waiting = client.set(key, '2');
    await owner.call('CLUSTER', 'ADDSLOTS', String(slot));
    // Servers do not announce this; it spreads with their gossip.
    await cluster.untilOk();
    const servedAt = performance.now();
    expect(await waiting).toBe('OK');
    expect(performance.now() - servedAt).toBeLessThan(BOUND_MS);
    expect(describeFailures(load.failures)).toEqual([]);
    stage.expectUndisturbed('', from, performance.now());
    await stage.end();
  });
});

/** A slot in the first shard's part in which the load has no keys. */
function freeSlot(used: readonly number[]): number {
  for (let slot = SLOT; ; slot++) if (!used.includes(slot)) return slot;
}
