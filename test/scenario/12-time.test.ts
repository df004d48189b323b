import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { CommandAbortedError, CommandTimeoutError } from '../../src/errors.ts';
import { FakeNode, silence } from '../helpers/fake-node.ts';
import { encodeReply, errorReply, simpleReply } from '../helpers/fake-reply.ts';
import { executedOf } from '../helpers/load-model.ts';
import { keyInSlot, until } from '../helpers/watch-cluster.ts';

/** A deadline is met within this many milliseconds. */
const LATE_MS = 60;
const TIMEOUT_MS = 300;

/** One way in which a command can fail to be answered in time. */
interface Trouble {
  readonly name: string;
  /** What the caller must be told of whether it was executed. */
  readonly executed: 'no' | 'unknown';
  /** The command only waits: nothing is ever sent. */
  readonly isUnsent?: boolean;
  arrange(first: FakeNode, second: FakeNode, client: ClusterClient): unknown;
}

const troubles: readonly Trouble[] = [
  { name: 'an answer that does not come', executed: 'unknown', arrange: (first) => first.on('SET', () => silence) },
  {
    name: 'redirects to and fro',
    executed: 'no',
    arrange(first, second) {
      first.on('SET', () => errorReply(`MOVED 0 ${second.address}`));
      second.on('SET', () => errorReply(`MOVED 0 ${first.address}`));
    },
  },
  {
    name: 'ASK in circles',
    executed: 'no',
    arrange(first, second) {
      first.on('SET', () => errorReply(`ASK 0 ${second.address}`));
      second.on('SET', () => errorReply(`ASK 0 ${first.address}`));
    },
  },
  {
    name: 'backoff',
    executed: 'no',
    arrange: (first) => first.on('SET', () => errorReply('CLUSTERDOWN The cluster is down')),
  },
  {
    name: 'TRYAGAIN without end',
    executed: 'no',
    arrange: (first) => first.on('SET', () => errorReply('TRYAGAIN Multiple keys request during rehashing of slot')),
  },
  {
    name: 'a node that is gone',
    executed: 'no',
    isUnsent: true,
    async arrange(first, _second, client) {
      await first.stop();
      // What is sent before the client has noticed could not be told from what was executed.
      await client
        .with({ timeoutMs: 50 })
        .get(keyInSlot(0))
        .catch(() => undefined);
    },
  },
  {
    name: 'a slot without owner',
    executed: 'no',
    arrange(first, second) {
      first.slots = second.slots = [{ start: 1, end: 16_383, nodes: [second.entry] }];
      first.on('SET', () => errorReply('CLUSTERDOWN Hash slot not served'));
      second.on('SET', () => errorReply('CLUSTERDOWN Hash slot not served'));
    },
  },
];

describe('the time of a command', () => {
  const key = keyInSlot(0);
  const other = keyInSlot(16_383);
  const ends: (() => unknown)[] = [];
  let first: FakeNode;
  let second: FakeNode;
  let client: ClusterClient;

  beforeEach(async () => {
    first = await FakeNode.start();
    second = await FakeNode.start();
    ends.push(
      () => first.stop(),
      () => second.stop(),
    );
    for (const node of [first, second]) {
      node.slots = [
        { start: 0, end: 8_191, nodes: [first.entry] },
        { start: 8_192, end: 16_383, nodes: [second.entry] },
      ];
      node.on('GET', ({ args }) => encodeReply(args[0] ?? ''));
    }
    client = new ClusterClient([first.address, second.address]);
    ends.push(() => client.destroy());
    await Promise.all([client.get(key), client.get(other)]);
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    for (const end of ends.splice(0).reverse()) await end();
  });

  for (const { name, executed, isUnsent, arrange } of troubles) {
    it(`ends at its deadline in ${name}`, async () => {
      await arrange(first, second, client);
      const startedAt = performance.now();
      const error = await client
        .with({ timeoutMs: TIMEOUT_MS })
        .set(key, '1')
        .catch((reason: unknown) => reason);
      const tookMs = performance.now() - startedAt;
      expect(error).toBeInstanceOf(CommandTimeoutError);
      expect(error).toMatchObject({ code: 'TIMEOUT', command: 'SET', slot: 0, executed });
      expect(tookMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 2);
      expect(tookMs).toBeLessThan(TIMEOUT_MS + LATE_MS);
      expect(client.pending).toBe(0);
    });

    it(`ends at once when it is aborted in ${name}`, async () => {
      await arrange(first, second, client);
      const startedAt = performance.now();
      const controller = new AbortController();
      const reply = client
        .with({ signal: controller.signal })
        .set(key, '1')
        .catch((reason: unknown) => reason);
      // Some way into the trouble, whatever it is.
      await until('the trouble has begun', () => performance.now() - startedAt > 100);
      const abortedAt = performance.now();
      const why = new Error('enough');
      controller.abort(why);
      const error = await reply;
      expect(performance.now() - abortedAt).toBeLessThan(20);
      expect(error).toBeInstanceOf(CommandAbortedError);
      expect(error).toMatchObject({ code: 'ABORTED', command: 'SET', cause: why });
      // In the others it may be on its way to and fro at this moment.
      if (isUnsent === true || executed === 'unknown') expect(executedOf(error)).toBe(executed);
      expect(client.pending).toBe(0);
    });
  }

  it('covers a call to several nodes, and all its parts', async () => {
    first.on('MGET', () => encodeReply(['a']));
    second.on('MGET', () => silence);
    const startedAt = performance.now();
    await expect(client.with({ timeoutMs: TIMEOUT_MS }).mget(key, other)).rejects.toThrow(/timed out/);
    expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS + LATE_MS);
    const controller = new AbortController();
    const reply = client.with({ signal: controller.signal }).mget(key, other);
    await second.until(() => second.received('MGET').length === 2);
    controller.abort();
    await expect(reply).rejects.toBeInstanceOf(CommandAbortedError);
    expect(client.pending).toBe(0);
  });

  it('a signal that was aborted before lets nothing be sent', async () => {
    const error = await client
      .with({ signal: AbortSignal.abort() })
      .set(key, '1')
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CommandAbortedError);
    expect(executedOf(error)).toBe('no');
    await client.get(key);
    expect(first.received('SET')).toEqual([]);
  });

  it('a reply that comes too late goes to nobody else', async () => {
    first.hold();
    const view = client.with({ timeoutMs: 50 });
    const controller = new AbortController();
    const late = [
      view.get(key).catch(executedOf),
      client
        .with({ signal: controller.signal })
        .get(key)
        .catch((error: Error) => error.name),
    ];
    const after = client.getBuffer(key);
    expect(await late[0]).toBe('unknown');
    controller.abort();
    expect(await late[1]).toBe('CommandAbortedError');
    first.next('ECHO', () => simpleReply('mine'));
    const behind = client.nodeFor(key).call('ECHO', 'mine');
    first.release();
    expect(await after).toEqual(Buffer.from(key));
    expect(await behind).toBe('mine');
    expect(client.pending).toBe(0);
  });

  it('takes one timer a connection, and none a command', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const replies: Promise<unknown>[] = [];
    for (let i = 0; i < 5_000; i++) replies.push(client.get(key), client.with({ timeoutMs: 1_000 + i }).get(other));
    expect(timers.mock.calls.length).toBeLessThanOrEqual(2);
    await Promise.all(replies);
    // While they run each connection looks at its deadlines every tenth of a second.
    expect(timers.mock.calls.length).toBeLessThan(100);
  });
});
