/** One run of one contestant. Times are per call as its user sees them. */
export interface Figures {
  readonly calls: number;
  readonly elapsedMs: number;
  /** User and system time of the whole process, all threads, in milliseconds. */
  readonly cpuMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Latencies of some calls: timing each would cost more than the call itself. */
export class LatencySample {
  readonly #every: number;
  readonly #takenMs: number[] = [];

  constructor(every = 1) {
    this.#every = every;
  }

  isDue(call: number): boolean {
    return call % this.#every === 0;
  }

  add(elapsedMs: number): void {
    this.#takenMs.push(elapsedMs);
  }

  figures(calls: number, elapsedMs: number, cpuMs: number): Figures {
    const sorted = this.#takenMs.sort((a, b) => a - b);
    return { calls, elapsedMs, cpuMs, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
  }
}
