/**
 * A wait before attempt number `attempt` (0 for the first retry), in milliseconds: doubling from `baseMs` up to `capMs`, then
 * spread evenly over the upper half, so that many clients that lost the same node do not come back in step.
 */
export function backoffMs(attempt: number, baseMs: number, capMs: number, random: () => number = Math.random): number {
  const full = Math.min(capMs, baseMs * 2 ** Math.min(attempt, 20));
  return Math.ceil(full / 2 + (full / 2) * random());
}
