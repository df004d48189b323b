import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/**
 * Asks again until `probe` gives undefined (nothing is missing any more), at most for `timeoutMs`. Otherwise it gives what was
 * missing in the end.
 * @param onRound called before each new attempt with the milliseconds waited so far.
 */
export async function untilNothingMissing<T>(
  probe: () => Promise<T | undefined>,
  timeoutMs: number,
  onRound: (waitedMs: number, missing: T) => void | Promise<void> = () => {},
): Promise<T | undefined> {
  const startedAt = performance.now();
  for (;;) {
    const missing = await probe();
    const waitedMs = performance.now() - startedAt;
    if (missing === undefined || waitedMs >= timeoutMs) return missing;
    await onRound(waitedMs, missing);
    await delay(POLL_MS);
  }
}
