/**
 * A hash's flat reply `[field, value, …]` as a plain object. A field named `__proto__` becomes an own property like any other
 * and changes no prototype. Fields are strings also when the values are Buffers: bytes that are not UTF-8 become U+FFFD, so
 * hashes with binary field names are read with HKEYS and HVALS, or with `call`.
 */
export function fieldsToObject(reply: unknown): unknown {
  if (!Array.isArray(reply)) return reply;
  const fields: readonly unknown[] = reply;
  const object: Record<string, unknown> = {};
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const field = String(fields[i]);
    const value = fields[i + 1];
    if (field === '__proto__') {
      Object.defineProperty(object, field, { value, writable: true, enumerable: true, configurable: true });
    } else {
      object[field] = value;
    }
  }
  return object;
}

/** What callers get where it is not the reply as RESP2 gives it, by command name. */
export const replyTransforms: ReadonlyMap<string, (reply: unknown) => unknown> = new Map([['HGETALL', fieldsToObject]]);
