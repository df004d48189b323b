import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../../src/errors.ts';
import { defaultReplyLimits } from '../../../src/protocol/reply-limits.ts';
import { type Decoded, decodeAll, makeDecoder } from '../../helpers/decode-all.ts';

const reply = (value: unknown): Decoded => ['reply', value];

const wire = Buffer.from(
  [
    '+OK',
    '$5\r\nhello',
    ':12',
    '*3\r\n:9223372036854775807\r\n-ERR a b\r\n*1\r\n$-1',
    '$-1',
    '-MOVED 1 127.0.0.1:7000',
    ':9007199254740993',
    '$0\r\n',
    '*-1',
    '*0',
    ':-12',
    '$8\r\ngrüße!',
    '+',
    '*1\r\n*1\r\n+deep',
    '',
  ].join('\r\n'),
);
const events: readonly Decoded[] = [
  reply('OK'),
  reply('hello'),
  reply(12),
  reply([9223372036854775807n, { error: 'ERR a b', code: 'ERR' }, [null]]),
  reply(null),
  ['error', 'MOVED', 'MOVED 1 127.0.0.1:7000'],
  reply(9007199254740993n),
  reply(''),
  reply(null),
  reply([]),
  reply(-12),
  reply('grüße!'),
  reply(''),
  reply([['deep']]),
];

describe.each([2, 3] as const)('the RESP2 subset under protocol %i', (version) => {
  it('decodes every type, integers exactly, nested errors as errors', () => {
    expect(decodeAll(version, [wire])).toStrictEqual({ events, violation: undefined });
  });

  it('decodes the same split at every byte, and in pieces of every size', () => {
    for (let size = 1; size < wire.length; size++) {
      const pieces: Buffer[] = [];
      for (let at = 0; at < wire.length; at += size) pieces.push(wire.subarray(at, at + size));
      expect(decodeAll(version, pieces).events, `pieces of ${size}`).toStrictEqual(events);
      expect(decodeAll(version, [wire.subarray(0, size), wire.subarray(size)]).events).toStrictEqual(events);
    }
  });

  it('gives Buffers for the replies that are wanted so, whichever way and however split they are decoded', () => {
    const four = Buffer.from('$2\r\nab\r\n$2\r\ncd\r\n*1\r\n$2\r\nef\r\n+gh\r\n$2\r\nij\r\n');
    const expected = [reply('ab'), reply(Buffer.from('cd')), reply(['ef']), reply(Buffer.from('gh')), reply('ij')];
    for (let at = 0; at < four.length; at++) {
      const chunks = [four.subarray(0, at), four.subarray(at)];
      expect(decodeAll(version, chunks, { asBuffers: (number) => number % 2 === 1 }).events).toStrictEqual(expected);
    }
  });

  it('joins a string of many chunks', () => {
    const text = 'ü0123456789'.repeat(200_000);
    const body = Buffer.from(text);
    const big = Buffer.concat([Buffer.from(`$${body.length}\r\n`), body, Buffer.from('\r\n:1\r\n')]);
    const chunks: Buffer[] = [];
    for (let at = 0; at < big.length; at += 65_521) chunks.push(big.subarray(at, at + 65_521));
    const decoded = decodeAll(version, chunks).events;
    // Compared by hand: a difference would print megabytes.
    expect(decoded.length).toBe(2);
    expect(decoded[0]?.[1] === text).toBe(true);
    expect(decoded[1]).toEqual(reply(1));
    const [asBuffer] = decodeAll(version, chunks, { asBuffers: () => true }).events;
    expect(Buffer.isBuffer(asBuffer?.[1]) && asBuffer[1].equals(body)).toBe(true);
  });

  it('decodes a pipeline for ever without counting it as one reply', () => {
    const limits = { ...defaultReplyLimits, maxReplyLength: 100 };
    const stream = Buffer.from('$30\r\n012345678901234567890123456789\r\n*2\r\n:1\r\n:2\r\n'.repeat(50));
    for (const size of [7, 37, 64]) {
      const chunks: Buffer[] = [];
      for (let at = 0; at < stream.length; at += size) chunks.push(stream.subarray(at, at + size));
      const outcome = decodeAll(version, chunks, { limits });
      expect(outcome.violation).toBeUndefined();
      expect(outcome.events.length).toBe(100);
    }
  });

  it('counts only what belongs to a reply when every chunk begins and ends within one', () => {
    const limits = { ...defaultReplyLimits, maxReplyLength: 100 };
    const one = Buffer.from('*3\r\n:1\r\n:2\r\n:3\r\n');
    const shifted = Buffer.concat([one.subarray(5), one.subarray(0, 5)]);
    const chunks = [one.subarray(0, 5), ...Array.from({ length: 50 }, () => shifted)];
    const outcome = decodeAll(version, chunks, { limits });
    expect({ violation: outcome.violation, count: outcome.events.length }).toEqual({ violation: undefined, count: 50 });
  });

  it.each(['$1\r\na\r\n', '*1\r\n:1\r\n', '-ERR x\r\n'])(
    'lets through what the sink throws, and then accepts nothing more (%j)',
    (bytes) => {
      const thrown = new Error('from the sink');
      let calls = 0;
      const fail = (): never => {
        calls++;
        throw thrown;
      };
      const decoder = makeDecoder(version, { onReply: fail, onErrorReply: fail, onPush: fail });
      expect(() => decoder.decode(Buffer.from(bytes))).toThrow(thrown);
      decoder.decode(Buffer.from(bytes));
      expect(calls).toBe(1);
    },
  );

  it('gives the replies before a violation, throws once, and then accepts nothing more', () => {
    const seen: unknown[] = [];
    const see = (value: unknown) => seen.push(value);
    const decoder = makeDecoder(version, { onReply: see, onErrorReply: see, onPush: see });
    expect(() => decoder.decode(Buffer.from('+a\r\n:1\r\n?\r\n+b\r\n'))).toThrow(ProtocolError);
    decoder.decode(Buffer.from('+c\r\n'));
    expect(seen).toEqual(['a', 1]);
  });
});

describe('the RESP2 decoder', () => {
  it.each([
    '_\r\n',
    '#t\r\n',
    ',1\r\n',
    '(1\r\n',
    '%0\r\n',
    '~0\r\n',
    '>1\r\n:1\r\n',
    '=5\r\ntxt:a\r\n',
    '*?\r\n',
    '$?\r\n',
  ])('refuses what only RESP3 has: %j', (bytes) => {
    expect(decodeAll(2, [Buffer.from(bytes)]).violation).toMatch(/breaks the protocol/);
    expect(decodeAll(2, [Buffer.from(`:1\r\n*1\r\n${bytes}`)]).violation).toMatch(/breaks the protocol/);
  });
});
