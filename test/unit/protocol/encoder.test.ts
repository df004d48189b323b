import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ByteSink, Encoder, encodeName } from '../../../src/protocol/encoder.ts';

/** Takes what a socket would. A slow one looks at the memory only when it is asked what it got, as a socket that has to wait. */
class Sink implements ByteSink {
  readonly writes: Uint8Array[] = [];
  readonly #isSlow: boolean;
  corked = 0;
  writableLength = 0;

  constructor(isSlow = false) {
    this.#isSlow = isSlow;
  }

  write(chunk: Uint8Array): boolean {
    this.writes.push(this.#isSlow ? chunk : Buffer.from(chunk));
    if (this.#isSlow) this.writableLength += chunk.length;
    return true;
  }

  cork(): void {
    this.corked++;
  }

  uncork(): void {
    this.corked--;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.writes);
  }
}

type Argument = string | Uint8Array;

/** The bytes of one command, put together the plain way. */
function plainly(args: readonly Argument[]): Buffer {
  const parts = args.flatMap((arg) => {
    const bytes = typeof arg === 'string' ? Buffer.from(arg, 'utf8') : Buffer.from(arg);
    return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')];
  });
  return Buffer.concat([Buffer.from(`*${args.length + 1}\r\n$4\r\nECHO\r\n`), ...parts]);
}

const echo = encodeName('ECHO');

function encode(
  sink: Sink,
  commands: readonly (readonly Argument[])[],
  encoder = new Encoder(),
  isPrompt = true,
): void {
  encoder.begin(sink, isPrompt);
  for (const args of commands) encoder.append(echo, args);
  encoder.end();
}

const odd = ['', 'ä', '€uro', '😀', '\ud83d', '\udc00\ud83d', '\xff\xfe', 'a\r\nb'];
/** Lengths at which another way of encoding begins, and others. */
const length = fc.oneof(fc.constantFrom(9, 10, 19, 20, 21, 33, 99, 100, 334, 999, 1000, 16_384), fc.nat(40_000));
const unit = fc.constantFrom('x', 'ä', '€', '😀', '\ud83d', '😀x');
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...odd),
  fc.tuple(length, unit, fc.constantFrom(...odd)).map(([count, one, end]) => one.repeat(count).slice(0, count) + end),
);
const binary = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  length.map((count) => new Uint8Array(count).fill(0xc3)),
  fc.uint8Array({ minLength: 8, maxLength: 30 }).map((bytes) => bytes.subarray(3, 7)),
);
const command = fc.array(fc.oneof(text, binary), { maxLength: 6 });
const turn = fc.record({ sink: fc.nat(3), commands: fc.array(command, { minLength: 1, maxLength: 4 }) });

describe('Encoder', () => {
  it('writes exactly the bytes of every argument, whatever the mix and however slow the sinks', () => {
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 8 }), (turns) => {
        const encoder = new Encoder();
        const sinks = [new Sink(), new Sink(true), new Sink(), new Sink(true)];
        const expected: Buffer[][] = sinks.map(() => []);
        for (const { sink, commands } of turns) {
          encode(sinks[sink] as Sink, commands, encoder, sink < 2);
          expected[sink]?.push(...commands.map(plainly));
        }
        expect(sinks.map(({ corked }) => corked)).toEqual([0, 0, 0, 0]);
        expect(sinks.map(({ bytes }, i) => bytes.equals(Buffer.concat(expected[i] ?? [])))).toEqual(
          Array(4).fill(true),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('writes the commands of a turn in one piece', () => {
    const sink = new Sink();
    encode(sink, [['key', 'value'], ['ключ'], [Buffer.from('bytes')]]);
    const expected =
      '*3\r\n$4\r\nECHO\r\n$3\r\nkey\r\n$5\r\nvalue\r\n*2\r\n$4\r\nECHO\r\n$8\r\nключ\r\n*2\r\n$4\r\nECHO\r\n$5\r\nbytes\r\n';
    expect(sink.writes.map(String)).toEqual([expected]);
  });

  it('uses the same memory for all sockets, as long as they pass it on', () => {
    const encoder = new Encoder();
    const used = new Set<ArrayBufferLike>();
    class Watching extends Sink {
      override write(chunk: Uint8Array): boolean {
        used.add(chunk.buffer);
        return super.write(chunk);
      }
    }
    for (let i = 0; i < 10; i++) encode(new Watching(), [['x'.repeat(50_000)], ['y'.repeat(50_000)]], encoder);
    expect(used.size).toBe(1);
    const slow = new Watching(true);
    encode(slow, [['x']], encoder);
    encode(slow, [['y']], encoder);
    encode(new Watching(), [['z']], encoder);
    // The second write is a copy: what waits is held by its own size, not by that of the memory.
    expect(slow.writes[1]?.buffer.byteLength).toBeLessThan(16_384);
    expect(used.size).toBe(3);
  });

  it('writes large arrays by reference, without a copy, and in one go with what is around them', () => {
    const large = new Uint8Array(100_000).fill(7);
    class Watching extends Sink {
      readonly given: Uint8Array[] = [];
      uncorked = 0;
      override write(chunk: Uint8Array): boolean {
        if (this.corked === 0) this.uncorked++;
        this.given.push(chunk);
        return super.write(chunk);
      }
    }
    const sink = new Watching();
    encode(sink, [['key', large], ['other'], ['key', large, large]]);
    expect(sink.given.filter((chunk) => chunk === large)).toHaveLength(3);
    expect([sink.uncorked, sink.corked]).toEqual([0, 0]);
  });

  it('writes names of commands that nobody knows in their bytes, however long', () => {
    const sink = new Sink();
    const encoder = new Encoder();
    encoder.begin(sink, true);
    encoder.append(encodeName('ŻÓŁĆ'), []);
    encoder.end();
    encoder.begin(sink, true);
    encoder.append(encodeName('x'.repeat(200_000)), ['arg']);
    encoder.end();
    const long = `*2\r\n$200000\r\n${'x'.repeat(200_000)}\r\n$3\r\narg\r\n`;
    expect(sink.bytes.toString() === `*1\r\n$8\r\nŻÓŁĆ\r\n${long}`).toBe(true);
  });

  it('has headers for any number and length of arguments', () => {
    const sink = new Sink();
    const args = Array.from({ length: 1500 }, (_, i) => String(i));
    encode(sink, [args]);
    expect(sink.bytes.equals(plainly(args))).toBe(true);
  });

  it('takes a command with more text than one string can hold', () => {
    const mebibyte = 1024 * 1024;
    class Counter extends Sink {
      total = 0;
      longest = 0;
      override write(chunk: Uint8Array): boolean {
        this.total += chunk.length;
        this.longest = Math.max(this.longest, chunk.length);
        return true;
      }
    }
    const sink = new Counter();
    encode(sink, [new Array<string>(600).fill('x'.repeat(mebibyte))]);
    expect(sink.total).toBe('*601\r\n$4\r\nECHO\r\n'.length + 600 * ('$1048576\r\n'.length + mebibyte + 2));
    expect(sink.longest).toBeLessThanOrEqual(100_000);
  });
});
