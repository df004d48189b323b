import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countSlots, formatRanges, slotsOf, toRanges } from '../../../src/admin/slot-ranges.ts';

describe('slot ranges', () => {
  it('hold exactly the slots that they were made of, in the fewest ranges', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 })), (slots) => {
        const ranges = toRanges(slots);
        const distinct = [...new Set(slots)].sort((a, b) => a - b);
        expect([...slotsOf(ranges)]).toEqual(distinct);
        expect(countSlots(ranges)).toBe(distinct.length);
        for (const [i, range] of ranges.entries()) {
          const next = ranges[i + 1];
          if (next !== undefined) expect(next.from).toBeGreaterThan(range.to + 1);
        }
      }),
    );
  });

  it('are written as the servers write them', () => {
    expect(formatRanges(toRanges([0, 1, 2, 7, 9, 10]))).toBe('0-2,7,9-10');
    expect(formatRanges([])).toBe('');
  });
});
