import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Later } from '../../../src/cluster/later.ts';
import { makeCommand } from '../../helpers/make-command.ts';

describe('Later', () => {
  let released: number[];
  let later: Later;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    released = [];
    later = new Later((command) => released.push(command.sequence));
  });
  afterEach(() => {
    later.takeAll();
    vi.useRealTimers();
  });

  it('releases each command when its own wait is over', () => {
    later.add(makeCommand({ sequence: 1 }), 300);
    later.add(makeCommand({ sequence: 2 }), 50);
    later.add(makeCommand({ sequence: 3 }), 100);
    vi.advanceTimersByTime(65);
    expect(released).toEqual([2]);
    vi.advanceTimersByTime(250);
    expect(released).toEqual([2, 3, 1]);
    expect(later.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects at its deadline what would have to wait longer, as not executed', async () => {
    const command = makeCommand({ sequence: 1, settings: { timeoutMs: 80 } });
    later.add(command, 200);
    vi.advanceTimersByTime(95);
    expect(command.isSettled).toBe(true);
    await expect(command.promise).rejects.toMatchObject({ code: 'TIMEOUT', executed: 'no' });
    vi.advanceTimersByTime(500);
    expect(released).toEqual([]);
  });

  it('rejects as unknown at its deadline what an earlier attempt may have executed', async () => {
    const command = makeCommand({ settings: { timeoutMs: 80 } });
    command.maybeExecuted = true;
    later.add(command, 200);
    vi.advanceTimersByTime(95);
    await expect(command.promise).rejects.toMatchObject({ code: 'TIMEOUT', executed: 'unknown' });
  });

  it('does not release what has been settled meanwhile', () => {
    const command = makeCommand({ sequence: 1 });
    later.add(command, 50);
    later.add(makeCommand({ sequence: 2 }), 50);
    command.reject(new Error('aborted'));
    vi.advanceTimersByTime(100);
    expect(released).toEqual([2]);
  });

  it('lets a command that is released be put off again', () => {
    const again = new Later((command) => {
      released.push(command.sequence);
      if (released.length < 3) again.add(command, 20);
    });
    again.add(makeCommand({ sequence: 9 }), 20);
    vi.advanceTimersByTime(200);
    expect(released).toEqual([9, 9, 9]);
  });

  it('can be emptied or woken before the time', () => {
    later.add(makeCommand({ sequence: 1 }), 5_000);
    later.wake();
    expect(released).toEqual([1]);
    later.add(makeCommand({ sequence: 2 }), 5_000);
    expect(later.takeAll().map((command) => command.sequence)).toEqual([2]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
