import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  ClusterClient,
  type ClusterClientOptions,
  CrossSlotError,
  keySlot,
  ReplyError,
  TransactionAbortedError,
  UsageError,
} from '../../src/index.ts';
import { startCluster, type TestCluster } from '../../src/testing/index.ts';
import { holdHalfMoved } from '../helpers/half-moved.ts';

let cluster: TestCluster;
let client: ClusterClient;
const more: ClusterClient[] = [];

function connect(options: ClusterClientOptions = {}): ClusterClient {
  const made = new ClusterClient(cluster.addresses[0] ?? '', options);
  more.push(made);
  return made;
}

beforeAll(async () => {
  cluster = await startCluster({ replicas: 1 });
});
afterAll(() => cluster?.stop());
beforeEach(async () => {
  client = connect();
  await client.flushall();
});
afterEach(() => {
  for (const one of more.splice(0)) one.destroy();
});

/** Adds one by reading and writing, which loses counts unless somebody watches. */
const addOne = (on: ClusterClient, key: string): Promise<number> =>
  on.watch(
    key,
    async (tx) => {
      const count = Number(await tx.get(key)) + 1;
      await tx.multi().set(key, count).exec();
      return count;
    },
    { retries: 1000 },
  );

describe('a watch', () => {
  it('writes what it has worked out from what it read', async () => {
    await client.mset({ '{bank}:ada': 100, '{bank}:bob': 0 });
    const outcomes = await client.watch(['{bank}:ada', '{bank}:bob'], async (tx) => {
      const [ada, bob] = await tx.mget('{bank}:ada', '{bank}:bob');
      return tx
        .multi()
        .set('{bank}:ada', Number(ada) - 30)
        .set('{bank}:bob', Number(bob) + 30)
        .mget('{bank}:ada', '{bank}:bob')
        .exec();
    });
    expect(outcomes).toEqual([
      [null, 'OK'],
      [null, 'OK'],
      [null, ['70', '30']],
    ]);
  });

  it('begins again when somebody else has changed a key meanwhile, and loses nothing', async () => {
    const other = connect();
    const adding = [client, other].flatMap((on) => Array.from({ length: 40 }, () => addOne(on, 'count')));
    const counts = await Promise.all(adding);
    expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 80 }, (_, i) => i + 1));
    expect(await client.get('count')).toBe('80');
  });

  it('gives up when that has happened too often', async () => {
    let runs = 0;
    const failure = client.watch(
      'a',
      async (tx) => {
        runs++;
        await client.incr('a');
        await tx.multi().set('a', 'mine').exec();
      },
      { retries: 2 },
    );
    await expect(failure).rejects.toBeInstanceOf(TransactionAbortedError);
    await expect(failure).rejects.toMatchObject({ executed: 'no', slot: keySlot('a') });
    expect(runs).toBe(3);
    expect(await client.get('a')).toBe('3');
  });

  it('passes on what its function throws, at once and as it is', async () => {
    let runs = 0;
    const own = new Error('too poor');
    const thrown = client.watch('a', async (tx) => {
      runs++;
      await tx.get('a');
      throw own;
    });
    await expect(thrown).rejects.toBe(own);
    const wrapped = client.watch('a', async (tx) => {
      runs++;
      await client.incr('a');
      await tx
        .multi()
        .set('a', 'mine')
        .exec()
        .catch((cause: unknown) => {
          throw new Error('lost the race', { cause });
        });
    });
    await expect(wrapped).rejects.toThrow('lost the race');
    const wrongType = client.watch('a', async (tx) => {
      runs++;
      await tx.lrange('a', 0, -1);
    });
    await expect(wrongType).rejects.toBeInstanceOf(ReplyError);
    expect(runs).toBe(3);
  });

  it('resolves with what its function gives when there is nothing to write', async () => {
    await client.set('a', 1);
    expect(await client.watch('a', (tx) => tx.get('a'))).toBe('1');
    expect(await client.watch('a', () => 7)).toBe(7);
  });

  it('always gives its connection back, watching nothing', async () => {
    const one = connect({ maxExclusive: 1 });
    for (let i = 0; i < 30; i++) {
      const ends: ((run: Promise<unknown>) => Promise<unknown>)[] = [(run) => run, (run) => run.catch(() => undefined)];
      for (const end of ends) {
        await end(
          one.watch('a', async (tx) => {
            await tx.get('a');
            if (end === ends[1]) throw new Error('mine');
          }),
        );
      }
    }
    // Were `a` still watched on that connection, this would be in vain.
    let runs = 0;
    await one.watch('{a}b', async (tx) => {
      runs++;
      await client.set('a', 'changed');
      await tx.multi().set('{a}b', 1).exec();
    });
    expect(runs).toBe(1);
    expect(one.pending).toBe(0);
  });

  it('reads only, in its slot only, and only while it lasts', async () => {
    const leaked = await client.watch('a', (tx) => tx);
    await expect(leaked.get('a')).rejects.toBeInstanceOf(UsageError);
    await expect(client.watch('a', (tx) => tx.incr('a'))).rejects.toThrow(
      'in a watch what writes goes into tx.multi()',
    );
    await expect(client.watch('a', (tx) => tx.get('b'))).rejects.toBeInstanceOf(CrossSlotError);
    await expect(client.watch('a', (tx) => tx.multi().set('b', 1).exec())).rejects.toBeInstanceOf(CrossSlotError);
    await expect(client.watch(['a', 'b'], () => 1)).rejects.toBeInstanceOf(CrossSlotError);
    await expect(client.watch('a', () => 1, { retries: -1 })).rejects.toBeInstanceOf(UsageError);
    const twice = client.watch('a', async (tx) => {
      await tx.multi().set('a', 1).exec();
      await tx.multi().set('a', 2).exec();
    });
    await expect(twice).rejects.toBeInstanceOf(UsageError);
    expect(await client.get('a')).toBe('1');
  });

  it('has the prefix, scripts and Buffers of its client', async () => {
    const prefixed = connect({
      keyPrefix: 'app:',
      scripts: { double: { lua: 'return redis.call("GET", KEYS[1]) * 2', numberOfKeys: 1, readOnly: true } },
    });
    await client.set('app:a', 21);
    const seen = await prefixed.watch('a', async (tx) => {
      const doubled = await Reflect.get(tx, 'double')('a');
      const bytes = await tx.getBuffer('a');
      return [doubled, bytes, await tx.multi().incr('a').exec()];
    });
    expect(seen).toEqual([42, Buffer.from('21'), [[null, 22]]]);
  });

  it('ends with its signal, and with its client', async () => {
    const giveUp = new AbortController();
    const aborted = client.with({ signal: giveUp.signal }).watch('a', async (tx) => {
      giveUp.abort(new Error('enough'));
      await tx.get('a');
    });
    await expect(aborted).rejects.toMatchObject({ name: 'CommandAbortedError' });
    const closed = client.watch('a', async (tx) => {
      client.destroy();
      await tx.get('a');
    });
    await expect(closed).rejects.toMatchObject({ name: 'ClientClosedError' });
  });

  it('is waited for by a closing client', async () => {
    let closing: Promise<void> | undefined;
    const outcomes = await client.watch('a', async (tx) => {
      await tx.get('a');
      closing = client.close();
      return tx.multi().set('a', 1).exec();
    });
    expect(outcomes).toEqual([[null, 'OK']]);
    await closing;
    expect(client.status).toBe('closed');
  });
});

