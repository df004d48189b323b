/** Slots `from` to `to`, both included. */
export interface SlotRange {
  readonly from: number;
  readonly to: number;
}

/** The fewest ranges, in ascending order, that cover exactly these slots. */
export function toRanges(slots: Iterable<number>): SlotRange[] {
  const sorted = [...new Set(slots)].sort((a, b) => a - b);
  const ranges: { from: number; to: number }[] = [];
  for (const slot of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && last.to === slot - 1) last.to = slot;
    else ranges.push({ from: slot, to: slot });
  }
  return ranges;
}

/** Every slot of the ranges, in their order. */
export function* slotsOf(ranges: readonly SlotRange[]): Generator<number> {
  for (const range of ranges) for (let slot = range.from; slot <= range.to; slot++) yield slot;
}

export function countSlots(ranges: readonly SlotRange[]): number {
  return ranges.reduce((sum, range) => sum + range.to - range.from + 1, 0);
}

/** `0-5460,7000,8001-8009`; an empty string for no slots. */
export function formatRanges(ranges: readonly SlotRange[]): string {
  return ranges.map((range) => (range.from === range.to ? `${range.from}` : `${range.from}-${range.to}`)).join(',');
}
