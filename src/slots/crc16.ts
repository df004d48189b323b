/**
 * The CRC16 of the cluster specification (XMODEM: polynomial 0x1021, initial value 0) of each single byte, and behind these 256
 * of each byte with one zero byte behind it: with both, two bytes take as long as one.
 */
export const crc16Table: Uint16Array = buildTable();

function buildTable(): Uint16Array {
  const table = new Uint16Array(512);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 8;
    for (let bit = 0; bit < 16; bit++) {
      if (bit === 8) table[byte] = crc;
      crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
    }
    table[256 + byte] = crc;
  }
  return table;
}

/** CRC16 of `bytes` from `start` up to `end`, 0 to 65535. */
export function crc16(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = 0;
  for (let i = start; i < end; i++) {
    crc = ((crc << 8) & 0xff00) ^ (crc16Table[(crc >> 8) ^ (bytes[i] as number)] as number);
  }
  return crc;
}
