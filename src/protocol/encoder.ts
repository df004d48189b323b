/** What encoded commands are written to; a socket is one. */
export interface ByteSink {
  /** Bytes that were accepted and have not been passed on yet: their memory is still in use. */
  readonly writableLength: number;
  write(bytes: Uint8Array): boolean;
  cork(): void;
  uncork(): void;
}

/** Commands are encoded into memory of this size and leave in one write, as many as fit: what a connection gathers, and some room. */
const CAPACITY = 80 * 1024;
/** A Uint8Array of more bytes is written by reference; to copy a shorter one costs less than a write of its own. */
const COPIED_BYTES = 16 * 1024;
/** Up to so many characters one `charCodeAt` each is faster than a call into Node (37 and 47 ns for 20 of them). */
const SHORT_LENGTH = 20;
/** From here on it pays to look for other characters than ASCII first and to copy if there are none (182 and 482 ns for 10 kB). */
const LONG_LENGTH = 1000;
/** Longer strings are encoded in parts. UTF-8 takes at most three bytes for what is one unit of a string. */
const PART_LENGTH = 16 * 1024;
/** More than any header of a command or of an argument takes. */
const HEADER_BYTES = 32;

const ASTERISK = 42;
const DOLLAR = 36;
const ZERO = 48;
const CR = 13;
const LF = 10;

/** A command's name as it stands in the stream: `$3\r\nGET\r\n`. */
export function encodeName(name: string): Uint8Array {
  return Buffer.from(`$${Buffer.byteLength(name)}\r\n${name}\r\n`);
}

const unused = Buffer.alloc(0);

/**
 * Encodes commands for one socket after the other: {@link begin}, {@link append} for each command, {@link end}, with nothing else
 * in between.
 *
 * All sockets share its memory, which is why commands are encoded when they are written and not when they are issued. A socket
 * that does not pass everything on at once keeps the memory, and the encoder goes on with new.
 */
export class Encoder {
  #memory = unused;
  /** What stands before it has been given to the sink. */
  #start = 0;
  #at = 0;
  #sink: ByteSink | undefined;
  #isPrompt = false;
  #isCorked = false;

  /** @param isPrompt the sink is expected to pass on at once what it is given, and is lent the memory itself; others get copies */
  begin(sink: ByteSink, isPrompt: boolean): void {
    this.#sink = sink;
    this.#isCorked = false;
    this.#start = 0;
    this.#at = 0;
    this.#isPrompt = isPrompt && sink.writableLength === 0;
    if (this.#memory === unused) this.#memory = Buffer.allocUnsafeSlow(CAPACITY);
  }

  /** Encodes one command: its name as of {@link encodeName}, then its arguments. */
  append(encodedName: Uint8Array, args: readonly (string | Uint8Array)[]): void {
    const isLongName = encodedName.length > PART_LENGTH;
    this.#reserve(HEADER_BYTES + (isLongName ? 0 : encodedName.length));
    this.#putHeader(ASTERISK, args.length + 1);
    if (isLongName) this.#lend(encodedName);
    else this.#putBytes(encodedName);
    for (let i = 0; i < args.length; i++) {
      const arg = args[i] as string | Uint8Array;
      if (typeof arg !== 'string') this.#appendBytes(arg);
      else if (arg.length <= PART_LENGTH) this.#appendText(arg);
      else this.#appendLong(arg);
    }
  }

  /** Gives the sink what is left. */
  end(): void {
    this.#write();
    this.#settle();
    this.#sink = undefined;
  }

  #appendText(text: string): void {
    const length = text.length;
    this.#reserve(3 * length + 2 * HEADER_BYTES);
    const before = this.#at;
    this.#putHeader(DOLLAR, length);
    const start = this.#at;
    const written = length <= SHORT_LENGTH ? this.#putShort(text) : this.#putText(text);
    this.#at = start + written;
    if (written !== length) this.#correctHeader(before, start, written);
    this.#putLineEnd();
  }

