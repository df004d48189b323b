import { constants } from 'node:buffer';
import { ByteStore } from './byte-store.ts';
import { decodeText } from './decode-text.ts';
import type { ReplySink } from './decoder.ts';
import { LONG_TEXT_BYTES, LongText } from './long-text.ts';
import { parseInteger, safeDigits } from './parse-integer.ts';
import { type ReplyLimits, unknownType, violation } from './reply-limits.ts';
import { FrameKind, ReplyStack } from './reply-stack.ts';
import { isScalarType, parseScalar } from './resp3-scalar.ts';

const CR = 13;
const LF = 10;
/** The bytes of a line besides its content: type, CR, LF. */
const lineFrame = 3;
const lineCapacity = 256;
/** A bulk string up to this length has its memory at once, so that it is copied once. */
const bulkCapacity = 1024 * 1024;
/** What a line or a length may be instead of a position or a count. */
const noLength = -1;
const streamedLength = -2;
const unfinished = -3;

function lonelyCarriageReturn(): Error {
  return violation('a carriage return without a line feed');
}

/** `+OK\r\n` */
function isOk(bytes: Buffer, at: number): boolean {
  return (
    bytes[at] === 43 && bytes[at + 1] === 79 && bytes[at + 2] === 75 && bytes[at + 3] === CR && bytes[at + 4] === LF
  );
}

function wrongLength(): Error {
  return violation('a string of another length than announced');
}

/** Types whose payload follows a length: `$` and, in RESP3, `!` `=` and the parts `;` of a streamed string. */
const BulkType = { string: 36, error: 33, verbatim: 61, part: 59 } as const;

/**
 * Reads RESP from chunks split anywhere, with the same outcome wherever they are split.
 *
 * Between chunks only two things can be unfinished besides aggregates: a line (a token's first bytes) or the payload of a
 * bulk string; both wait in the store. RESP2 is the subset without the types of
 * {@link https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md RESP3}.
 */
export class ReplyReader {
  /** Whether the next string is given as a Buffer, which owns its bytes. */
  asBuffers = false;
  /** The chunk that is being read, or was read last. */
  #chunk: Buffer | undefined;
  readonly #stack: ReplyStack;
  readonly #limits: ReplyLimits;
  readonly #isResp3: boolean;
  readonly #store = new ByteStore();
  /** The rest of an unfinished line is expected. */
  #inLine = false;
  /** Bytes of an unfinished bulk payload that are still expected, its line end counted. */
  #missing = 0;
  #bulkType = 0;
  #bulkLength = 0;
  /** The payload as far as it has come, if it is a long string: then the store has only the line end. */
  #longText: LongText | undefined;
  /** The parts of a streamed string, while it lasts. */
  #streamed: ByteStore | undefined;
  /** Where the token after the one just read begins. */
  #next = 0;
  /** Bytes of the current reply in the chunks before this one. */
  #replyLength = 0;

  constructor(sink: ReplySink, limits: ReplyLimits, version: 2 | 3) {
    this.#stack = new ReplyStack(sink, limits);
    this.#limits = limits;
    this.#isResp3 = version === 3;
  }

  /** Whether the last reply is complete and nothing of another has come. */
  get isBetweenReplies(): boolean {
    return !this.#inLine && this.#missing === 0 && this.#stack.isEmpty && this.#streamed === undefined;
  }

  /**
   * Reads the chunk from `position` to its end, or with `onlyOne` to the end of the first reply that is complete, and
   * returns how far it came.
   *
   * @throws ProtocolError when the bytes are not RESP or beyond a limit; the reader must not be used afterwards.
   */
  read(chunk: Buffer, position: number, onlyOne: boolean): number {
    this.#chunk = chunk;
    const end = chunk.length;
    /** Where the reply being read begins in this chunk; what came of it before is in `#replyLength`. */
    let begin = position;
    if (this.#inLine || this.#missing > 0) {
      position = this.#resume(chunk, position);
      if (this.isBetweenReplies) {
        this.#replyLength = 0;
        begin = position;
        if (onlyOne) return position;
      }
    }
    while (position < end) {
      const stop = this.#streamed === undefined ? this.#readWhole(chunk, position) : unfinished;
      if (stop === unfinished) {
        if (!this.#readToken(chunk, position)) {
          this.#keepLine(chunk, position);
          break;
        }
        position = this.#next;
      } else {
        position = stop;
      }
      if (this.#stack.isEmpty && this.isBetweenReplies) {
        this.#replyLength = 0;
        begin = position;
        if (onlyOne) return position;
      }
    }
    this.#replyLength += end - begin;
    if (this.#replyLength > this.#limits.maxReplyLength) {
      throw violation(`a reply of more than ${this.#limits.maxReplyLength} bytes`);
    }
    return end;
  }

