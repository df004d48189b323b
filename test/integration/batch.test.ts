import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BatchError, ClusterClient, command, SlotwiseError } from '../../src/index.ts';
import { startCluster, type TestCluster } from '../../src/testing/index.ts';

let cluster: TestCluster;
let client: ClusterClient;

beforeAll(async () => {
  cluster = await startCluster({ replicas: 0 });
  client = new ClusterClient(cluster.addresses[0] ?? '');
});
afterAll(async () => {
  client?.destroy();
  await cluster?.stop();
});
beforeEach(() => client.flushall());

describe('a batch', () => {
  it('resolves with the replies, typed and in order', async () => {
    await client.set('name', 'Ada');
    const [name, visits, fields] = await client.batch([
      command.get('name'),
      command.incr('visits'),
      command.hgetallBuffer('none'),
    ]);
    expect(name?.toUpperCase()).toBe('ADA');
    expect(Number(visits) + 1).toBe(2);
    expect(fields).toEqual({});
    expect(await client.batch([])).toEqual([]);
  });

  it('is made of any list of calls, which may be used again', async () => {
    const calls = ['a', 'b', 'c'].map((key) => command.incrby(key, 2));
    expect(await client.batch(calls)).toEqual([2, 2, 2]);
    expect(await client.batch(calls)).toEqual([4, 4, 4]);
    expect(await client.batch([command.call('get', 'a'), command.callBuffer('get', 'a')])).toEqual([
      '4',
      Buffer.from('4'),
    ]);
  });

  it('rejects with every outcome when a command fails, though the others are executed', async () => {
    await client.set('text', 'no number');
    const failure = client.batch([command.incr('a'), command.incr('text'), command.lpush('list', 1)]);
    const error = await failure.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(BatchError);
    expect(error).toBeInstanceOf(SlotwiseError);
    expect(error).toMatchObject({ code: 'BATCH', executed: 'yes', cause: { name: 'ReplyError', command: 'INCR' } });
    expect((error as BatchError).outcomes).toMatchObject([
      [null, 1],
      [{ name: 'ReplyError' }, undefined],
      [null, 1],
    ]);
    // What replies hold is not for logs.
    expect(Object.keys(error as BatchError)).not.toContain('outcomes');
    expect(await client.get('a')).toBe('1');
  });

  it('says that nothing was executed when nothing was', async () => {
    const error = client.batch([command.call('GET'), command.call('NOSUCH')]);
    await expect(error).rejects.toMatchObject({ name: 'BatchError' });
    const refused = client.batch([command.call('GET'), command.call('SELECT', 1)]);
    await expect(refused).rejects.toMatchObject({ executed: 'no', cause: { name: 'UsageError' } });
  });
});
