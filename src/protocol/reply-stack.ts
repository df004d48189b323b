import type { ReplySink } from './decoder.ts';
import { type ReplyLimits, violation } from './reply-limits.ts';
import { RespMap } from './resp-values.ts';
import { parseServerError } from './server-error.ts';

export const FrameKind = { list: 0, map: 1, attribute: 2, push: 3 } as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/**
 * An aggregate whose elements are still coming: `filled` have, `missing` have not; a streamed one ends by its own mark before
 * `missing` is 0. There is one frame a level, used again and again.
 */
class Frame {
  kind: FrameKind = FrameKind.list;
  isStreamed = false;
  items: unknown[] = noItems;
  filled = 0;
  missing = 0;
}

/** What frames out of use hold; nothing is ever put into it. */
const noItems: unknown[] = [];
/** Arrays up to this length are made at their full length; longer ones grow with what comes. */
const plannedElements = 1024;

/**
 * Puts values into the aggregates that are being read, and hands to the sink what is complete on its own.
 *
 * An explicit stack instead of recursion: its depth is a limit, not a matter of the engine's stack. Nothing is set aside for
 * announced elements but for short arrays.
 */
export class ReplyStack {
  readonly #sink: ReplySink;
  readonly #maxDepth: number;
  readonly #maxElements: number;
  readonly #frames: Frame[] = [];
  #depth = 0;
  /** The innermost of the frames in use. */
  #top: Frame | undefined;

  constructor(sink: ReplySink, limits: ReplyLimits) {
    this.#sink = sink;
    this.#maxDepth = limits.maxDepth;
    this.#maxElements = limits.maxElements;
  }

  /** Whether no aggregate is being read. */
  get isEmpty(): boolean {
    return this.#top === undefined;
  }

  /** Begins an aggregate of `count` values (a map's keys and values count one each), or completes it when there are none. */
  open(kind: FrameKind, count: number): void {
    if (count > this.#maxElements) throw this.#tooManyElements();
    if (count > 0) {
      this.#begin(kind, count, false, count > plannedElements ? [] : new Array<unknown>(count));
    } else if (kind === FrameKind.push) {
      throw violation('a push without a kind');
    } else if (kind !== FrameKind.attribute) {
      this.accept(kind === FrameKind.map ? new RespMap([]) : []);
    }
  }

  /** Begins an aggregate that lasts until {@link endStreamed}. */
  openStreamed(kind: FrameKind): void {
    if (kind !== FrameKind.list && kind !== FrameKind.map) throw violation('a length that this type cannot have');
    this.#begin(kind, this.#maxElements + 1, true, []);
  }

  #begin(kind: FrameKind, missing: number, isStreamed: boolean, items: unknown[]): void {
    const depth = this.#depth;
    if (depth >= this.#maxDepth) throw violation(`aggregates nested more than ${this.#maxDepth} deep`);
    let frame = this.#frames[depth];
    if (frame === undefined) {
      frame = new Frame();
      this.#frames.push(frame);
    }
    frame.kind = kind;
    frame.isStreamed = isStreamed;
    frame.items = items;
    frame.filled = 0;
    frame.missing = missing;
    this.#depth = depth + 1;
    this.#top = frame;
  }

  endStreamed(): void {
    const frame = this.#top;
    if (frame === undefined || !frame.isStreamed) throw violation('an end mark without a streamed aggregate');
    if (frame.kind === FrameKind.map && frame.filled % 2 === 1) throw violation('a map with a key without a value');
    const items = this.#close(frame);
    this.accept(frame.kind === FrameKind.map ? new RespMap(items) : items);
  }

  /** Takes the innermost frame out of use and gives what it held. */
  #close(frame: Frame): unknown[] {
    const items = frame.items;
    frame.items = noItems;
    const depth = this.#depth - 1;
    this.#depth = depth;
    this.#top = depth === 0 ? undefined : this.#frames[depth - 1];
    return items;
  }

  /** Puts the value where it belongs, and every aggregate that it completes; what is complete on its own goes to the sink. */
  accept(value: unknown): void {
    let frame = this.#top;
    while (frame !== undefined) {
      frame.items[frame.filled++] = value;
      if (--frame.missing > 0) return;
      if (frame.isStreamed) throw this.#tooManyElements();
      const items = this.#close(frame);
      switch (frame.kind) {
        case FrameKind.list:
          value = items;
          break;
        case FrameKind.map:
          value = new RespMap(items);
          break;
        case FrameKind.push:
          this.#sink.onPush(items);
          return;
        case FrameKind.attribute:
          this.#sink.onAttribute?.(items);
          return;
      }
      frame = this.#top;
    }
    this.#sink.onReply(value);
  }

  /** An error is a value within an aggregate, and a reply of its own kind outside. */
  acceptError(text: string): void {
    const error = parseServerError(text);
    if (this.#top === undefined) this.#sink.onErrorReply(error);
    else this.accept(error);
  }

  #tooManyElements(): Error {
    return violation(`an aggregate of more than ${this.#maxElements} elements`);
  }
}