  /** What stands in the chunk is copied, as the next chunk overwrites it; what was put together from several is nobody else's. */
  #ownBytes(bytes: Buffer, start: number, end: number): Buffer {
    const found = bytes.subarray(start, end);
    return bytes === this.#chunk ? Buffer.from(found) : found;
  }

  #keepLine(chunk: Buffer, position: number): void {
    this.#inLine = true;
    this.#store.begin(this.#limits.maxLineLength + lineFrame, lineCapacity);
    this.#extendLine(chunk, position, chunk.length);
  }

  #extendLine(chunk: Buffer, from: number, to: number): void {
    if (this.#store.length + to - from > this.#limits.maxLineLength + lineFrame) throw this.#tooLongLine();
    this.#store.append(chunk, from, to);
  }

  #tooLongLine(): Error {
    return violation(`a line of more than ${this.#limits.maxLineLength} bytes`);
  }

  /** Goes on with the line or the payload that the chunks before left unfinished; returns where the next token begins. */
  #resume(chunk: Buffer, position: number): number {
    if (this.#inLine) position = this.#resumeLine(chunk, position);
    if (this.#missing === 0) return position;
    const stop = Math.min(position + this.#missing, chunk.length);
    this.#keepBulk(chunk, position, stop);
    if (this.#missing > 0) return stop;
    const text = this.#longText;
    if (text === undefined) {
      this.#acceptBulk(this.#store.take(), 0, this.#bulkLength, this.#bulkType);
      return stop;
    }
    this.#longText = undefined;
    const lineEnd = this.#store.take();
    if (lineEnd[0] !== CR || lineEnd[1] !== LF) throw wrongLength();
    this.#stack.accept(text.end());
    return stop;
  }

  /** Keeps a part of an unfinished payload and its line end. */
  #keepBulk(chunk: Buffer, from: number, to: number): void {
    let at = from;
    if (this.#longText !== undefined) {
      at = Math.max(from, Math.min(to, from + this.#missing - 2));
      this.#longText.append(chunk, from, at);
    }
    this.#store.append(chunk, at, to);
    this.#missing -= to - from;
  }

  #resumeLine(chunk: Buffer, position: number): number {
    const lineFeed = chunk.indexOf(LF, position);
    const stop = lineFeed < 0 ? chunk.length : lineFeed + 1;
    if (lineFeed < 0 && position < stop) {
      const carriageReturn = chunk.indexOf(CR, position);
      if (this.#store.endsWith(CR) || (carriageReturn >= 0 && carriageReturn < stop - 1)) throw lonelyCarriageReturn();
    }
    this.#extendLine(chunk, position, stop);
    if (lineFeed >= 0) {
      this.#inLine = false;
      // With its line feed the line is either read whole or refused.
      this.#readToken(this.#store.take(), 0);
    }
    return stop;
  }

  /**
   * The short way for what most replies consist of, bulk strings, small integers and OK: reads one that is whole and right, and
   * returns where it ends. Anything else is `unfinished` here and left to {@link #readToken}.
   */
  #readWhole(bytes: Buffer, position: number): number {
    const type = bytes[position];
    if (type !== BulkType.string && type !== 58) return isOk(bytes, position) ? this.#acceptOk(position) : unfinished;
    const from = position + 1;
    let at = from;
    let value = 0;
    let byte = bytes[at] ?? 0;
    while (byte >= 48 && byte <= 57) {
      value = value * 10 + byte - 48;
      byte = bytes[++at] ?? 0;
    }
    if (byte !== CR || at === from || at - from > safeDigits || bytes[at + 1] !== LF) return unfinished;
    if (type === 58) {
      this.#stack.accept(value);
      return at + 2;
    }
    const start = at + 2;
    const end = start + value;
    if (bytes[end + 1] !== LF || bytes[end] !== CR || value > this.#limits.maxBulkLength) return unfinished;
    this.#stack.accept(this.asBuffers ? this.#ownBytes(bytes, start, end) : decodeText(bytes, start, end));
    return end + 2;
  }

  /** OK is a constant: a string need not be made of it. */
  #acceptOk(position: number): number {
    this.#stack.accept(this.asBuffers ? Buffer.from('OK') : 'OK');
    return position + 5;
  }

  /**
   * Reads one token: a scalar, the head of an aggregate, a bulk string or as much of it as there is. False when its line is
   * not complete; then nothing has changed.
   */
  #readToken(bytes: Buffer, position: number): boolean {
    const type = bytes[position];
    if (this.#streamed !== undefined && type !== BulkType.part)
      throw violation('a streamed string with something else in it');
    switch (type) {
      case BulkType.string:
        return this.#readBulk(bytes, position, BulkType.string);
      case 58: {
        const lineEnd = this.#findLineEnd(bytes, position + 1);
        if (lineEnd === unfinished) return false;
        this.#stack.accept(parseInteger(bytes, position + 1, lineEnd));
        return true;
      }
      case 43: {
        const lineEnd = this.#findLineEnd(bytes, position + 1);
        if (lineEnd === unfinished) return false;
        this.#acceptString(bytes, position + 1, lineEnd);
        return true;
      }
      case 42:
        return this.#readAggregate(bytes, position, FrameKind.list, 1);
      case 45: {
        const lineEnd = this.#findLineEnd(bytes, position + 1);
        if (lineEnd === unfinished) return false;
        this.#stack.acceptError(decodeText(bytes, position + 1, lineEnd));
        return true;
      }
      default:
        if (!this.#isResp3) throw unknownType(type ?? 0);
        return this.#readResp3Token(bytes, position, type ?? 0);
    }
  }

  #readResp3Token(bytes: Buffer, position: number, type: number): boolean {
    switch (type) {
      case BulkType.error:
      case BulkType.verbatim:
        return this.#readBulk(bytes, position, type);
      case BulkType.part:
        if (this.#streamed === undefined) throw violation('a part of a string outside a streamed string');
        return this.#readBulk(bytes, position, type);
      case 37:
        return this.#readAggregate(bytes, position, FrameKind.map, 2);
      case 126:
        return this.#readAggregate(bytes, position, FrameKind.list, 1);
      case 124:
        return this.#readAggregate(bytes, position, FrameKind.attribute, 2);
      case 62:
        if (!this.#stack.isEmpty) throw violation('a push within a reply');
        return this.#readAggregate(bytes, position, FrameKind.push, 1);
      default:
        return this.#readResp3Scalar(bytes, position, type);
    }
  }

  #readResp3Scalar(bytes: Buffer, position: number, type: number): boolean {
    if (type !== 46 && !isScalarType(type)) throw unknownType(type);
    const lineEnd = this.#findLineEnd(bytes, position + 1);
    if (lineEnd === unfinished) return false;
    const text = bytes.toString('latin1', position + 1, lineEnd);
    if (type !== 46) this.#stack.accept(parseScalar(type, text));
    else if (text === '') this.#stack.endStreamed();
    else throw violation('an end mark with something in it');
    return true;
  }

  /** The position of the CR that ends the line, or `unfinished`. Sets where the next token begins. */
  #findLineEnd(bytes: Buffer, from: number): number {
    const end = bytes.length;
    for (let at = from; at < end; at++) {
      const byte = bytes[at];
      if (byte === CR) {
        if (at + 1 === end) return unfinished;
        if (bytes[at + 1] !== LF) throw lonelyCarriageReturn();
        if (at - from > this.#limits.maxLineLength) throw this.#tooLongLine();
        this.#next = at + 2;
        return at;
      }
      if (byte === LF) throw violation('a line feed without a carriage return');
    }
    return unfinished;
  }

  /** The length or count in the line, or `noLength`, `streamedLength`, `unfinished`. Sets where the next token begins. */
  #readLength(bytes: Buffer, from: number): number {
    const end = bytes.length;
    let length = 0;
    for (let at = from; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte >= 48 && byte <= 57) {
        length = length * 10 + byte - 48;
      } else if (byte === CR && at > from) {
        if (at + 1 === end) return unfinished;
        if (bytes[at + 1] !== LF) throw lonelyCarriageReturn();
        this.#next = at + 2;
        return length;
      } else if (at === from && (byte === 45 || byte === 63)) {
        return this.#readOddLength(bytes, from);
      } else {
        throw violation('a length with something else than digits');
      }
    }
    return unfinished;
  }

  #readOddLength(bytes: Buffer, from: number): number {
    const lineEnd = this.#findLineEnd(bytes, from);
    if (lineEnd === unfinished) return unfinished;
    const text = bytes.toString('latin1', from, lineEnd);
    if (text === '-1') return noLength;
    if (text === '?' && this.#isResp3) return streamedLength;
    throw violation('a negative or unreadable length');
  }

  #readBulk(bytes: Buffer, position: number, type: number): boolean {
    const length = this.#readLength(bytes, position + 1);
    if (length < 0) return this.#readOddBulk(length, type);
    if (length > this.#limits.maxBulkLength)
      throw violation(`a string of more than ${this.#limits.maxBulkLength} bytes`);
    if (type === BulkType.part && length === 0) {
      // The end mark of a streamed string is a length alone.
      this.#endString();
      return true;
    }
    const start = this.#next;
    const stop = start + length + 2;
    if (stop <= bytes.length) {
      this.#next = stop;
      this.#acceptBulk(bytes, start, length, type);
      return true;
    }
    if (length > constants.MAX_STRING_LENGTH && !this.asBuffers) {
      throw violation(
        `a string of more than ${constants.MAX_STRING_LENGTH} bytes, which can only be given as a Buffer`,
      );
    }
    this.#bulkType = type;
    this.#bulkLength = length;
    this.#missing = length + 2;
    const isLongText = type === BulkType.string && length >= LONG_TEXT_BYTES && !this.asBuffers;
    if (isLongText) this.#longText = new LongText();
    this.#store.begin(isLongText ? 2 : length + 2, bulkCapacity);
    this.#keepBulk(bytes, start, bytes.length);
    this.#next = bytes.length;
    return true;
  }

  #readOddBulk(length: number, type: number): boolean {
    if (length === unfinished) return false;
    if (type !== BulkType.string) throw violation('a length that this type cannot have');
    if (length === noLength) {
      this.#stack.accept(null);
    } else {
      this.#streamed = new ByteStore();
      this.#streamed.begin(this.#limits.maxBulkLength, lineCapacity);
    }
    return true;
  }

  #acceptBulk(bytes: Buffer, start: number, length: number, type: number): void {
    const end = start + length;
    if (bytes[end] !== CR || bytes[end + 1] !== LF) throw wrongLength();
    switch (type) {
      case BulkType.string:
        this.#acceptString(bytes, start, end);
        break;
      case BulkType.error:
        this.#stack.acceptError(decodeText(bytes, start, end));
        break;
      case BulkType.verbatim:
        if (length < 4 || bytes[start + 3] !== 58) throw violation('a verbatim string without its format');
        this.#acceptString(bytes, start + 4, end);
        break;
      default:
        this.#acceptPart(bytes, start, end);
    }
  }

  #acceptPart(bytes: Buffer, start: number, end: number): void {
    const streamed = this.#streamed;
    if (streamed === undefined) return;
    const maxLength = Math.min(this.#limits.maxBulkLength, constants.MAX_STRING_LENGTH);
    if (streamed.length + end - start > maxLength) throw violation(`a string of more than ${maxLength} bytes`);
    streamed.append(bytes, start, end);
  }

  #endString(): void {
    const bytes = this.#streamed?.take() ?? Buffer.alloc(0);
    this.#streamed = undefined;
    this.#acceptString(bytes, 0, bytes.length);
  }

  #acceptString(bytes: Buffer, start: number, end: number): void {
    this.#stack.accept(this.asBuffers ? this.#ownBytes(bytes, start, end) : decodeText(bytes, start, end));
  }

  #readAggregate(bytes: Buffer, position: number, kind: FrameKind, width: number): boolean {
    const count = this.#readLength(bytes, position + 1);
    if (count === unfinished) return false;
    if (count === noLength) {
      if (bytes[position] !== 42) throw violation('a length that this type cannot have');
      this.#stack.accept(null);
    } else if (count === streamedLength) {
      this.#stack.openStreamed(kind);
    } else {
      this.#stack.open(kind, count * width);
    }
    return true;
  }
}
