import { describe, expect, it } from 'vitest';
import {
  endToEnd,
  histogramsOfAll,
  historyOfAll,
  latestOfAll,
  memoryOfAll,
  newestEntries,
  slotStatsOfAll,
  statsOfRunning,
  sumByName,
  underHeadings,
  union,
} from '../../../src/cluster/merge-replies.ts';

const addresses = ['10.0.0.1:7000', '10.0.0.2:7000', '10.0.0.3:7000'];

function parts(replies: readonly unknown[], ...args: string[]) {
  return { replies, addresses: addresses.slice(0, replies.length), args };
}

describe('texts of several nodes', () => {
  it('stand under headings that name the node', () => {
    expect(underHeadings(parts(['a:1\r\n', 'a:2\r\n']))).toBe(
      '# Node 10.0.0.1:7000\r\na:1\r\n\r\n# Node 10.0.0.2:7000\r\na:2\r\n\r\n',
    );
  });

  it('stay Buffers, byte for byte', () => {
    const merged = underHeadings(parts([Buffer.from([0xff]), Buffer.from([0xfe])]));
    expect(merged).toBeInstanceOf(Buffer);
    expect(merged).toEqual(
      Buffer.concat([
        Buffer.from('# Node 10.0.0.1:7000\r\n'),
        Buffer.from([0xff]),
        Buffer.from('\r\n# Node 10.0.0.2:7000\r\n'),
        Buffer.from([0xfe]),
        Buffer.from('\r\n'),
      ]),
    );
  });

  it('need no heading if there is one node', () => {
    expect(underHeadings(parts(['a:1\r\n']))).toBe('a:1\r\n');
  });

  it('of lines are joined', () => {
    expect(endToEnd(parts(['id=1\n', 'id=2\n']))).toBe('id=1\nid=2\n');
  });
});

describe('channels', () => {
  it('are listed once', () => {
    expect(union(parts([['a', 'b'], ['b', 'c'], []]))).toEqual(['a', 'b', 'c']);
    expect(union(parts([[Buffer.from('a')], [Buffer.from('a')]]))).toEqual([Buffer.from('a')]);
  });

  it('have the subscribers of all nodes', () => {
    expect(
      sumByName(
        parts([
          ['a', 1, 'b', 0],
          ['a', 2, 'b', 0],
        ]),
      ),
    ).toEqual(['a', 3, 'b', 0]);
  });
});

describe('logs', () => {
  const one = [
    [7, 300, 'c'],
    [6, 100, 'a'],
  ];
  const other = [[9, 200, 'b']];

  it('are merged, the newest first, and cut to what was asked for', () => {
    expect(newestEntries(10)(parts([one, other], 'GET'))).toEqual([one[0], other[0], one[1]]);
    expect(newestEntries(10)(parts([one, other], 'GET', '2'))).toEqual([one[0], other[0]]);
    expect(newestEntries(1)(parts([one, other], 'GET'))).toEqual([one[0]]);
    expect(newestEntries(1)(parts([one, other], 'GET', '-1'))).toHaveLength(3);
  });
});

describe('latencies', () => {
  it('LATEST: once an event, the latest spike and the highest of all', () => {
    const merged = latestOfAll(
      parts([
        [
          ['fork', 100, 5, 50],
          ['command', 300, 1, 1],
        ],
        [['fork', 200, 7, 9]],
      ]),
    );
    expect(merged).toEqual([
      ['fork', 200, 7, 50],
      ['command', 300, 1, 1],
    ]);
  });

  it('HISTORY: in the order of time', () => {
    expect(
      historyOfAll(
        parts([
          [
            [1, 10],
            [3, 30],
          ],
          [[2, 20]],
        ]),
      ),
    ).toEqual([
      [1, 10],
      [2, 20],
      [3, 30],
    ]);
  });

  it('HISTOGRAM: calls and cumulative counts added, whatever bounds each node has', () => {
    const merged = histogramsOfAll(
      parts([
        ['get', ['calls', 10, 'histogram_usec', [1, 4, 4, 10]]],
        ['get', ['calls', 5, 'histogram_usec', [2, 3, 8, 5]], 'set', ['calls', 1, 'histogram_usec', [1, 1]]],
      ]),
    );
    expect(merged).toEqual([
      'get',
      ['calls', 15, 'histogram_usec', [1, 4, 2, 7, 4, 13, 8, 15]],
      'set',
      ['calls', 1, 'histogram_usec', [1, 1]],
    ]);
  });
});

describe('MEMORY STATS', () => {
  it('adds bytes and counts, averages ratios, and merges what is nested', () => {
    const merged = memoryOfAll(
      parts([
        ['total.allocated', 100, 'keys.bytes-per-key', 10, 'fragmentation', '1.5', 'db.0', ['overhead', 5]],
        ['total.allocated', 50, 'keys.bytes-per-key', 20, 'fragmentation', '2.5', 'db.0', ['overhead', 6], 'more', 1],
      ]),
    );
    expect(merged).toEqual([
      'total.allocated',
      150,
      'keys.bytes-per-key',
      15,
      'fragmentation',
      '2',
      'db.0',
      ['overhead', 11],
      'more',
      1,
    ]);
  });
});

describe('FUNCTION STATS', () => {
  it('is that of the node that runs a function', () => {
    const idle = ['running_script', null, 'engines', []];
    const busy = ['running_script', ['name', 'f'], 'engines', []];
    expect(statsOfRunning(parts([idle, busy, idle]))).toBe(busy);
    expect(statsOfRunning(parts([idle, idle]))).toBe(idle);
  });
});

describe('CLUSTER SLOT-STATS', () => {
  const low = [5, ['key-count', 1, 'cpu-usec', 70]];
  const middle = [7000, ['key-count', 9, 'cpu-usec', 10]];
  const high = [16000, ['key-count', 4, 'cpu-usec', 40]];

  it('is in the order of slots for a range', () => {
    const merged = slotStatsOfAll(parts([[high], [low], [middle]], 'SLOT-STATS', 'SLOTSRANGE', '0', '16383'));
    expect(merged).toEqual([low, middle, high]);
  });

  it('is in the order of the metric, cut to the limit', () => {
    const ask = (...args: string[]) =>
      slotStatsOfAll(parts([[high], [low], [middle]], 'SLOT-STATS', 'ORDERBY', ...args));
    expect(ask('key-count')).toEqual([middle, high, low]);
    expect(ask('cpu-usec', 'LIMIT', '2', 'ASC')).toEqual([middle, high]);
  });
});

describe('every merge', () => {
  it.each([
    ['endToEnd', endToEnd],
    ['histogramsOfAll', histogramsOfAll],
    ['historyOfAll', historyOfAll],
    ['latestOfAll', latestOfAll],
    ['memoryOfAll', memoryOfAll],
    ['newestEntries', newestEntries(10)],
    ['slotStatsOfAll', slotStatsOfAll],
    ['statsOfRunning', statsOfRunning],
    ['sumByName', sumByName],
    ['underHeadings', underHeadings],
    ['union', union],
  ])('%s takes replies of another shape without throwing', (_, merge) => {
    for (const odd of [null, 1, 'text', [], [null], [[]], [1, [2, [3]]], [['a']], { a: 1 }]) {
      expect(() => merge(parts([odd, odd], 'X', 'ORDERBY'))).not.toThrow();
    }
  });
});
