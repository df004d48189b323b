import { describe, expect, it } from 'vitest';
import { mergePages } from '../../../src/scan/merge-pages.ts';
import { parseLook } from '../../../src/scan/node-look.ts';
import { slotOfPattern } from '../../../src/scan/pattern-slot.ts';
import { planPasses } from '../../../src/scan/plan-passes.ts';
import { decodeCursor, encodeCursor } from '../../../src/scan/scan-cursor.ts';
import { SlotSet } from '../../../src/scan/slot-set.ts';
import { keySlot } from '../../../src/slots/key-slot.ts';
import { tagOfSlot } from '../../../src/slots/slot-tag.ts';
import { Topology, topologyNode } from '../../../src/topology/topology.ts';

describe('the slot of a pattern', () => {
  const rows: readonly [string, string | undefined][] = [
    ['{user:42}:*', 'user:42'],
    ['cart{user:42}*', 'user:42'],
    ['{a}{b}*', 'a'],
    ['{us\\*er}?', 'us*er'],
    ['exact:key', 'exact:key'],
    ['ex\\?act', 'ex?act'],
    ['{}literal', '{}literal'],
    ['{a', '{a'],
    ['*{user:42}', undefined],
    ['{user:*}', undefined],
    ['{us?r}:1', undefined],
    ['[ab]{user}', undefined],
    ['{}{user}*', undefined],
    ['{user', '{user'],
    ['{user*', undefined],
    ['user:*', undefined],
    ['*', undefined],
  ];
  for (const [pattern, key] of rows) {
    it(`${pattern}: ${key === undefined ? 'may be any' : `that of ${key}`}`, () => {
      expect(slotOfPattern(pattern)).toBe(key === undefined ? undefined : keySlot(key));
      expect(slotOfPattern(Buffer.from(pattern))).toBe(slotOfPattern(pattern));
    });
  }
});

describe('sets of slots', () => {
  it('are written as ranges and read back', () => {
    const slots = SlotSet.of(0, 1, 2, 7, 16382, 16383);
    expect(String(slots)).toBe('0-2 7 16382-16383');
    expect([...(SlotSet.parse(String(slots)) as SlotSet)]).toEqual([...slots]);
    expect(String(SlotSet.all())).toBe('0-16383');
    expect(SlotSet.parse('')?.size).toBe(0);
  });

  it('are not read from other text', () => {
    for (const text of ['x', '0-16384', '5-3', '1,2', '-1']) expect(SlotSet.parse(text)).toBeUndefined();
  });

  it('count each slot once', () => {
    const slots = SlotSet.of(5, 5);
    slots.delete(6);
    expect(slots.size).toBe(1);
    expect(slots.firstFrom(6)).toBe(-1);
  });

  it('have a tag for every slot', () => {
    for (const slot of [0, 1, 5460, 9000, 16383]) expect(keySlot(`0-{${tagOfSlot(slot)}}-0`)).toBe(slot);
  });
});

describe('a look at a node', () => {
  const id = (letter: string): string => letter.repeat(40);
  const nodes = [
    `${id('a')} 10.0.0.1:7000@17000,one.example myself,master - 0 0 9 connected 0-2 7 [3->-${id('b')}] [99-<-${id('c')}]`,
    `${id('b')} [::1]:7001@17001 master - 0 1 8 connected 8000-16383`,
    `${id('c')} :0@0 master,noaddr - 1 0 7 disconnected`,
    '',
  ].join('\n');

  it('tells what the node owns, gives away and gets', () => {
    const look = parseLook(nodes, '# Server\r\nredis_version:7.0.15\r\nrun_id:0123abc\r\n');
    expect(look).toMatchObject({ id: id('a'), runId: '0123abc', isMaster: true, epoch: 9 });
    expect(String(look?.owned)).toBe('0-2 7');
    expect([...(look?.migrating ?? [])]).toEqual([[3, id('b')]]);
    expect([...(look?.importing ?? [])]).toEqual([[99, id('c')]]);
    expect(look?.addresses.get(id('a'))).toEqual({ host: '10.0.0.1', port: 7000 });
    expect(look?.addresses.has(id('c'))).toBe(false);
  });

  it('is none without the line of the node itself', () => {
    expect(parseLook(nodes.replace('myself,', ''), '')).toBeUndefined();
  });

  it('knows a replica, and a server that does not give INFO', () => {
    const look = parseLook(`${id('a')} h:1@2 myself,slave ${id('b')} 0 0 9 connected`, '');
    expect(look).toMatchObject({ isMaster: false, runId: '' });
    expect(look?.owned.size).toBe(0);
  });
});

