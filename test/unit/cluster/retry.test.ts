import { describe, expect, it } from 'vitest';
import { decideRetry, MAX_HOPS, type RetryFacts } from '../../../src/cluster/retry.ts';
import { CommandFlag } from '../../../src/commands/command-spec.ts';
import { plainSpec } from '../../../src/commands/plain-spec.ts';
import {
  ClientClosedError,
  ClusterError,
  CommandAbortedError,
  CommandTimeoutError,
  ConnectionError,
  CrossSlotError,
  type Executed,
  ProtocolError,
  QueueFullError,
  TransactionAbortedError,
  UsageError,
} from '../../../src/errors.ts';
import { parseServerError } from '../../../src/protocol/server-error.ts';

const write = plainSpec('INCR', CommandFlag.write);
const read = plainSpec('GET', CommandFlag.readOnly);
const facts = (changes: Partial<RetryFacts> = {}): RetryFacts => ({
  spec: write,
  slot: 7,
  isIdempotent: false,
  hops: 0,
  attempts: 0,
  ...changes,
});
const decide = (reply: string, changes: Partial<RetryFacts> = {}, random?: () => number) =>
  decideRetry(parseServerError(reply), facts(changes), random);

describe('decideRetry on redirects', () => {
  it('follows MOVED and ASK to the node that they name, ASK with ASKING', () => {
    const to = { slot: 7, host: '10.0.0.1', port: 7000 };
    expect(decide('MOVED 7 10.0.0.1:7000')).toEqual({ kind: 'redirect', isAsking: false, to });
    expect(decide('ASK 7 10.0.0.1:7000')).toEqual({ kind: 'redirect', isAsking: true, to });
  });

  it.each([
    ['MOVED 7 :7000', '', 7000],
    ['MOVED 7 ?:7000', '', 7000],
    ['MOVED 7 node.example:7000', 'node.example', 7000],
    ['MOVED 7 ::1:7000', '::1', 7000],
    ['MOVED 7 [::1]:7000', '::1', 7000],
  ])('reads %s', (reply, host, port) => {
    expect(decide(reply)).toMatchObject({ kind: 'redirect', to: { slot: 7, host, port } });
  });

  it.each([
    'MOVED',
    'MOVED 7',
    'MOVED 7 10.0.0.1',
    'MOVED 7 10.0.0.1:',
    'MOVED 7 10.0.0.1:0',
    'MOVED 7 10.0.0.1:65536',
    'MOVED 16384 10.0.0.1:7000',
    'MOVED 4294967295 10.0.0.1:7000',
    'MOVED -7 10.0.0.1:7000',
    'MOVED __proto__ 10.0.0.1:7000',
    'MOVED 7x 10.0.0.1:7000',
    'ASK 7 10.0.0.1:7000 and more',
    'ASK 8 10.0.0.1:7000',
  ])('refuses %s, which redirects nothing', (reply) => {
    expect(decide(reply)).toEqual({ kind: 'malformedRedirect' });
  });

  it('stops when the redirects do not end', () => {
    expect(decide('MOVED 7 10.0.0.1:7000', { hops: MAX_HOPS - 1 }).kind).toBe('redirect');
    expect(decide('MOVED 7 10.0.0.1:7000', { hops: MAX_HOPS })).toEqual({ kind: 'tooManyRedirects' });
    expect(decide('ASK 7 10.0.0.1:7000', { hops: MAX_HOPS })).toEqual({ kind: 'tooManyRedirects' });
  });
});

