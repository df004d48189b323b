/** Counts the replies in a stream of RESP2 bytes, however it is cut. */
export class ReplyCounter {
  /** Bytes of a bulk string, line end included, that are still to come. */
  #toSkip = 0;
  /** Type byte of the line being read; 0 between lines. */
  #type = 0;
  #number = 0;
  #isNegative = false;
  /** Elements that the current reply still lacks. */
  #open = 1;

  /** How many replies end within `chunk`. @throws Error on an error reply: then there is nothing to measure. */
  count(chunk: Buffer): number {
    let replies = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.#toSkip > 0) {
        const step = Math.min(this.#toSkip, chunk.length - at);
        at += step;
        this.#toSkip -= step;
        if (this.#toSkip === 0) replies += this.#endElement();
        continue;
      }
      const byte = chunk[at++] as number;
      if (this.#type === 0) {
        if (byte === 0x2d) throw new Error(`the server said ${chunk.toString('latin1', at, at + 100)}`);
        this.#type = byte;
        this.#number = 0;
        this.#isNegative = false;
      } else if (byte === 0x0a) replies += this.#endLine();
      else if (byte === 0x2d) this.#isNegative = true;
      else if (byte !== 0x0d) this.#number = this.#number * 10 + byte - 0x30;
    }
    return replies;
  }

  #endLine(): number {
    const type = this.#type;
    this.#type = 0;
    if (this.#isNegative) return this.#endElement();
    if (type === 0x24) {
      this.#toSkip = this.#number + 2;
      return 0;
    }
    if (type === 0x2a && this.#number > 0) {
      this.#open += this.#number - 1;
      return 0;
    }
    return this.#endElement();
  }

  #endElement(): number {
    if (--this.#open > 0) return 0;
    this.#open = 1;
    return 1;
  }
}
