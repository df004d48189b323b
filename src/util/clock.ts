/** Milliseconds on a clock that never jumps, as a small integer. */
export function nowMs(): number {
  return Math.floor(performance.now());
}
