import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import {
  CommandAbortedError,
  CommandTimeoutError,
  CrossSlotError,
  FanOutError,
  QueueFullError,
  ReplyError,
  UsageError,
} from '../../src/errors.ts';
import { keySlot } from '../../src/slots/key-slot.ts';
import { startCluster } from '../../src/testing/start-cluster.ts';
import type { TestCluster } from '../../src/testing/test-cluster.ts';
import { untilReplicasListed } from '../helpers/replica-listing.ts';
import { keyInSlot, until } from '../helpers/watch-cluster.ts';

/** One key on each of three masters that share the slots evenly. */
const spread = [keyInSlot(0), keyInSlot(8000), keyInSlot(16000)] as const;
const keys = Array.from({ length: 500 }, (_, i) => `key:${i}`);

let cluster: TestCluster;
let client: ClusterClient;

beforeAll(async () => {
  cluster = await startCluster();
  await untilReplicasListed(cluster);
  client = new ClusterClient(cluster.addresses[0] ?? '');
  await client.connect();
});

afterAll(async () => {
  client?.destroy();
  await cluster?.stop();
});

beforeEach(async () => {
  await client.flushall();
});

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (reply) => {
      throw new Error(`expected a rejection, got ${String(reply)}`);
    },
    (error: unknown) => error,
  );
}

function asFanOutError(error: unknown): FanOutError {
  expect(error).toBeInstanceOf(FanOutError);
  if (!(error instanceof FanOutError)) throw error;
  return error;
}

describe('keys of any slots', () => {
  it('are written and read in the order of the call', async () => {
    expect(await client.mset(new Map(keys.map((key) => [key, `value of ${key}`])))).toBe('OK');
    const asked = [...keys.slice(250), 'missing', ...keys.slice(0, 250), 'key:7'];
    const expected = asked.map((key) => (key === 'missing' ? null : `value of ${key}`));
    expect(await client.mget(asked)).toEqual(expected);
    expect(await client.dbsize()).toBe(500);
  });

  it('are counted as one server would', async () => {
    await client.mset({ a: 1, b: 2, c: 3 });
    expect(await client.exists('a', 'b', 'nothing', 'a')).toBe(3);
    expect(await client.touch('a', 'c', 'nothing')).toBe(2);
    expect(await client.unlink(['a', 'nothing'])).toBe(1);
    expect(await client.del('a', 'b', 'c')).toBe(2);
    expect(await client.dbsize()).toBe(0);
  });

  it('are bytes as well as text', async () => {
    const odd = Buffer.from([0xff, 0x00, 0x7b, 0x7d]);
    await client.mset(odd, Buffer.from([0xfe]), 'ключ', 'значение');
    expect(await client.mgetBuffer('ключ', odd)).toEqual([Buffer.from('значение'), Buffer.from([0xfe])]);
  });

  it('are set together with options where the server knows MSETEX', async () => {
    const [known] = await client.command('INFO', 'MSETEX');
    const outcome = client.msetex(2, { [spread[0]]: 1, [spread[1]]: 2 }, 'EX', 100).catch((error: unknown) => error);
    if (known === null) {
      expect(await outcome).toMatchObject({ name: 'ReplyError', code: 'ERR', command: 'MSETEX' });
      return;
    }
    expect(await outcome).toBe(1);
    expect(await client.mget(...spread)).toEqual(['1', '2', null]);
    expect(await client.ttl(spread[1])).toBeGreaterThan(90);
    const conditional = client.msetex(2, { [spread[0]]: 3, [spread[1]]: 4 }, 'NX');
    expect(await failure(conditional)).toBeInstanceOf(CrossSlotError);
  });

  it('get the prefix each', async () => {
    await using prefixed = new ClusterClient(cluster.addresses, { keyPrefix: 'app:' });
    await prefixed.mset({ a: 1, b: 2 });
    expect(await prefixed.mget('b', 'a', 'c')).toEqual(['2', '1', null]);
    expect((await client.keys('*')).sort()).toEqual(['app:a', 'app:b']);
  });

  it('are served from replicas if the caller reads there', async () => {
    await client.mset({ [spread[0]]: 1, [spread[1]]: 2, [spread[2]]: 3 });
    const reader = client.with({ readFrom: 'replica' });
    await until('replicas have caught up', async () => !(await reader.mget(...spread)).includes(null));
    expect(await reader.mget(...spread)).toEqual(['1', '2', '3']);
  });

  it('are refused before anything is sent where it is all or nothing', async () => {
    expect(await failure(client.msetnx({ [spread[0]]: 1, [spread[1]]: 2 }))).toBeInstanceOf(CrossSlotError);
    expect(await client.dbsize()).toBe(0);
  });

  it('work before the client is connected', async () => {
    await client.mset({ a: 1, b: 2 });
    await using late = new ClusterClient(cluster.addresses, { lazyConnect: true });
    expect(await Promise.all([late.mget('b', 'a'), late.dbsize()])).toEqual([['2', '1'], 2]);
  });

  it('work while one of their slots is half moved', async () => {
    const [tag] = spread;
    const many = Array.from({ length: 20 }, (_, i) => `${tag}${i}`);
    const all = [...many, ...spread];
    await client.mset(new Map(all.map((key) => [key, key])));
    const from = await cluster.masterOf(keySlot(tag));
    const to = await cluster.masterOf(keySlot(spread[1]));
    let halfMoved = 0;
    const check = async (): Promise<void> => {
      halfMoved++;
      expect(await Promise.all(all.map((key) => client.mget(key, spread[2])))).toEqual(
        all.map((key) => [key, spread[2]]),
      );
      expect(await client.exists(...spread)).toBe(3);
    };
    await cluster.moveSlots(from, to, [keySlot(tag)], { onStep: check, keysPerBatch: 7 });
    await cluster.moveSlots(to, from, [keySlot(tag)]);
    expect(halfMoved).toBeGreaterThan(5);
    expect(await client.mget(all)).toEqual(all);
  });
});

