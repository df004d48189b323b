type Encoding = 'latin1' | 'utf8';

/** What an {@link Output} can be written to; a socket is one. */
export interface ByteSink {
  write(text: string, encoding: Encoding): boolean;
  write(bytes: Uint8Array): boolean;
  cork(): void;
  uncork(): void;
}

interface TextChunk {
  readonly text: string;
  readonly encoding: Encoding;
}

/** A Uint8Array up to this many bytes is copied into the text; a longer one is written by reference. */
const COPIED_BYTES = 512;
/** Text is gathered up to about this many characters a chunk: one string cannot hold what a command may. */
const CHUNK_LENGTH = 16 * 1024 * 1024;

const arrayHeaders = headers('*');
const bulkHeaders = headers('$');

function headers(type: string): readonly string[] {
  return Array.from({ length: 1024 }, (_, length) => `${type}${length}\r\n`);
}
function arrayHeader(length: number): string {
  return arrayHeaders[length] ?? `*${length}\r\n`;
}
function bulkHeader(length: number): string {
  return bulkHeaders[length] ?? `$${length}\r\n`;
}

/** A command's name as it stands in the stream: `$3\r\nGET\r\n`. */
export function encodeName(name: string): string {
  return `$${Buffer.byteLength(name)}\r\n${name}\r\n`;
}

/**
 * The bytes that one connection has yet to write: commands are encoded into it as they are dispatched and leave in one write.
 *
 * Text is concatenated and encoded by the socket: as latin1 (one byte a character) while all of it is ASCII or copied bytes,
 * as UTF-8 when it holds other characters; where the two would meet, a new chunk begins.
 */
export class Output {
  #text = '';
  /** The text holds characters beyond ASCII, to be written as UTF-8. */
  #isUtf8 = false;
  /** The text holds copied bytes beyond ASCII, to be written as latin1. */
  #isBinary = false;
  #chunks: (TextChunk | Uint8Array)[] = [];
  #sealedSize = 0;

  /** About how many bytes wait (characters of text, bytes of arrays). */
  get size(): number {
    return this.#sealedSize + this.#text.length;
  }

  /** Encodes one command: its encoded name, then its arguments. */
  append(encodedName: string, args: readonly (string | Uint8Array)[]): void {
    let text = arrayHeader(args.length + 1) + encodedName;
    for (let i = 0; i < args.length; i++) {
      const arg = args[i] as string | Uint8Array;
      if (typeof arg === 'string') {
        if (this.#text.length + text.length + arg.length > CHUNK_LENGTH) {
          this.#appendLong(text, arg);
          text = '\r\n';
          continue;
        }
        const length = Buffer.byteLength(arg, 'utf8');
        if (length !== arg.length && !this.#isUtf8) {
          if (this.#isBinary) {
            this.#text += text;
            this.#seal();
            text = '';
          }
          this.#isUtf8 = true;
        }
        text += `${bulkHeader(length) + arg}\r\n`;
      } else {
        this.#text += text;
        this.#appendBytes(arg);
        text = '\r\n';
      }
    }
    this.#text += text;
  }

  #appendLong(before: string, arg: string): void {
    this.#text += `${before}${bulkHeader(Buffer.byteLength(arg, 'utf8'))}`;
    this.#seal();
    this.#isUtf8 = true;
    this.#text = arg;
    this.#seal();
  }

  #appendBytes(bytes: Uint8Array): void {
    this.#text += bulkHeader(bytes.length);
    if (bytes.length > COPIED_BYTES) {
      this.#seal();
      this.#chunks.push(bytes);
      this.#sealedSize += bytes.length;
      return;
    }
    if (this.#isUtf8 || this.#text.length > CHUNK_LENGTH) this.#seal();
    this.#isBinary = true;
    this.#text += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  }

  #seal(): void {
    if (this.#text !== '') {
      this.#chunks.push({ text: this.#text, encoding: this.#isUtf8 ? 'utf8' : 'latin1' });
      this.#sealedSize += this.#text.length;
    }
    this.#text = '';
    this.#isUtf8 = false;
    this.#isBinary = false;
  }

  /** Writes all of it in one go; false if the sink asks to wait for `drain`. */
  writeTo(sink: ByteSink): boolean {
    if (this.#chunks.length === 0) {
      const text = this.#text;
      const encoding = this.#isUtf8 ? 'utf8' : 'latin1';
      this.#text = '';
      this.#isUtf8 = false;
      this.#isBinary = false;
      return sink.write(text, encoding);
    }
    this.#seal();
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#sealedSize = 0;
    let isAccepted = true;
    sink.cork();
    for (const chunk of chunks) {
      isAccepted = chunk instanceof Uint8Array ? sink.write(chunk) : sink.write(chunk.text, chunk.encoding);
    }
    sink.uncork();
    return isAccepted;
  }
}
