const growth = 16;

/**
 * Joins the parts of one line or bulk string that came in several chunks. It sets aside at most its first capacity, or 16
 * times what has been appended, however much was announced; what fits the first capacity is copied once, and of anything
 * longer at most a fifteenth twice.
 * No chunk is kept alive, so a peer that sends single bytes costs no more than one that does not.
 */
export class ByteStore {
  #bytes: Buffer | undefined;
  #length = 0;
  #announced = 0;
  #firstCapacity = 0;

  /** Bytes appended since the last {@link take}. */
  get length(): number {
    return this.#length;
  }

  /** Begins anew. `announced` is the length that will be reached at most: no more than that is ever set aside. */
  begin(announced: number, firstCapacity: number): void {
    this.#announced = announced;
    this.#firstCapacity = firstCapacity;
    this.#length = 0;
    this.#bytes = undefined;
  }

  append(chunk: Buffer, from: number, to: number): void {
    const length = this.#length + to - from;
    let bytes = this.#bytes;
    if (bytes === undefined || bytes.length < length) {
      const capacity = Math.min(this.#announced, bytes === undefined ? this.#firstCapacity : bytes.length * growth);
      const wider = Buffer.allocUnsafeSlow(Math.max(capacity, length));
      if (bytes !== undefined) bytes.copy(wider, 0, 0, this.#length);
      this.#bytes = bytes = wider;
    }
    chunk.copy(bytes, this.#length, from, to);
    this.#length = length;
  }

  endsWith(byte: number): boolean {
    return this.#length > 0 && this.#bytes?.[this.#length - 1] === byte;
  }

  /** Gives what was appended, as the caller's own, and forgets it. */
  take(): Buffer {
    const bytes = this.#bytes?.subarray(0, this.#length) ?? Buffer.alloc(0);
    this.begin(0, 0);
    return bytes;
  }
}
