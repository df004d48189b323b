import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../../src/errors.ts';
import { parseSlots } from '../../../src/topology/parse-slots.ts';

const ASKED = '10.0.0.9';
const id = (letter: string): string => letter.repeat(40);

/** Ranges as text: `0-5460 a:1 b:2`, the master first. */
function read(reply: unknown, mapAddress?: Parameters<typeof parseSlots>[2]): string[] {
  return parseSlots(reply, ASKED, mapAddress).map(({ start, end, shard }) =>
    [`${start}-${end}`, shard.master.address, ...shard.replicas.map((node) => node.address)].join(' '),
  );
}

describe('parseSlots', () => {
  it('reads masters and replicas with their names', () => {
    const reply = [
      [0, 5460, ['10.0.0.1', 7000, id('a'), []], ['10.0.0.2', 7003, id('b'), []]],
      [5461, 16383, ['10.0.0.3', 7001, id('c')]],
    ];
    expect(read(reply)).toEqual(['0-5460 10.0.0.1:7000 10.0.0.2:7003', '5461-16383 10.0.0.3:7001']);
    expect(parseSlots(reply, ASKED)[0]?.shard.master.id).toBe(id('a'));
  });

  it.each([
    ['null: the node that was asked', [null, 7000, id('a')], '10.0.0.9:7000'],
    ['empty: the node that was asked', ['', 7000, id('a')], '10.0.0.9:7000'],
    ['a name', ['node-1.example', 7000, id('a'), ['ip', '10.0.0.1']], 'node-1.example:7000'],
    ['"?" with an ip in the metadata', ['?', 7000, id('a'), ['hostname', '', 'ip', '10.0.0.1']], '10.0.0.1:7000'],
    ['IPv6', ['::1', 7000, id('a')], '[::1]:7000'],
    ['without id and metadata (before Redis 4)', ['10.0.0.1', 7000], '10.0.0.1:7000'],
  ])('reads a host that is %s', (_, node, address) => {
    expect(read([[0, 16383, node]])).toEqual([`0-16383 ${address}`]);
  });

  it.each([
    ['"?" without an ip', ['?', 7000, id('a'), []]],
    ['"?" with an empty ip', ['?', 7000, id('a'), ['ip', '']]],
    ['port 0', ['10.0.0.1', 0, id('a')]],
    ['a port beyond 65535', ['10.0.0.1', 65536, id('a')]],
    ['a port that is text', ['10.0.0.1', '7000', id('a')]],
    ['a host that is a number', [10, 7000, id('a')]],
    ['no array', 'node'],
    ['missing', undefined],
  ])('leaves out a master without a usable address (%s), and only that range', (_, node) => {
    expect(
      read([
        [0, 99, node, ['10.0.0.2', 7003, id('b')]],
        [100, 16383, ['10.0.0.3', 7001, id('c')]],
      ]),
    ).toEqual(['100-16383 10.0.0.3:7001']);
  });

  it('leaves out replicas that cannot be reached, are the master, or come twice', () => {
    const master = ['10.0.0.1', 7000, id('a')];
    const replica = ['10.0.0.2', 7003, id('b')];
    expect(
      read([[0, 16383, master, ['?', 7004, id('d')], master, replica, ['10.0.0.5', 0, id('e')], replica]]),
    ).toEqual(['0-16383 10.0.0.1:7000 10.0.0.2:7003']);
  });

  it('reads holes, single slots, ranges in any order and nodes with several ranges', () => {
    const master = ['10.0.0.1', 7000, id('a')];
    expect(
      read([
        [16383, 16383, master],
        [5, 5, master],
        [100, 200, ['10.0.0.3', 7001, id('c')]],
      ]),
    ).toEqual(['16383-16383 10.0.0.1:7000', '5-5 10.0.0.1:7000', '100-200 10.0.0.3:7001']);
    expect(read([])).toEqual([]);
  });

  it('replaces announced addresses by reachable ones, for masters and replicas', () => {
    const map = (address: string) => (address.startsWith('10.') ? { host: 'localhost', port: 17000 } : undefined);
    expect(read([[0, 16383, ['10.0.0.1', 7000], ['192.168.0.1', 7001]]], map)).toEqual([
      '0-16383 localhost:17000 192.168.0.1:7001',
    ]);
  });

  it.each([
    ['not an array', 'OK'],
    ['null', null],
    ['an entry that is no array', [['10.0.0.1', 7000], 5]],
    ['an end beyond the slots', [[0, 4294967295, ['10.0.0.1', 7000]]]],
    ['an end one beyond the slots', [[0, 16384, ['10.0.0.1', 7000]]]],
    ['a negative start', [[-1, 5, ['10.0.0.1', 7000]]]],
    ['a range backwards', [[10, 5, ['10.0.0.1', 7000]]]],
    ['slots that are text', [['0', '16383', ['10.0.0.1', 7000]]]],
    ['slots with fractions', [[0.5, 16383, ['10.0.0.1', 7000]]]],
    ['slots that are big integers', [[0n, 16383n, ['10.0.0.1', 7000]]]],
  ])('refuses a reply that is %s', (_, reply) => {
    expect(() => parseSlots(reply, ASKED)).toThrow(ProtocolError);
  });

  it('never throws anything else, whatever a server sends', () => {
    const leaf = fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.constantFrom('?', '', '__proto__', 'ip'));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value'), { maxLength: 6 })),
    }));
    const row = fc.tuple(fc.integer({ min: -1, max: 16_400 }), fc.integer({ min: -1, max: 16_400 }), value, value);
    fc.assert(
      fc.property(fc.oneof(value, fc.array(fc.oneof(row, value))), (reply) => {
        try {
          for (const { start, end, shard } of parseSlots(reply, ASKED)) {
            expect(start).toBeLessThanOrEqual(end);
            expect(shard.master.port).toBeGreaterThan(0);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
