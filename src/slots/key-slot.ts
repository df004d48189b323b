import { crc16, crc16Table } from './crc16.ts';

/** Slots of a cluster: CRC16 modulo this number. */
export const SLOT_COUNT = 16384;

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * The slot of a key, 0 to 16383, computed over the key's bytes (a string's UTF-8 bytes). If the key holds a `{` and a `}`
 * somewhere after it with at least one byte between the first `{` and the first `}` that follows, only those bytes count:
 * the hash tag.
 *
 * {@link https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags}
 */
export function keySlot(key: string | Uint8Array): number {
  return typeof key === 'string' ? slotOfString(key) : slotOfBytes(key);
}

function slotOfString(key: string): number {
  let start = 0;
  let end = key.length;
  const open = key.indexOf('{');
  if (open !== -1) {
    const close = key.indexOf('}', open + 1);
    if (close > open + 1) {
      start = open + 1;
      end = close;
    }
  }
  let crc = 0;
  for (let i = start; i < end; i++) {
    const unit = key.charCodeAt(i);
    if (unit > 0x7f) return crc16(Buffer.from(key.slice(start, end), 'utf8')) & (SLOT_COUNT - 1);
    crc = ((crc << 8) ^ (crc16Table[((crc >> 8) ^ unit) & 0xff] as number)) & 0xffff;
  }
  return crc & (SLOT_COUNT - 1);
}

function slotOfBytes(key: Uint8Array): number {
  const open = key.indexOf(OPEN_BRACE);
  if (open !== -1) {
    const close = key.indexOf(CLOSE_BRACE, open + 1);
    if (close > open + 1) return crc16(key, open + 1, close) & (SLOT_COUNT - 1);
  }
  return crc16(key) & (SLOT_COUNT - 1);
}
