import { describe, expect, it } from 'vitest';
import { type ClusterClientOptions, callSettings, readOptions } from '../../../src/client/options.ts';
import { UsageError } from '../../../src/errors.ts';

const read = (options: ClusterClientOptions, seed = '10.0.0.1:7000') => readOptions(seed, options);

describe('readOptions', () => {
  it('outlives a failover on default servers, never repeats a write and reads from masters, unless told', () => {
    const { call, executor, isLazy } = read({});
    expect(call).toMatchObject({ readFrom: 'master', idempotent: false, signal: undefined });
    // The servers' default cluster-node-timeout is 15 s; a failover takes a little longer.
    expect(call.timeoutMs).toBeGreaterThan(20_000);
    expect(executor.poolSize).toBe(1);
    expect(executor.protocol).toBe(2);
    expect(isLazy).toBe(false);
  });

  it('prefers a password of the options over that of a URL', () => {
    expect(read({}, 'redis://u:one@h').executor.credentials).toEqual({ username: 'u', password: 'one' });
    expect(read({ password: 'two' }, 'redis://u:one@h').executor.credentials).toEqual({
      username: undefined,
      password: 'two',
    });
  });

  it('turns TLS on by a rediss:// seed, and lets the option have the last word', () => {
    expect(read({}, 'rediss://h').executor.tls).toBe(true);
    expect(read({ tls: false }, 'rediss://h').executor.tls).toBe(false);
    expect(read({ tls: { servername: 'x' } }).executor.tls).toEqual({ servername: 'x' });
  });

  it('maps addresses by a table or a function', () => {
    const table = read({ natMap: { '10.0.0.1:7000': 'localhost:17000' } }).executor.mapAddress;
    expect(table?.('10.0.0.1:7000')).toEqual({ host: 'localhost', port: 17000 });
    expect(table?.('10.0.0.2:7000')).toBeUndefined();
    const call = read({ natMap: (address) => address.replace('10.0.0.1', 'edge') }).executor.mapAddress;
    expect(call?.('10.0.0.1:7000')).toEqual({ host: 'edge', port: 7000 });
  });

  it.each<[string, ClusterClientOptions]>([
    ['timeoutMs', { timeoutMs: 0 }],
    ['timeoutMs', { timeoutMs: Number.NaN }],
    ['timeoutMs', { timeoutMs: -5 }],
    ['connectTimeoutMs', { connectTimeoutMs: 0 }],
    ['poolSize', { poolSize: 0 }],
    ['poolSize', { poolSize: 1.5 }],
    ['maxPending', { maxPending: 0 }],
    ['protocol', JSON.parse('{ "protocol": 4 }')],
    ['readFrom', JSON.parse('{ "readFrom": "slave" }')],
    ['timeoutMs', JSON.parse('{ "timeoutMs": "1000" }')],
  ])('refuses an impossible %s by name: %j', (name, options) => {
    expect(() => read(options)).toThrow(UsageError);
    expect(() => read(options)).toThrow(name);
  });

  it('accepts no limit', () => {
    expect(read({ timeoutMs: Number.POSITIVE_INFINITY }).call.timeoutMs).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('callSettings', () => {
  const base = read({ timeoutMs: 5_000, retryWrites: true, readFrom: 'preferReplica' }).call;

  it('replaces what is told and keeps the rest', () => {
    const { signal } = new AbortController();
    expect(callSettings(base, {})).toEqual(base);
    expect(callSettings(base, { timeoutMs: 100 })).toEqual({ ...base, timeoutMs: 100 });
    expect(callSettings(base, { idempotent: false, signal })).toEqual({ ...base, idempotent: false, signal });
    expect(callSettings(base, { readFrom: 'master' })).toEqual({ ...base, readFrom: 'master' });
  });

  it('refuses what cannot be', () => {
    expect(() => callSettings(base, { timeoutMs: -1 })).toThrow(UsageError);
    expect(() => callSettings(base, JSON.parse('{ "readFrom": "any" }'))).toThrow(/readFrom/);
  });
});