  /** The bytes that it took; as many as characters if these are ASCII. */
  #putShort(text: string): number {
    const memory = this.#memory;
    const start = this.#at;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) return memory.write(text, start, 'utf8');
      memory[start + i] = unit;
    }
    return text.length;
  }

  #putText(text: string): number {
    const isAscii = text.length >= LONG_LENGTH && Buffer.byteLength(text, 'utf8') === text.length;
    return this.#memory.write(text, this.#at, isAscii ? 'latin1' : 'utf8');
  }

  /** The text is longer in bytes than the header before it says; with more digits that header needs more room too. */
  #correctHeader(header: number, start: number, written: number): void {
    const room = String(written).length + 3;
    this.#memory.copyWithin(header + room, start, start + written);
    this.#at = header;
    this.#putHeader(DOLLAR, written);
    this.#at += written;
  }

  #appendLong(text: string): void {
    const bytes = Buffer.byteLength(text, 'utf8');
    const isAscii = bytes === text.length;
    this.#reserve(HEADER_BYTES);
    this.#putHeader(DOLLAR, bytes);
    for (let from = 0; from < text.length; ) {
      const to = cutAt(text, from + PART_LENGTH);
      const part = text.slice(from, to);
      this.#reserve(isAscii ? part.length : 3 * part.length);
      this.#at += this.#memory.write(part, this.#at, isAscii ? 'latin1' : 'utf8');
      from = to;
    }
    this.#reserve(2);
    this.#putLineEnd();
  }

  #appendBytes(bytes: Uint8Array): void {
    const { length } = bytes;
    this.#reserve(HEADER_BYTES);
    this.#putHeader(DOLLAR, length);
    if (length > COPIED_BYTES) {
      this.#lend(bytes);
      this.#reserve(2);
    } else if (length > 0) {
      this.#reserve(length + 2);
      this.#memory.set(bytes, this.#at);
      this.#at += length;
    }
    this.#putLineEnd();
  }

  #putHeader(type: number, value: number): void {
    const memory = this.#memory;
    let at = this.#at;
    memory[at++] = type;
    if (value < 10) {
      memory[at++] = ZERO + value;
    } else if (value < 100) {
      const tens = (value / 10) | 0;
      memory[at++] = ZERO + tens;
      memory[at++] = ZERO + value - 10 * tens;
    } else {
      const digits = String(value);
      for (let i = 0; i < digits.length; i++) memory[at++] = digits.charCodeAt(i);
    }
    memory[at++] = CR;
    memory[at++] = LF;
    this.#at = at;
  }

  /** Few bytes: faster one by one than by a call of `set`. */
  #putBytes(bytes: Uint8Array): void {
    const memory = this.#memory;
    let at = this.#at;
    for (let i = 0; i < bytes.length; i++) memory[at++] = bytes[i] as number;
    this.#at = at;
  }

  #putLineEnd(): void {
    this.#memory[this.#at++] = CR;
    this.#memory[this.#at++] = LF;
  }

  /** Makes room for so many bytes in one piece. */
  #reserve(bytes: number): void {
    if (this.#at + bytes <= CAPACITY) return;
    this.#write();
    this.#settle();
    if (this.#memory === unused) this.#memory = Buffer.allocUnsafeSlow(CAPACITY);
  }

  /** Gives the sink bytes where they are; they leave in one write with all around them, up to {@link #settle}. */
  #lend(bytes: Uint8Array): void {
    if (!this.#isCorked) this.#sink?.cork();
    this.#isCorked = true;
    this.#write();
    this.#sink?.write(bytes);
  }

  #write(): void {
    if (this.#at > this.#start) {
      const bytes = this.#memory.subarray(this.#start, this.#at);
      this.#sink?.write(this.#isPrompt ? bytes : Buffer.from(bytes));
    }
    this.#start = this.#at;
  }

  /** Begins anew at the front of the memory, or of new memory if the sink has not passed on all that it was lent of this one. */
  #settle(): void {
    if (this.#isCorked) this.#sink?.uncork();
    this.#isCorked = false;
    this.#start = 0;
    this.#at = 0;
    if (!this.#isPrompt || this.#sink?.writableLength === 0) return;
    this.#isPrompt = false;
    this.#memory = unused;
  }
}

/** `at`, or one less where that would separate the two halves of one character. */
function cutAt(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const unit = text.charCodeAt(at - 1);
  return unit >= 0xd800 && unit < 0xdc00 ? at - 1 : at;
}