describe('a watch of a slot on its way', () => {
  const slot = keySlot('{move}');

  it('goes where the keys are, and begins again when they move between reading and writing', async () => {
    await client.set('{move}count', 0);
    await addOne(client, '{move}count');
    const half = await holdHalfMoved(cluster, slot, { step: 'keys', keysMoved: 1 });
    await addOne(client, '{move}count');
    await half.finish();
    await addOne(client, '{move}count');
    expect(await client.get('{move}count')).toBe('3');

    let runs = 0;
    await client.watch('{move}count', async (tx) => {
      const count = Number(await tx.get('{move}count'));
      if (runs++ === 0) await cluster.moveSlots(half.target, half.source, [slot]);
      await tx
        .multi()
        .set('{move}count', count + 1)
        .exec();
    });
    expect(runs).toBe(2);
    expect(await client.get('{move}count')).toBe('4');
  });

  it('begins again on the new master after a failover', async () => {
    await client.set('a', 1);
    let runs = 0;
    await client.watch('a', async (tx) => {
      const before = Number(await tx.get('a'));
      if (runs++ === 0) {
        const [replica] = await cluster.replicasOf(await cluster.masterOf(keySlot('a')));
        if (replica !== undefined) await cluster.failover(replica);
      }
      await tx
        .multi()
        .set('a', before + 1)
        .exec();
    });
    expect(runs).toBe(2);
    expect(await client.get('a')).toBe('2');
  });
});
