import { describe, expect, it } from 'vitest';
import { makeDecoder } from '../../helpers/decode-all.ts';

const replies = [
  '$5\r\nfirst\r\n',
  '+second\r\n',
  '*2\r\n$5\r\nthird\r\n*1\r\n$6\r\nfourth\r\n',
  `$3000\r\n${'f'.repeat(3000)}\r\n`,
].join('');

function decode(version: 2 | 3, chunkLength: number): unknown[] {
  const found: unknown[] = [];
  const decoder = makeDecoder(version, {
    onReply: (reply) => found.push(reply),
    onErrorReply: () => {},
    onPush: () => {},
  });
  decoder.asBuffers = true;
  // One piece of memory for all that arrives, as a connection has it.
  const arrivals = Buffer.alloc(chunkLength);
  for (let from = 0; from < replies.length; from += chunkLength) {
    const length = arrivals.write(replies.slice(from, from + chunkLength), 'latin1');
    decoder.decode(arrivals.subarray(0, length));
    arrivals.fill('#');
  }
  return found;
}

describe.each([2, 3] as const)('Buffers of RESP%i', (version) => {
  it.each([replies.length, 1000, 7])('stay as they were when the chunks of %i bytes are overwritten', (chunkLength) => {
    const text = (value: unknown): unknown => (Array.isArray(value) ? value.map(text) : String(value));
    expect(decode(version, chunkLength).map(text)).toEqual([
      'first',
      'second',
      ['third', ['fourth']],
      'f'.repeat(3000),
    ]);
  });
});
