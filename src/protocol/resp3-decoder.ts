import type { ReplyDecoder, ReplySink } from './decoder.ts';
import { defaultReplyLimits, type ReplyLimits } from './reply-limits.ts';
import { ReplyReader } from './reply-reader.ts';

/**
 * Decodes a RESP3 connection. Replies keep what RESP3 says of them (see `resp-values.ts`) until `normaliseReply` gives them
 * the shape that RESP2 has. Attributes are left out of replies; a sink that wants them has `onAttribute`.
 */
export class Resp3Decoder implements ReplyDecoder {
  readonly #reader: ReplyReader;
  #isOver = false;

  constructor(sink: ReplySink, limits: ReplyLimits = defaultReplyLimits) {
    this.#reader = new ReplyReader(sink, limits, 3);
  }

  get asBuffers(): boolean {
    return this.#reader.asBuffers;
  }

  set asBuffers(value: boolean) {
    this.#reader.asBuffers = value;
  }

  decode(chunk: Buffer): void {
    if (this.#isOver) return;
    // Stays set when anything throws.
    this.#isOver = true;
    this.#reader.read(chunk, 0, false);
    this.#isOver = false;
  }
}