describe('commands without keys', () => {
  it('speak of the whole key space', async () => {
    await client.mset(new Map(keys.map((key) => [key, '1'])));
    expect(await client.dbsize()).toBe(500);
    expect((await client.keys('key:*')).sort()).toEqual([...keys].sort());
    expect(keys).toContain(await client.randomkey());
    await client.flushall();
    expect(await client.keys('*')).toEqual([]);
    expect(await client.randomkey()).toBeNull();
  });

  it('find the only key there is, wherever it lies', async () => {
    for (const key of spread) {
      await client.set(key, '1');
      expect(await client.randomkey()).toBe(key);
      expect((await client.randomkeyBuffer())?.toString()).toBe(key);
      await client.del(key);
    }
  });

  it('reach every master, or every node', async () => {
    const sha = await client.script('LOAD', "return 'loaded'");
    for (const node of client.nodes()) expect(await node.script('EXISTS', sha), node.address).toEqual([1]);
    await client.nodes('master')[0]?.script('FLUSH');
    expect(await client.script('EXISTS', sha, sha)).toEqual([0, 0]);
    expect(await client.config('SET', 'slowlog-max-len', 77)).toBe('OK');
    for (const node of client.nodes()) {
      expect(await node.config('GET', 'slowlog-max-len'), node.address).toEqual(['slowlog-max-len', '77']);
    }
  });

  it('tell of each master under its address in INFO', async () => {
    const text = await client.info('server');
    const masters = await cluster.masters();
    for (const { address } of masters) expect(text).toContain(`# Node ${address}\r\n# Server\r\n`);
    expect(text.match(/tcp_port:/g)).toHaveLength(masters.length);
  });

  it('stop a script on whichever master runs it, though that blocks the connection', async () => {
    // From then on a busy server listens for SCRIPT KILL.
    await client.config('SET', 'busy-reply-threshold', 20);
    const endless = client.eval('while true do end', 1, spread[1]);
    const outcome = failure(endless);
    const probe = client.nodeFor(spread[1]);
    await until('the master is busy', async () => {
      const error = await failure(client.script('KILL')).catch(() => undefined);
      return error === undefined;
    });
    expect(await outcome).toMatchObject({ name: 'ReplyError', command: 'EVAL' });
    expect(await probe.ping()).toBe('PONG');
    expect(await failure(client.script('KILL'))).toMatchObject({ name: 'ReplyError', code: 'NOTBUSY' });
  });

  it('merge what each node knows', async () => {
    await client.config('SET', 'slowlog-log-slower-than', 0);
    await client.slowlog('RESET');
    await client.mget(...spread);
    await client.config('SET', 'slowlog-log-slower-than', 10000);
    const log = await client.slowlog('GET', 2);
    expect(log).toHaveLength(2);
    expect(Number(await client.slowlog('LEN'))).toBeGreaterThanOrEqual(6);
    const statistics = await client.memory('STATS');
    expect(statistics[statistics.indexOf('keys.count') + 1]).toBe(0);
    expect(await client.pubsub('NUMSUB', 'nobody')).toEqual(['nobody', 0]);
    const histogram = await client.latency('HISTOGRAM', 'mget');
    expect(histogram[0]).toBe('mget');
  });

  it('give the same replies under RESP3', async () => {
    await using other = new ClusterClient(cluster.addresses, { protocol: 3 });
    await client.mset({ [spread[0]]: 1, [spread[1]]: 2, [spread[2]]: 3 });
    await client.config('RESETSTAT');
    const ask = (asked: ClusterClient): Promise<unknown[]> =>
      Promise.all([
        asked.mget(...spread, 'nothing'),
        asked.exists(...spread),
        asked.dbsize(),
        asked.keys('*').then((found) => found.sort()),
        asked.script('EXISTS', 'none'),
        asked.function('STATS'),
        asked.pubsub('NUMSUB', 'nobody'),
        asked.pubsub('CHANNELS'),
        asked.memory('STATS').then((statistics) => statistics.map((each) => typeof each)),
        asked.latency('HISTOGRAM', 'none'),
        asked.info('cluster'),
        asked.infoBuffer('cluster'),
      ]);
    expect(await ask(other)).toEqual(await ask(client));
  });

  it('go to the master of the slot that they name', async () => {
    await client.set(spread[1], '1');
    expect(await client.cluster('COUNTKEYSINSLOT', keySlot(spread[1]))).toBe(1);
    expect(await client.cluster('GETKEYSINSLOT', keySlot(spread[1]), 5)).toEqual([spread[1]]);
  });

  it('are refused where the choice of the node is the caller’s', async () => {
    expect(await failure(client.cluster('RESET'))).toBeInstanceOf(UsageError);
    expect(await failure(client.call('SHUTDOWN'))).toBeInstanceOf(UsageError);
  });

  it('count as sent by one caller: WAIT ends when its caller gives up', async () => {
    await client.set(spread[0], '1');
    expect(await client.wait(1, 5000)).toBe(1);
    const impatient = client.with({ timeoutMs: 300 });
    const startedAt = performance.now();
    await impatient.wait(9, 0).catch((error: unknown) => expect(error).toBeInstanceOf(CommandTimeoutError));
    expect(await client.mget(...spread)).toEqual(['1', null, null]);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});

describe('a fan-out that fails', () => {
  const allow = (address?: string) =>
    client.onAll('master', async (node) => {
      if (address === undefined || node.address === address) await node.acl('SETUSER', 'default', '+mget');
    });

  it('in part carries the outcome of every part', async () => {
    await client.mset({ [spread[0]]: 'secret0', [spread[1]]: 'secret1', [spread[2]]: 'secret2' });
    const denying = client.nodeFor(spread[1]);
    await denying.acl('SETUSER', 'default', '-mget');
    const error = asFanOutError(await failure(client.mget(...spread)));
    await allow(denying.address);
    expect(error).toMatchObject({ code: 'PARTIAL_FAILURE', executed: 'unknown', command: 'MGET' });
    expect(error.cause).toBeInstanceOf(ReplyError);
    expect(error.outcomes).toMatchObject([
      { slot: 0, executed: 'yes', reply: ['secret0'] },
      { slot: 8000, executed: 'no', address: denying.address, error: { code: 'NOPERM' } },
      { slot: 16000, executed: 'yes', reply: ['secret2'] },
    ]);
    expect(error.outcomes.map((outcome) => outcome.address)).toEqual(spread.map((key) => client.nodeFor(key).address));
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toMatch(/secret|probe/);
  });

  it('in all parts alike fails as it would on one node', async () => {
    await client.onAll('master', (node) => node.acl('SETUSER', 'default', '-mget'));
    const error = await failure(client.mget(...spread));
    await allow();
    expect(error).toMatchObject({ name: 'ReplyError', code: 'NOPERM', executed: 'no', command: 'MGET' });
  });

  it('for lack of room sends nothing', async () => {
    await using small = new ClusterClient(cluster.addresses, { maxPending: 50 });
    await small.connect();
    const error = await failure(small.mset(new Map(keys.map((key) => [key, '1']))));
    expect(error).toBeInstanceOf(QueueFullError);
    expect(error).toMatchObject({ executed: 'no', command: 'MSET' });
    expect(await client.dbsize()).toBe(0);
    expect(small.pending).toBe(0);
    expect(await small.mget(keys.slice(0, 40))).toHaveLength(40);
  });

  it('by its deadline says which parts had been answered', async () => {
    const frozen = await cluster.masterOf(keySlot(spread[1]));
    await client.set(spread[0], '0');
    await cluster.pause(frozen);
    const hasty = client.with({ timeoutMs: 300 });
    const [read, size] = await Promise.all([failure(hasty.mget(...spread)), failure(hasty.dbsize())]);
    await cluster.resume(frozen);
    expect(asFanOutError(read).outcomes).toMatchObject([
      { executed: 'yes', reply: ['0'] },
      { executed: 'unknown', error: { name: 'CommandTimeoutError' }, address: frozen.address },
      { executed: 'yes', reply: [null] },
    ]);
    expect(asFanOutError(size).outcomes.filter((outcome) => outcome.error !== undefined)).toMatchObject([
      { address: frozen.address, error: { name: 'CommandTimeoutError' } },
    ]);
    expect(await client.mget(...spread)).toEqual(['0', null, null]);
  });

  it('by its caller’s signal ends at once, and its late replies go to nobody', async () => {
    const frozen = await cluster.masterOf(keySlot(spread[1]));
    await cluster.pause(frozen);
    const controller = new AbortController();
    const abortable = client.with({ signal: controller.signal });
    const outcomes = [failure(abortable.mget(...spread)), failure(abortable.dbsize()), failure(abortable.randomkey())];
    const others = client.mget(...spread);
    controller.abort(new Error('enough'));
    for (const outcome of await Promise.all(outcomes.slice(0, 2))) {
      expect(outcome).toBeInstanceOf(CommandAbortedError);
      expect(outcome).toMatchObject({ executed: 'unknown', cause: { message: 'enough' } });
    }
    await outcomes[2];
    await cluster.resume(frozen);
    expect(await others).toEqual([null, null, null]);
    await until('everything is settled', () => client.pending === 0);
    expect(await failure(abortable.mget(...spread))).toMatchObject({ name: 'CommandAbortedError', executed: 'no' });
  });

  it('because the client closes says so', async () => {
    const frozen = await cluster.masterOf(keySlot(spread[1]));
    const doomed = new ClusterClient(cluster.addresses);
    await doomed.ping();
    await cluster.pause(frozen);
    const pending = failure(doomed.del(...spread.slice(1, 2), keyInSlot(8001)));
    doomed.destroy();
    await cluster.resume(frozen);
    expect(await pending).toMatchObject({ name: 'ClientClosedError', code: 'CLOSED' });
  });
});

describe('a fan-out through a failover', () => {
  it('waits for the new master', async () => {
    await client.mset(new Map(keys.map((key) => [key, '1'])));
    await client.wait(1, 5000);
    const master = await cluster.masterOf(keySlot(spread[1]));
    await cluster.kill(master);
    const [size, values] = await Promise.all([client.dbsize(), client.mget(keys)]);
    expect(size).toBe(500);
    expect(values).toEqual(keys.map(() => '1'));
    await cluster.restart(master);
    await cluster.untilOk();
  });

  it('names the replica that it could not reach', async () => {
    await untilReplicasListed(cluster);
    await using fresh = new ClusterClient(cluster.addresses);
    await fresh.connect();
    const [replica] = await cluster.replicasOf(await cluster.masterOf(0));
    if (replica === undefined) throw new Error('no replica');
    await cluster.kill(replica);
    const error = asFanOutError(await failure(fresh.with({ timeoutMs: 400 }).config('SET', 'slowlog-max-len', 78)));
    expect(error.outcomes).toHaveLength(6);
    expect(error.outcomes.filter((outcome) => outcome.error !== undefined)).toMatchObject([
      { address: replica.address, executed: 'no' },
    ]);
    await cluster.restart(replica);
    await cluster.untilOk();
    expect(await fresh.config('SET', 'slowlog-max-len', 79)).toBe('OK');
  });
});