describe('decideRetry on what a server turned away', () => {
  it.each([
    ['TRYAGAIN Multiple keys request during rehashing of slot', { keepsOrder: false, refresh: undefined }],
    ['CLUSTERDOWN The cluster is down', { keepsOrder: true, refresh: 'urgent' }],
    ['CLUSTERDOWN Hash slot not served', { keepsOrder: true, refresh: 'urgent' }],
    ['MASTERDOWN Link with MASTER is down', { keepsOrder: true, refresh: 'urgent' }],
    ["READONLY You can't write against a read only replica.", { keepsOrder: true, refresh: 'urgent' }],
    ['LOADING Redis is loading the dataset in memory', { keepsOrder: true, refresh: 'soon' }],
  ])('waits and tries %s again, writes too', (reply, expected) => {
    for (const spec of [read, write]) {
      const decision = decide(reply, { spec });
      expect(decision).toMatchObject({ kind: 'retry', mayRepeat: false, ...expected });
      expect(decision.kind === 'retry' && decision.delayMs > 0).toBe(true);
    }
  });

  it.each(['TRYAGAIN x', 'CLUSTERDOWN x', 'LOADING x'])(
    'waits longer each time for %s, up to a quarter of a second',
    (reply) => {
      const delay = (attempts: number, random: number): number => {
        const decision = decide(reply, { attempts }, () => random);
        return decision.kind === 'retry' ? decision.delayMs : Number.NaN;
      };
      expect(delay(1, 1)).toBeGreaterThan(delay(0, 1));
      expect(delay(2, 1)).toBeGreaterThan(delay(1, 1));
      expect(delay(1_000, 1)).toBeLessThanOrEqual(250);
      // Spread, so that many clients do not come back in step.
      expect(delay(3, 0)).toBeLessThan(delay(3, 1));
    },
  );

  it.each([
    'WRONGTYPE Operation against a key holding the wrong kind of value',
    'ERR unknown command',
    'ERR MOVED in the middle',
    'NOPERM this user has no permissions',
    'NOAUTH Authentication required.',
    'OOM command not allowed',
    'CROSSSLOT Keys in request do not hash to the same slot',
    'NOSCRIPT No matching script.',
    'EXECABORT Transaction discarded',
    'MOVEDX 7 10.0.0.1:7000',
    'moved 7 10.0.0.1:7000',
  ])('hands %s to the caller', (reply) => {
    expect(decide(reply, { spec: read, isIdempotent: true })).toEqual({ kind: 'fail' });
  });
});

describe('decideRetry on a lost connection', () => {
  const lost = (executed: Executed) => new ConnectionError('CONNECTION_LOST', 'lost', { executed });
  const broken = (executed: Executed) => new ProtocolError('PROTOCOL', 'broken', { executed });
  const cases: [executed: Executed, spec: typeof read, isIdempotent: boolean, kind: string, mayRepeat?: boolean][] = [
    ['no', write, false, 'retry', false],
    ['no', write, true, 'retry', false],
    ['no', read, false, 'retry', false],
    ['no', read, true, 'retry', false],
    ['unknown', write, false, 'fail'],
    ['unknown', write, true, 'retry', true],
    ['unknown', read, false, 'retry', true],
    ['unknown', read, true, 'retry', true],
    ['yes', write, false, 'fail'],
    ['yes', read, false, 'retry', true],
  ];

  it.each(cases)('executed %s, %o, idempotent %s: %s', (executed, spec, isIdempotent, kind, mayRepeat) => {
    for (const error of [lost(executed), broken(executed)]) {
      const decision = decideRetry(error, facts({ spec, isIdempotent }));
      expect(decision).toMatchObject(
        kind === 'fail' ? { kind } : { kind, mayRepeat, keepsOrder: true, refresh: 'urgent' },
      );
    }
  });

  it('tries at once the first time, then waits a little longer each time', () => {
    const delays = [0, 1, 2, 3, 50].map((attempts) => {
      const decision = decideRetry(lost('no'), facts({ attempts }), () => 1);
      return decision.kind === 'retry' ? decision.delayMs : Number.NaN;
    });
    expect(delays).toEqual([0, 20, 40, 80, 200]);
  });
});

describe('decideRetry on our own errors', () => {
  it.each([
    CommandTimeoutError,
    CommandAbortedError,
    QueueFullError,
    ClientClosedError,
    ClusterError,
    TransactionAbortedError,
    CrossSlotError,
    UsageError,
  ])('%o is final', (OwnError) => {
    const error = new OwnError('CODE', 'message', { executed: 'no' });
    expect(decideRetry(error, facts({ spec: read, isIdempotent: true }))).toEqual({ kind: 'fail' });
  });
});
