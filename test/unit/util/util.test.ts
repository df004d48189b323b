import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatAddress, parseAddress } from '../../../src/util/address.ts';
import { backoffMs } from '../../../src/util/backoff.ts';
import { nowMs } from '../../../src/util/clock.ts';
import { DeadlineTimer } from '../../../src/util/deadline-timer.ts';
import { type Transitions, transition } from '../../../src/util/state.ts';
import { atEndOfTurn } from '../../../src/util/turn.ts';

describe('addresses', () => {
  it('are written so that they can be read back, IPv6 included', () => {
    for (const [host, port] of [
      ['10.0.0.1', 7000],
      ['node.example', 1],
      ['::1', 65535],
      ['fe80::1:2', 7000],
    ] as const) {
      expect(parseAddress(formatAddress(host, port))).toEqual({ host, port });
    }
  });

  it('need a port unless there is a default', () => {
    expect(() => parseAddress('node')).toThrow(/"node" is not an address/);
    expect(parseAddress('node', 6379)).toEqual({ host: 'node', port: 6379 });
    expect(parseAddress('::1', 6379)).toEqual({ host: '::1', port: 6379 });
  });
});

describe('backoffMs', () => {
  it('doubles up to its cap, and spreads over the upper half', () => {
    const most = [0, 1, 2, 3, 4, 30, 5_000].map((attempt) => backoffMs(attempt, 50, 500, () => 1));
    expect(most).toEqual([50, 100, 200, 400, 500, 500, 500]);
    const least = [0, 1, 2, 3, 4].map((attempt) => backoffMs(attempt, 50, 500, () => 0));
    expect(least).toEqual([25, 50, 100, 200, 250]);
  });
});

describe('DeadlineTimer', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('fires for the earliest deadline with one timer, then for the next that it is told', () => {
    const start = nowMs();
    const fired: number[] = [];
    const left = [150, 400];
    const timer = new DeadlineTimer((now) => {
      fired.push(now - start);
      const next = left.shift();
      return next === undefined ? Number.POSITIVE_INFINITY : start + next;
    });
    timer.note(start + 400);
    timer.note(start + 50);
    timer.note(start + 150);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1_000);
    expect(fired).toEqual([50, 150, 400]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('never fires early, nor for no deadline, nor once stopped', () => {
    let fired = 0;
    const timer = new DeadlineTimer(() => {
      fired++;
      return Number.POSITIVE_INFINITY;
    });
    timer.note(Number.POSITIVE_INFINITY);
    expect(vi.getTimerCount()).toBe(0);
    timer.note(nowMs() + 30);
    timer.stop();
    vi.advanceTimersByTime(100);
    expect(fired).toBe(0);
    timer.note(nowMs() + 2 ** 33);
    vi.advanceTimersByTime(2 ** 30);
    expect(fired).toBe(0);
  });
});

describe('transition', () => {
  const table: Transitions<'open' | 'closing' | 'closed'> = {
    open: ['closing', 'closed'],
    closing: ['closed'],
    closed: [],
  };

  it('lets nothing happen that the table does not allow', () => {
    expect(transition(table, 'open', 'closing')).toBe('closing');
    expect(() => transition(table, 'closed', 'open')).toThrow(/impossible transition from closed to open/);
    expect(() => transition(table, 'open', 'open')).toThrow(/impossible/);
  });
});

describe('atEndOfTurn', () => {
  it('runs after the promises of the turn, and what is added meanwhile in the next turn', async () => {
    const events: string[] = [];
    const again = { endTurn: () => void events.push('again') };
    const task = {
      endTurn: () => {
        events.push('task');
        atEndOfTurn(again);
      },
    };
    atEndOfTurn(task);
    await Promise.resolve();
    events.push('reply');
    await new Promise((resolve) => setImmediate(resolve));
    expect(events).toEqual(['reply', 'task']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(events).toEqual(['reply', 'task', 'again']);
  });
});
