import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flattenArguments } from '../../src/commands/arguments.ts';
import { specNamed } from '../../src/commands/command-table.ts';
import { type Link, openLink } from '../../src/connection/link.ts';
import { type LoneServer, startLoneServer } from '../helpers/lone-server.ts';

let server: LoneServer;
let link: Link;

beforeAll(async () => {
  server = await startLoneServer();
  link = await openLink(`127.0.0.1:${server.port}`);
});

afterAll(async () => {
  await link?.close();
  await server?.stop();
});

function call(name: string, ...args: unknown[]): Promise<unknown> {
  return link.call(name, ...flattenArguments(specNamed(name), args));
}

describe('numbers', () => {
  test('every number is the score that it was given as', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ noNaN: true }), async (score) => {
        await call('ZADD', 'scores', score, 'member');
        const stored = await call('ZSCORE', 'scores', 'member');
        expect(Number(String(stored).replace('inf', 'Infinity')) + 0).toBe(score + 0);
      }),
      { numRuns: 300 },
    );
  });

  test('integers of 64 bits come back to the last digit', async () => {
    for (const number of [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, BigInt(Number.MAX_SAFE_INTEGER)]) {
      await call('SET', 'counter', number);
      expect(await call('GET', 'counter')).toBe(number.toString());
      const reply = await call('INCRBY', 'counter', 0);
      expect(typeof reply === 'bigint' ? reply : BigInt(Number(reply))).toBe(number);
    }
  });

  test('whole numbers beyond 2^53 are sent without an exponent, so that integer commands read them', async () => {
    await call('SET', 'counter', 0);
    expect(await call('INCRBY', 'counter', 2 ** 62)).toBe(2n ** 62n);
    expect(await call('INCRBYFLOAT', 'fraction', 1e-7)).toBe('0.0000001');
  });

  test('bytes, objects and sets arrive as what they were', async () => {
    const bytes = Buffer.from([0, 13, 10, 255]);
    await call('HSET', 'hash', { number: 1.5, text: 'é', bytes });
    expect(await call('HMGET', 'hash', ['number', 'text'])).toEqual(['1.5', 'é']);
    expect(await call('HSTRLEN', 'hash', 'bytes')).toBe(4);
    await call('SADD', 'set', new Set(['a', 2]));
    expect(await call('SMISMEMBER', 'set', 'a', 2, 3)).toEqual([1, 1, 0]);
  });
});
