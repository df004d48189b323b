import { describe, expect, it } from 'vitest';
import { encodeName, Output } from '../../../src/protocol/encoder.ts';

const MEBIBYTE = 1024 * 1024;

/** Counts what it is given. */
class Counter {
  bytes = 0;
  longest = 0;

  write(chunk: string | Uint8Array, encoding?: 'latin1' | 'utf8'): boolean {
    this.bytes += typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.length;
    this.longest = Math.max(this.longest, chunk.length);
    return true;
  }

  cork(): void {}
  uncork(): void {}
}

describe('Output', () => {
  it('holds a command with more text than one string can', () => {
    const output = new Output();
    const arg = 'x'.repeat(MEBIBYTE);
    const args = new Array<string>(600).fill(arg);
    output.append(encodeName('DEL'), args);
    const sink = new Counter();
    output.writeTo(sink);
    expect(sink.bytes).toBe('*601\r\n$3\r\nDEL\r\n'.length + 600 * ('$1048576\r\n'.length + MEBIBYTE + 2));
    expect(sink.longest).toBeLessThan(32 * MEBIBYTE);
  });

  it('keeps text beyond ASCII whole around a long argument', () => {
    const output = new Output();
    const long = `${'ä'.repeat(9 * MEBIBYTE)}`;
    output.append(encodeName('MSET'), ['ö', long, Buffer.from([0xff]), long]);
    const chunks: Buffer[] = [];
    const write = (chunk: string | Uint8Array, encoding?: 'latin1' | 'utf8'): boolean => {
      chunks.push(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk));
      return true;
    };
    output.writeTo({ write, cork: () => {}, uncork: () => {} });
    const header = `$${18 * MEBIBYTE}\r\n`;
    const expected = Buffer.concat([
      Buffer.from(`*5\r\n$4\r\nMSET\r\n$2\r\nö\r\n${header}${long}\r\n$1\r\n`),
      Buffer.from([0xff]),
      Buffer.from(`\r\n${header}${long}\r\n`),
    ]);
    expect(Buffer.concat(chunks).equals(expected)).toBe(true);
  });
});
