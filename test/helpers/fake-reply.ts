/** Replies in RESP2, for servers that tests play themselves. */

/** Strings as bulk strings, numbers as integers, arrays, and null. */
export function encodeReply(value: unknown): Buffer {
  if (value === null) return Buffer.from('$-1\r\n');
  if (typeof value === 'number' || typeof value === 'bigint') return Buffer.from(`:${value}\r\n`);
  if (Array.isArray(value)) return Buffer.concat([Buffer.from(`*${value.length}\r\n`), ...value.map(encodeReply)]);
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(String(value));
  return Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]);
}

export function simpleReply(text: string): Buffer {
  return Buffer.from(`+${text}\r\n`);
}

/** `text` begins with the error's code: `MOVED 1 127.0.0.1:7000`. */
export function errorReply(text: string): Buffer {
  return Buffer.from(`-${text}\r\n`);
}
