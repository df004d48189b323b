import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc16 } from '../../../src/slots/crc16.ts';
import { keySlot } from '../../../src/slots/key-slot.ts';

describe('crc16', () => {
  it('is the XMODEM variant, with the check value of its definition', () => {
    expect(crc16(Buffer.from('123456789'))).toBe(0x31c3);
    expect(crc16(Buffer.alloc(0))).toBe(0);
    expect(crc16(Buffer.from('xx123456789yy'), 2, 11)).toBe(0x31c3);
  });
});

describe('keySlot', () => {
  it('gives the slots that servers give', () => {
    expect(keySlot('foo')).toBe(12182);
    expect(keySlot('bar')).toBe(5061);
    expect(keySlot('')).toBe(0);
    expect(keySlot('123456789')).toBe(0x31c3 % 16384);
  });

  it.each([
    ['{user1000}.following', 'user1000'],
    ['foo{bar}{zap}', 'bar'],
    ['foo{{bar}}zap', '{bar'],
    ['a}b{c}d', 'c'],
    ['{größe}:1', 'größe'],
  ])('hashes of %s only the tag %s', (key, tag) => {
    expect(keySlot(key)).toBe(keySlot(tag));
    expect(keySlot(key)).not.toBe(crc16(Buffer.from(key)) % 16384);
  });

  it.each(['foo{}{bar}', 'foo{bar', 'foo}bar{', '{}', '{}bar', '}{', '{'])(
    'hashes all of %s, which has no tag',
    (key) => {
      expect(keySlot(key)).toBe(crc16(Buffer.from(key)) % 16384);
    },
  );

  it('is the same for a string and its UTF-8 bytes, whatever is in it', () => {
    const piece = fc.oneof(fc.constantFrom('{', '}', '{}', 'é', '€', '😀', '\ud83d', '\udc00', '\0'), fc.string());
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const key = pieces.join('');
        expect(keySlot(key)).toBe(keySlot(Buffer.from(key, 'utf8')));
      }),
      { numRuns: 2_000 },
    );
  });
});