describe('the passes of a round', () => {
  const one = topologyNode('h1', 1, 'id1');
  const two = topologyNode('h2', 2, 'id2');
  const topology = Topology.fromRanges(1, [
    { start: 0, end: 99, shard: { master: one, replicas: [] } },
    { start: 200, end: 299, shard: { master: two, replicas: [] } },
  ]);

  it('go to the masters of the slots, and leave out slots without one', () => {
    const plans = planPasses(topology, [5, 150, 250, 251], new Map());
    expect(plans.map(({ where, slots }) => [where.host, String(slots)])).toEqual([
      ['h1', '5'],
      ['h2', '250-251'],
    ]);
  });

  it('lead the second half of a move to its target, also to one without slots', () => {
    const at = { host: 'h3', port: 3 };
    const halves = new Map([
      [5, { from: 'id1', to: 'id2' }],
      [6, { from: 'id1', to: 'id3', at }],
      [7, { from: 'id1', to: 'id4' }],
    ]);
    const plans = planPasses(topology, [5, 6, 7], halves);
    expect(plans.map(({ where, slots, arriving }) => [where.host, String(slots), [...arriving]])).toEqual([
      ['h2', '', [[5, 'id1']]],
      ['h3', '', [[6, 'id1']]],
      ['h1', '7', []],
    ]);
  });
});

describe('cursors', () => {
  it('hold all there is to know', () => {
    const halves = new Map([[3, { from: 'x', to: 'y', at: { host: 'h', port: 1 } }]]);
    const text = encodeCursor({ open: SlotSet.of(1, 2, 3), halves, current: undefined });
    expect(text).toMatch(/^[\w-]+$/);
    const state = decodeCursor(text);
    expect(String(state.open)).toBe('1-3');
    expect(state.halves).toEqual(halves);
    expect(state.current).toBeUndefined();
  });

  it('end at 0', () => {
    expect(encodeCursor({ open: new SlotSet(), halves: new Map(), current: undefined })).toBe('0');
  });

  it('are refused when they are forged', () => {
    const forge = (plain: unknown): string => `a${Buffer.from(JSON.stringify(plain)).toString('base64url')}`;
    const pass = { id: 'i', run: 'r', epoch: 1, owned: '1', resting: '1', leaving: [], arriving: [] };
    const walk = { by: 'SCAN', cursor: '7', slot: 0 };
    const good = { open: '1', halves: [], current: { host: 'h', port: 1, pass, walk } };
    expect(decodeCursor(forge(good)).current?.walk.cursor).toBe('7');
    const bad: unknown[] = [
      null,
      7,
      {},
      { ...good, open: '9-1' },
      { ...good, halves: [[1]] },
      { ...good, current: { host: 'h' } },
      { ...good, current: { host: 'h', port: 1, pass: { ...pass, leaving: [[1]] }, walk } },
      { ...good, current: { host: 'h', port: 1, pass, walk: { ...walk, by: 'KEYS' } } },
      { ...good, current: { host: 'h', port: 1, pass: { ...pass, resting: 'x' }, walk } },
    ];
    for (const plain of bad) expect(() => decodeCursor(forge(plain))).toThrow('cursor');
    for (const text of ['', '5', 'a', 'b123']) expect(() => decodeCursor(text)).toThrow('cursor');
  });
});

describe('merged pages', () => {
  async function* source(name: string, pages: number, log: string[]): AsyncGenerator<string> {
    try {
      for (let i = 0; i < pages; i++) {
        log.push(`${name}${i}`);
        yield `${name}${i}`;
      }
    } finally {
      log.push(`${name} ended`);
    }
  }

  it('come from all sources', async () => {
    const log: string[] = [];
    const got: string[] = [];
    for await (const page of mergePages([source('a', 3, log), source('b', 1, log), source('c', 2, log)], 2))
      got.push(page);
    expect(got.sort()).toEqual(['a0', 'a1', 'a2', 'b0', 'c0', 'c1']);
  });

  it('are asked for one ahead, of as many sources as allowed', async () => {
    const log: string[] = [];
    const merged = mergePages([source('a', 9, log), source('b', 9, log), source('c', 9, log)], 2);
    await merged.next();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(log).toEqual(['a0', 'b0', 'a1']);
    await merged.return();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(log.filter((line) => line.endsWith('ended')).sort()).toEqual(['a ended', 'b ended']);
    expect(log).not.toContain('c0');
  });

  it('end with the first error', async () => {
    const log: string[] = [];
    async function* failing(): AsyncGenerator<string> {
      yield 'x0';
      throw new Error('broken');
    }
    const merged = mergePages([failing(), source('a', 1_000, log)], 2);
    const drain = async (): Promise<void> => {
      for await (const page of merged) expect(page).toMatch(/^[xa]/);
    };
    await expect(drain()).rejects.toThrow('broken');
    expect(log.length).toBeLessThan(20);
  });

  it('are none of no source', async () => {
    for await (const page of mergePages<string>([], 3)) expect(page).toBe('never');
  });
});
