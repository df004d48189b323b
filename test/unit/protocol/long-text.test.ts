import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutAt, decodeAll } from '../../helpers/decode-all.ts';

/** Whole characters, halves of some, and bytes that no UTF-8 has. */
const odd = ['x', 'ä', '€', '😀', '\ufffd'].map((text) => Buffer.from(text));
const broken = [[0xe2, 0x82], [0xf0, 0x9f], [0x80], [0xff], [0xed, 0xa0, 0x80], [0xc0, 0xaf]].map((bytes) =>
  Buffer.from(bytes),
);
const bytes = fc
  .tuple(
    fc.integer({ min: 60_000, max: 210_000 }),
    fc.array(fc.constantFrom(...odd, ...broken), { minLength: 1, maxLength: 9 }),
  )
  .map(([length, units]) => Buffer.alloc(length, Buffer.concat(units)));
const places = fc.oneof(
  fc.array(fc.nat(210_020), { maxLength: 6 }),
  // Single bytes around the places where pieces end.
  fc.constantFrom(0, 4_090, 65_530, 131_060, 200_000).map((first) => Array.from({ length: 40 }, (_, i) => first + i)),
);

function frame(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`$${payload.length}\r\n`), payload, Buffer.from('\r\n')]);
}

describe.each([2, 3] as const)('A long string of RESP%i', (version) => {
  it('is decoded as it would be in one piece, wherever its chunks are cut and whatever is in it', () => {
    fc.assert(
      fc.property(bytes, places, (payload, cuts) => {
        const stream = Buffer.concat([frame(payload), Buffer.from('+after\r\n')]);
        const { events, violation } = decodeAll(version, cutAt(stream, cuts));
        expect(violation).toBeUndefined();
        const [first, second] = events;
        // Compared as a whole: the difference of two such texts would take longer to print than to find.
        expect(first?.[1] === payload.toString('utf8')).toBe(true);
        expect(second).toEqual(['reply', 'after']);
      }),
      { numRuns: 150 },
    );
  });

  it('is one among others in an array', () => {
    const payload = Buffer.alloc(150_000, 'größe');
    const stream = Buffer.concat([Buffer.from('*3\r\n:1\r\n'), frame(payload), Buffer.from('$2\r\nok\r\n')]);
    for (const cuts of [[], [70_000], [9, 100_000, 150_018]]) {
      const { events } = decodeAll(version, cutAt(stream, cuts));
      expect(events).toHaveLength(1);
      const reply = events[0]?.[1] as unknown[];
      expect([reply[0], reply[1] === payload.toString('utf8'), reply[2]]).toEqual([1, true, 'ok']);
    }
  });

  it.each([[[]], [[80_000]], [[99_000, 100_009]]])(
    'is refused when it is longer than announced (cut at %j)',
    (cuts) => {
      const stream = Buffer.concat([Buffer.from('$100000\r\n'), Buffer.alloc(100_001, 'x'), Buffer.from('\r\n')]);
      const { events, violation } = decodeAll(version, cutAt(stream, cuts));
      expect(events).toEqual([]);
      expect(violation).toMatch(/another length than announced/);
    },
  );

  it('may come in single bytes', () => {
    const payload = Buffer.alloc(100_000, 'größe');
    const chunks = Array.from(frame(payload), (byte) => Buffer.of(byte));
    expect(decodeAll(version, chunks).events).toEqual([['reply', payload.toString('utf8')]]);
  });
});
