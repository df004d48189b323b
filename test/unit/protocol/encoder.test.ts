import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ByteSink, encodeName, Output } from '../../../src/protocol/encoder.ts';
import { Resp2Decoder } from '../../../src/protocol/resp2-decoder.ts';

/** Takes what a socket would, as the bytes that a socket would send. */
class Sink implements ByteSink {
  readonly writes: (string | Uint8Array)[] = [];
  readonly #bytes: Buffer[] = [];
  corked = 0;
  isFull = false;

  write(chunk: string | Uint8Array, encoding?: 'latin1' | 'utf8'): boolean {
    this.writes.push(chunk);
    this.#bytes.push(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk));
    return !this.isFull;
  }

  cork(): void {
    this.corked++;
  }

  uncork(): void {
    this.corked--;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#bytes);
  }
}

type Argument = string | Uint8Array;

function decode(bytes: Buffer): unknown[] {
  const replies: unknown[] = [];
  const decoder = new Resp2Decoder({
    onReply: (reply) => replies.push(reply),
    onErrorReply: (error) => replies.push(error),
    onPush: () => undefined,
  });
  decoder.asBuffers = true;
  decoder.decode(bytes);
  return replies;
}

const bytesOf = (arg: Argument): Buffer => (typeof arg === 'string' ? Buffer.from(arg, 'utf8') : Buffer.from(arg));

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', 'ä', '€uro', '😀', '\ud83d', '\udc00\ud83d', '\xff\xfe', 'a\r\nb', 'x'.repeat(2000)),
);
const binary = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.integer({ min: 500, max: 700 }).map((length) => new Uint8Array(length).fill(0xc3)),
  fc.uint8Array({ minLength: 8, maxLength: 30 }).map((bytes) => bytes.subarray(3, 7)),
);
const command = fc.array(fc.oneof(text, binary), { maxLength: 6 });

describe('Output', () => {
  it('writes exactly the bytes of every argument, in whatever mix text and bytes come', () => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 1, maxLength: 6 }), fc.nat(6), (commands, pauseAt) => {
        const sink = new Sink();
        const output = new Output();
        for (const [i, args] of commands.entries()) {
          output.append(encodeName('ECHO'), args);
          if (i === pauseAt) output.writeTo(sink);
        }
        output.writeTo(sink);
        expect(output.size).toBe(0);
        expect(sink.corked).toBe(0);
        const expected = commands.map((args) => [Buffer.from('ECHO'), ...args.map(bytesOf)]);
        expect(decode(sink.bytes)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('writes ASCII commands in one piece', () => {
    const sink = new Sink();
    const output = new Output();
    output.append(encodeName('SET'), ['key', 'value']);
    output.append(encodeName('GET'), ['key']);
    output.writeTo(sink);
    expect(sink.writes).toEqual(['*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\nvalue\r\n*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n']);
  });

  it('writes large arrays by reference, without a copy', () => {
    const large = new Uint8Array(100_000).fill(7);
    const sink = new Sink();
    const output = new Output();
    output.append(encodeName('SET'), ['key', large]);
    expect(output.size).toBeGreaterThan(100_000);
    output.writeTo(sink);
    expect(sink.writes).toContain(large);
  });

  it('takes small arrays as they are at the call: changing them afterwards changes nothing', () => {
    const small = Buffer.from('before');
    const sink = new Sink();
    const output = new Output();
    output.append(encodeName('SET'), ['key', small]);
    small.write('AFTER!');
    output.writeTo(sink);
    expect(decode(sink.bytes)).toEqual([[Buffer.from('SET'), Buffer.from('key'), Buffer.from('before')]]);
  });

  it('says when the sink is full', () => {
    const sink = new Sink();
    const output = new Output();
    output.append(encodeName('PING'), []);
    expect(output.writeTo(sink)).toBe(true);
    sink.isFull = true;
    output.append(encodeName('SET'), ['key', new Uint8Array(1_000)]);
    expect(output.writeTo(sink)).toBe(false);
  });

  it('has headers for any number and length of arguments', () => {
    const sink = new Sink();
    const output = new Output();
    const args = Array.from({ length: 1500 }, (_, i) => String(i));
    output.append(encodeName('DEL'), args);
    output.writeTo(sink);
    expect(decode(sink.bytes)).toEqual([['DEL', ...args].map((arg) => Buffer.from(arg))]);
  });
});
