import { violation } from './reply-limits.ts';

/** Up to this many digits every integer is a safe one, whatever the digits. */
export const safeDigits = 15;
/** 64 bits need 19 digits and a sign; RESP numbers are 64-bit. Servers send unsigned ones as well: 20. */
const maxDigits = 20;

/**
 * The integer that stands in `bytes` from `start` to `end`, exactly: a number, or a bigint when a number would round it.
 *
 * @throws ProtocolError unless it is decimal digits behind an optional sign.
 */
export function parseInteger(bytes: Buffer, start: number, end: number): number | bigint {
  const first = bytes[start];
  const isNegative = first === 45;
  const from = isNegative || first === 43 ? start + 1 : start;
  const digits = end - from;
  if (digits < 1 || digits > maxDigits) throw violation('an integer without digits or with more than 64 bits');
  let value = 0;
  for (let at = from; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) throw violation('an integer with something else than digits');
    value = value * 10 + digit;
  }
  if (digits <= safeDigits || value <= Number.MAX_SAFE_INTEGER) return isNegative && value !== 0 ? -value : value;
  const exact = BigInt(bytes.toString('latin1', from, end));
  return isNegative ? -exact : exact;
}
