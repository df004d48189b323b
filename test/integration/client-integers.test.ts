import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { type LoneServer, startLoneServer } from '../helpers/lone-server.ts';

const largest = 2n ** 63n - 1n;
const smallest = -(2n ** 63n);
const firstUnsafe = 2n ** 53n;

let server: LoneServer;

beforeAll(async () => {
  server = await startLoneServer();
});

afterAll(async () => {
  await server?.stop();
});

describe.each([2, 3] as const)('integers of a client under RESP%d', (protocol) => {
  let client: ClusterClient;

  beforeAll(() => {
    client = new ClusterClient(`127.0.0.1:${server.port}`, { protocol });
  });

  afterAll(() => {
    client.destroy();
  });

  it('are numbers as far as numbers are exact, and bigints beyond', async () => {
    await client.set('counter', firstUnsafe - 2n);
    expect(await client.incr('counter')).toBe(Number.MAX_SAFE_INTEGER);
    expect(await client.incr('counter')).toBe(firstUnsafe);
    expect(await client.incr('counter')).toBe(firstUnsafe + 1n);
    expect(await client.decr('counter')).toBe(firstUnsafe);
    expect(await client.decr('counter')).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('reach both ends of 64 bits', async () => {
    await client.set('counter', largest - 1n);
    expect(await client.incr('counter')).toBe(largest);
    expect(await client.get('counter')).toBe('9223372036854775807');
    await client.set('counter', 0);
    expect(await client.incrby('counter', smallest)).toBe(smallest);
    await client.del('hash');
    expect(await client.hincrby('hash', 'field', largest)).toBe(largest);
    expect(await client.hget('hash', 'field')).toBe('9223372036854775807');
  });

  it('are exact within arrays', async () => {
    await client.del('bits');
    expect(await client.bitfield('bits', 'SET', 'i64', 0, smallest, 'GET', 'i64', 0, 'GET', 'u63', 1)).toEqual([
      0,
      smallest,
      0,
    ]);
    expect(await client.eval('return {9007199254740994, {1, 2}}', 0)).toEqual([firstUnsafe + 2n, [1, 2]]);
  });

  it('are exact in pipelines and transactions', async () => {
    await client.mset({ '{a}1': largest - 1n, '{a}2': 1 });
    expect(await client.pipeline().incr('{a}1').incr('{a}2').exec()).toEqual([
      [null, largest],
      [null, 2],
    ]);
    expect(await client.multi().decr('{a}1').decr('{a}2').exec()).toEqual([
      [null, largest - 1n],
      [null, 1],
    ]);
  });
});
