import { describe, expect, it } from 'vitest';
import { ConnectionError, type Executed } from '../../../src/errors.ts';
import { Latencies } from '../../helpers/latencies.ts';
import { CounterCell, type LoadCommands, PairCell, ValueCell } from '../../helpers/load-model.ts';

const place = { key: '{k}', slot: 1, shard: '127.0.0.1:7000' };
const lost = (executed: Executed) => new ConnectionError('CONNECTION_LOST', 'lost', { executed });

/** Commands whose outcomes the test says: `replies` in the order of the calls; an Error rejects. */
function scripted(...replies: unknown[]): LoadCommands {
  const next = async <T>(): Promise<T> => {
    const reply = replies.shift();
    if (reply instanceof Error) throw reply;
    return reply as T;
  };
  return { get: next, set: next, incr: next, mget: next, mset: next };
}

async function issue(cell: { issue(): { reply: Promise<unknown> } | undefined }, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await cell.issue()?.reply.catch(() => undefined);
}

describe('the model of values', () => {
  const run = async (...replies: unknown[]) => {
    const reports: string[] = [];
    const cell = new ValueCell(place, scripted(...replies), (what) => reports.push(what));
    await issue(cell, replies.length);
    return { cell, reports };
  };

  it('accepts what a correct client does', async () => {
    const { cell, reports } = await run('OK', '1', lost('unknown'), '1', 'OK', '3');
    expect(reports).toEqual([]);
    expect(cell.judge('3')).toBeUndefined();
    const other = await run(lost('unknown'));
    expect([other.cell.judge('1'), other.cell.judge(null)]).toEqual([undefined, undefined]);
  });

  it('notices an acknowledged write that is lost, when it is read and in the end', async () => {
    expect((await run('OK', null)).reports).toHaveLength(1);
    expect((await run('OK', '0')).reports).toHaveLength(1);
    const { cell } = await run('OK', '1', 'OK', '2');
    expect(cell.judge('1')).toMatch(/SET 2 was acknowledged/);
    expect(cell.judge(null)).toMatch(/holds 0/);
  });

  it('notices a write that was executed though its error said it was not', async () => {
    const { cell } = await run('OK', '1', lost('no'));
    expect(cell.judge('2')).toMatch(/failed as not executed/);
    expect(cell.judge('1')).toBeUndefined();
    const read = await run(lost('no'), '1', 'OK', '2');
    expect(read.cell.judge('2')).toMatch(/failed as not executed/);
  });

  it('notices values that nobody has written yet', async () => {
    expect((await run('OK', '7')).reports).toHaveLength(1);
    expect((await run('OK', '1')).cell.judge('9')).toMatch(/only 1 were issued/);
  });
});

describe('the model of counters', () => {
  const run = async (...replies: unknown[]) => {
    const reports: string[] = [];
    const cell = new CounterCell(place, scripted(...replies), (what) => reports.push(what));
    await issue(cell, replies.length);
    return { cell, reports };
  };

  it('accepts any count between acknowledged and acknowledged plus unknown', async () => {
    const { cell, reports } = await run(1, 2, lost('unknown'), lost('no'), 4);
    expect(reports).toEqual([]);
    expect([cell.judge('3'), cell.judge('4')]).toEqual([undefined, undefined]);
  });

  it('notices what is lost, counted twice, or executed against its error', async () => {
    const { cell } = await run(1, 2, lost('no'));
    expect(cell.judge('1')).toMatch(/2 INCR were acknowledged/);
    expect(cell.judge('3')).toMatch(/2 acknowledged, 0 unknown/);
    expect((await run(1, 2, 2)).reports).toHaveLength(1);
  });
});

describe('the model of pairs', () => {
  it('notices half a write, and a lost one', async () => {
    const reports: string[] = [];
    const cell = new PairCell(place, scripted('OK', ['1', '1'], 'OK', ['2', '1'], 'OK', ['1', '1']), (what) =>
      reports.push(what),
    );
    await issue(cell, 6);
    expect(reports).toHaveLength(2);
    expect(reports[0]).toMatch(/which were set together/);
    expect(reports[1]).toMatch(/after MSET 3 was acknowledged/);
    expect([cell.judge('3'), cell.judge('2')]).toEqual([undefined, expect.stringMatching(/acknowledged 3/)]);
  });
});

describe('latencies', () => {
  it('are told for a window of time', () => {
    const latencies = new Latencies();
    for (let i = 1; i <= 200; i++) latencies.add(i, i <= 100 ? 1 : i);
    expect(latencies.p99(1, 101)).toBe(1);
    expect(latencies.p99(101, 201)).toBe(199);
    expect(latencies.count(50, 60)).toBe(10);
    expect(latencies.firstAfter(150.5)).toBe(151);
    expect(latencies.firstAfter(500)).toBeUndefined();
    latencies.add(300, 1);
    expect(latencies.longestGap(150, 400)).toBe(100);
    expect(latencies.p99(500, 600)).toBeNaN();
  });
});
