/** The text of an argument or a reply element: of bytes, each as the character of its code; of anything else, what String gives. */
export function textOf(value: unknown): string {
  if (!(value instanceof Uint8Array)) return String(value);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
}
