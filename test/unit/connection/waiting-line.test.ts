import { describe, expect, it } from 'vitest';
import { Backlog } from '../../../src/commands/backlog.ts';
import { WaitingLine } from '../../../src/commands/waiting-line.ts';
import { nowMs } from '../../../src/util/clock.ts';
import { makeCommand } from '../../helpers/make-command.ts';

const sequences = (line: WaitingLine): number[] => line.takeAll().map((command) => command.sequence);

function lineOf(...numbers: number[]): WaitingLine {
  const line = new WaitingLine(new Backlog());
  for (const sequence of numbers) line.push(makeCommand({ sequence }));
  return line;
}

describe('WaitingLine', () => {
  it('gives commands in the order in which they came', () => {
    const line = lineOf(1, 2, 3);
    expect(line.length).toBe(3);
    expect([line.shift(), line.shift(), line.shift(), line.shift()].map((command) => command?.sequence)).toEqual([
      1,
      2,
      3,
      undefined,
    ]);
  });

  it.each([
    [[2, 4, 6], 1, [1, 2, 4, 6]],
    [[2, 4, 6], 5, [2, 4, 5, 6]],
    [[2, 4, 6], 7, [2, 4, 6, 7]],
    [[], 7, [7]],
  ])('puts into %j the returning command %i where it was issued', (present, returning, expected) => {
    const line = lineOf(...present);
    line.insert(makeCommand({ sequence: returning }));
    expect(sequences(line)).toEqual(expected);
  });

  it('sorts any order of returning commands', () => {
    const line = new WaitingLine(new Backlog());
    for (const sequence of [5, 3, 9, 1, 7, 2]) line.insert(makeCommand({ sequence }));
    expect(sequences(line)).toEqual([1, 2, 3, 5, 7, 9]);
  });

  it('skips what has been settled while it waited', () => {
    const line = new WaitingLine(new Backlog());
    const aborted = makeCommand({ sequence: 1 });
    line.push(aborted);
    line.push(makeCommand({ sequence: 2 }));
    aborted.reject(new Error('aborted'));
    expect(line.shift()?.sequence).toBe(2);
    expect(line.shift()).toBeUndefined();
  });

  it('gives away what is wanted and keeps the rest, both in order', () => {
    const line = lineOf(1, 2, 3, 4, 5);
    expect(line.take((command) => command.sequence % 2 === 0).map((command) => command.sequence)).toEqual([2, 4]);
    expect(sequences(line)).toEqual([1, 3, 5]);
  });

  it('rejects what is past its deadline, naming what it waited for, and tells the next deadline', async () => {
    const line = new WaitingLine(new Backlog());
    const due = makeCommand({ settings: { timeoutMs: 10 } });
    const later = makeCommand({ settings: { timeoutMs: 5_000 } });
    line.push(later);
    line.push(due);
    expect(line.expire(nowMs() + 100, 'no connection to 10.0.0.1:7000', '10.0.0.1:7000')).toBe(later.deadline);
    await expect(due.promise).rejects.toMatchObject({ code: 'TIMEOUT', executed: 'no', address: '10.0.0.1:7000' });
    await expect(due.promise).rejects.toThrow('no connection to 10.0.0.1:7000');
    expect(line.shift()).toBe(later);
    expect(line.expire(nowMs(), '')).toBe(Number.POSITIVE_INFINITY);
  });

  it('counts the bytes that wait in and out again, however they leave', () => {
    const backlog = new Backlog();
    const line = new WaitingLine(backlog);
    const make = (sequence: number, timeoutMs = 5_000) =>
      makeCommand({ sequence, args: ['x'.repeat(1_000), new Uint8Array(500)], settings: { timeoutMs } });
    line.push(make(2));
    const one = backlog.bytes;
    expect(one).toBeGreaterThanOrEqual(1_500);
    line.insert(make(1));
    line.push(make(3));
    const aborted = make(4);
    line.push(aborted);
    line.push(make(5, 10));
    expect(backlog.bytes).toBe(5 * one);
    line.shift();
    line.take((command) => command.sequence === 2);
    aborted.reject(new Error('aborted'));
    line.expire(nowMs() + 100, 'nothing');
    expect(backlog.bytes).toBe(one);
    line.takeAll();
    expect(backlog.bytes).toBe(0);
  });
});
