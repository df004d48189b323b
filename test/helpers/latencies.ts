/** Latencies of one shard with the times at which they ended, in milliseconds of `performance.now()`. */
export class Latencies {
  readonly #endedAt: number[] = [];
  readonly #tookMs: number[] = [];

  add(endedAt: number, tookMs: number): void {
    this.#endedAt.push(endedAt);
    this.#tookMs.push(tookMs);
  }

  /** How many ended within [from, to). */
  count(from: number, to: number): number {
    return this.#within(from, to).length;
  }

  /** 99 of 100 that ended within [from, to) took no longer than this; NaN if none ended then. */
  p99(from: number, to: number): number {
    const sorted = this.#within(from, to).sort((a, b) => a - b);
    return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN;
  }

  /** The longest of those that ended within [from, to); 0 if none did. */
  longest(from: number, to: number): number {
    return this.#within(from, to).reduce((longest, tookMs) => Math.max(longest, tookMs), 0);
  }

  /** When the first one ended at or after `from`; undefined if none has. */
  firstAfter(from: number): number | undefined {
    return this.#endedAt.find((endedAt) => endedAt >= from);
  }

  /** The longest time within [from, to) in which none ended. */
  longestGap(from: number, to: number): number {
    let last = from;
    let longest = 0;
    for (const endedAt of this.#endedAt) {
      if (endedAt < from) continue;
      if (endedAt >= to) break;
      longest = Math.max(longest, endedAt - last);
      last = endedAt;
    }
    return Math.max(longest, to - last);
  }

  #within(from: number, to: number): number[] {
    return this.#tookMs.filter((_, i) => {
      const endedAt = this.#endedAt[i] ?? Number.NaN;
      return endedAt >= from && endedAt < to;
    });
  }
}
