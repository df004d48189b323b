import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from 'vitest';
import { executedCalls, sumOver } from '../helpers/server-counters.ts';
import { describeFailures, Stage } from '../helpers/stage.ts';
import { keyInSlot } from '../helpers/watch-cluster.ts';

const SLOTS = 2_000;
/** Slots in this distance are held half-moved for a while, with their keys on both sides. */
const HOLD_EVERY = 40;
const HOLD_MS = 60;

describe('live resharding', () => {
  let stage: Stage | undefined;
  afterEach(() => stage?.clear());

  it(`of ${SLOTS} slots under load costs no error and keeps the order of each key`, async () => {
    stage = await Stage.set({ load: { keysPerShard: 250, perSecond: 3_000 } });
    const { cluster, client, load } = stage;
    const source = await cluster.masterOf(0);
    const target = await cluster.masterOf(16_383);
    const slots = load.slots.filter((slot) => slot <= 5_460);
    const moving = withFill(slots, SLOTS);
    const appends = appendInOrder(
      client,
      moving.filter((_, i) => i % 10 === 0),
    );
    const refreshes = () => sumOver(cluster.nodes, (node) => executedCalls(node, 'cluster|slots'));
    const refreshesBefore = await refreshes();
    const from = performance.now();
    let dialled = 0;
    const count = (): void => void dialled++;

    let dialledAtStart = 0;
    subscribe('net.client.socket', count);
    try {
      await cluster.moveSlots(source, target, moving, {
        keysPerBatch: 1,
        async onStep({ slot, step }) {
          if (slot === moving[0] && step === 'importing') dialledAtStart = dialled;
          const isHeld = moving.indexOf(slot) % HOLD_EVERY === 0;
          if (isHeld && (step === 'keys' || step === 'migrating' || step === 'taken')) {
            await new Promise((resolve) => setTimeout(resolve, HOLD_MS));
          }
        },
      });
    } finally {
      unsubscribe('net.client.socket', count);
    }
    const seconds = (performance.now() - from) / 1000;

    expect(describeFailures(load.failures)).toEqual([]);
    expect(dialled - dialledAtStart).toBe(0);
    expect((await refreshes()) - refreshesBefore).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
    const { failures, keys } = await appends.end();
    expect(failures).toEqual([]);
    for (const [key, sent] of keys) expect(await client.get(key)).toBe(sent);
    await stage.end();
  });
});

/** The slots that hold keys, and others between them, up to `count`. */
function withFill(used: readonly number[], count: number): number[] {
  const slots = new Set(used);
  for (let slot = 0; slots.size < count; slot++) slots.add(slot);
  return [...slots].sort((a, b) => a - b);
}

/** Appends numbers to keys of these slots all the time, without awaiting any. */
function appendInOrder(client: Stage['client'], slots: readonly number[]) {
  const keys = new Map<string, string>(slots.map((slot) => [keyInSlot(slot, 'append'), '']));
  const failures: string[] = [];
  const pending: Promise<void>[] = [];
  let number = 0;
  const timer = setInterval(() => {
    for (const [key, sent] of keys) {
      if (number++ % 19 !== 0) continue;
      for (let i = 0; i < 3; i++) {
        const text = `${number}.${i},`;
        keys.set(key, (keys.get(key) ?? sent) + text);
        pending.push(
          client.append(key, text).then(
            () => undefined,
            (error: unknown) => void failures.push(String(error)),
          ),
        );
      }
    }
  }, 10);
  return {
    async end() {
      clearInterval(timer);
      await Promise.all(pending);
      return { failures, keys };
    },
  };
}
