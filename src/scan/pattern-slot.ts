import { keySlot } from '../slots/key-slot.ts';

const OPEN = 0x7b;
const CLOSE = 0x7d;
const BACKSLASH = 0x5c;
/** `*`, `?` and `[`: what makes a pattern match more than one text. */
const wild: ReadonlySet<number> = new Set([0x2a, 0x3f, 0x5b]);

/**
 * The one slot that every key matching the pattern belongs to, or undefined if they may lie in several: known when the pattern's
 * text up to the end of its hash tag is literal (`{user:42}:*`), or all of it.
 */
export function slotOfPattern(pattern: string | Uint8Array): number | undefined {
  const bytes = Buffer.from(pattern);
  const literal: number[] = [];
  let open = -1;
  for (let i = 0; i < bytes.length; i++) {
    let byte = bytes[i] as number;
    if (wild.has(byte)) return undefined;
    // An escape at the end stands for itself, as in the servers' own matching.
    if (byte === BACKSLASH && i + 1 < bytes.length) byte = bytes[++i] as number;
    literal.push(byte);
    if (byte === OPEN && open === -1) open = literal.length;
    else if (byte === CLOSE && open !== -1) {
      if (literal.length - 1 > open) return keySlot(Buffer.from(literal));
      // An empty tag is no tag: the whole key counts.
      open = Number.POSITIVE_INFINITY;
    }
  }
  return keySlot(Buffer.from(literal));
}
