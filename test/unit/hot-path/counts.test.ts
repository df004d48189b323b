import { createHook } from 'node:async_hooks';
import { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClusterClient } from '../../../src/client/cluster-client.ts';
import { QuietNode } from '../../helpers/quiet-node.ts';

/** Asynchronous resources that came into being, by their type as `node:async_hooks` names it. */
class Census {
  readonly #counts = new Map<string, number>();
  readonly #hook = createHook({
    init: (_id, type) => {
      this.#counts.set(type, (this.#counts.get(type) ?? 0) + 1);
    },
  });

  async during(work: () => Promise<unknown>): Promise<void> {
    this.#hook.enable();
    try {
      await work();
    } finally {
      this.#hook.disable();
    }
  }

  count(type: string): number {
    return this.#counts.get(type) ?? 0;
  }
}

/**
 * What a command costs, counted instead of timed: the same on every machine, and more as soon as somebody adds a promise, a
 * timer, a write or a field to the way of every command.
 */
describe('the hot path', () => {
  let node: QuietNode;
  let client: ClusterClient;
  const keys = Array.from({ length: 1000 }, (_, i) => `key:${i}`);

  beforeEach(async () => {
    node = await QuietNode.start();
    client = new ClusterClient(`127.0.0.1:${node.port}`, { timeoutMs: 600_000 });
    await client.connect();
    await client.get('first');
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    client.destroy();
    await node.stop();
  });

  /** Issues one GET a key in one turn and waits for the last reply only, by two promises beside those of the commands. */
  async function getAll(): Promise<void> {
    let last: Promise<unknown> | undefined;
    for (const key of keys) last = client.get(key);
    expect(await last).toBe('value of key:999');
  }

  it('makes one promise a command', async () => {
    const census = new Census();
    await census.during(getAll);
    expect(census.count('PROMISE')).toBeGreaterThanOrEqual(keys.length);
    expect(census.count('PROMISE')).toBeLessThan(keys.length + 50);
  });

  it('makes no promise for the parts of a call that is split', async () => {
    const census = new Census();
    await census.during(async () => {
      expect(await client.mget(keys)).toEqual(keys.map((key) => `value of ${key}`));
    });
    expect(census.count('PROMISE')).toBeLessThan(50);
  });

  it('makes no timer a command: one a connection and tick', async () => {
    const census = new Census();
    const start = performance.now();
    await census.during(async () => {
      for (let batch = 0; batch < 10; batch++) await getAll();
    });
    const ticks = Math.ceil((performance.now() - start) / 100);
    expect(census.count('Timeout')).toBeLessThanOrEqual(ticks + 1);
    expect(census.count('Immediate')).toBeLessThanOrEqual(10);
    expect(census.count('TickObject')).toBeLessThan(200);
  });

  it('writes once a turn, and as soon as 64 kB wait', async () => {
    const write = vi.spyOn(Socket.prototype, 'write');
    await getAll();
    expect(write).toHaveBeenCalledTimes(1);
    write.mockClear();
    // 35 to 36 bytes a command.
    const replies = Array.from({ length: 10_000 }, (_, i) => client.get(`key:${10_000 + i}`));
    await Promise.all(replies);
    const bytes = 10_000 * '*2\r\n$3\r\nGET\r\n$9\r\nkey:10000\r\n'.length;
    expect(write.mock.calls.length).toBeLessThanOrEqual(Math.ceil(bytes / 65_536));
  });

  it('reads the clock once a turn and once a read, not once a command', async () => {
    await getAll();
    const now = vi.spyOn(performance, 'now');
    await getAll();
    // 1,000 replies of 24 to 26 bytes come in one read, or in a few.
    expect(now.mock.calls.length).toBeGreaterThan(0);
    expect(now.mock.calls.length).toBeLessThan(50);
  });

  it('encodes all turns into the same piece of memory', async () => {
    const write = vi.spyOn(Socket.prototype, 'write');
    for (let turn = 0; turn < 20; turn++) await getAll();
    const written = write.mock.calls.map(([chunk]) => chunk as Uint8Array);
    expect(written.length).toBe(20);
    expect(new Set(written.map(({ buffer }) => buffer)).size).toBe(1);
  });

  it('holds less than 520 bytes of heap for a command in flight', async () => {
    await getAll();
    await node.fallSilent();
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const heap = (): number => {
      collect();
      collect();
      return process.memoryUsage().heapUsed;
    };
    const count = 50_000;
    const replies: Promise<unknown>[] = new Array(count);
    const before = heap();
    for (let i = 0; i < count; i++) replies[i] = client.get(keys[i % 1000] as string);
    // Flushed, so that the text to write is no longer held.
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    const bytes = (heap() - before) / count;
    for (const reply of replies) reply.catch(() => undefined);
    expect(bytes).toBeLessThan(520);
  });
});
