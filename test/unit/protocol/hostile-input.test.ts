import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../../src/errors.ts';
import { defaultReplyLimits, type ReplyLimits } from '../../../src/protocol/reply-limits.ts';
import { decodeAll, makeDecoder, type Version } from '../../helpers/decode-all.ts';

const MiB = 1024 * 1024;

/** What a peer that is no server, or a hostile one, might send, and no server ever does. */
const refused: readonly (readonly [name: string, bytes: string])[] = [
  ['an HTTP answer', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ['a TLS alert', '\x15\x03\x01\x00\x02\x02\x16'],
  ['zero bytes', '\0\0\0\0'],
  ['an empty line', '\r\n'],
  ['an integer with letters', ':12abc\r\n'],
  ['an integer without digits', ':\r\n'],
  ['an integer that is a sign', ':-\r\n'],
  ['an integer with two signs', ':--1\r\n'],
  ['an integer with a fraction', ':1.5\r\n'],
  ['an integer with a space', ': 1\r\n'],
  ['an integer of 100 digits', `:${'9'.repeat(100)}\r\n`],
  ['a string length with letters', '$1a\r\na\r\n'],
  ['a string length that is a digit only to careless arithmetic', '$:\r\n0123456789\r\n'],
  ['no string length', '$\r\n\r\n'],
  ['a string length with a sign', '$+1\r\na\r\n'],
  ['a string length of -2', '$-2\r\n'],
  ['a string length of -10', '$-10\r\n'],
  ['a string length of -', '$-\r\n'],
  ['a string length of 0x1', '$0x1\r\na\r\n'],
  ['a string longer than announced', '$3\r\nabcdef\r\n'],
  ['a string shorter than announced', '$3\r\na\r\n:1\r\n'],
  ['a string without CR', '$3\r\nabc\n\n'],
  ['a string with a CR and no LF', '$3\r\nabc\rX'],
  ['an absurd string length', '$99999999999999999999\r\n'],
  ['a string length just beyond the limit', `$${defaultReplyLimits.maxBulkLength + 1}\r\n`],
  ['an array length with letters', '*1a\r\n:1\r\n'],
  ['no array length', '*\r\n'],
  ['an array length of -2', '*-2\r\n'],
  ['an absurd array length', '*99999999999999999999\r\n'],
  ['an array length just beyond the limit', `*${defaultReplyLimits.maxElements + 1}\r\n`],
  ['an array length of 2^32', '*4294967296\r\n'],
  ['arrays nested without end', '*1\r\n'.repeat(100_000)],
  ['CR without LF in a status', '+a\rb\r\n'],
  ['CR without LF in a length', '$1\ra\r\n'],
  ['CR without LF in an integer', ':1\r2\r\n'],
  ['LF without CR in a status', '+a\nb\r\n'],
  ['LF without CR in an error', '-ERR a\n+OK\r\n'],
  ['LF without CR in a length', '$1\na\r\n'],
  ['a megabyte without a line end', `+${'x'.repeat(MiB)}`],
  ['a megabyte of digits', `:${'1'.repeat(MiB)}`],
  ['a megabyte of an error', `-${'x'.repeat(MiB)}`],
  ['a nested unknown type', '*2\r\n:1\r\n?1\r\n'],
];

const refusedResp3: readonly (readonly [name: string, bytes: string])[] = [
  ['a push within a reply', '*1\r\n>1\r\n+a\r\n'],
  ['a push without a kind', '>0\r\n'],
  ['a map of half the limit and more', `%${defaultReplyLimits.maxElements / 2 + 1}\r\n`],
  ['maps nested without end', '%1\r\n'.repeat(100_000)],
  ['streamed arrays nested without end', '*?\r\n'.repeat(100_000)],
  ['attributes nested without end', '|1\r\n'.repeat(100_000)],
  ['an end mark outside a streamed aggregate', '.\r\n'],
  ['an end mark within a counted array', '*2\r\n:1\r\n.\r\n'],
  ['an end mark with something in it', '*?\r\n.x\r\n'],
  ['a streamed map with half an entry', '%?\r\n+a\r\n.\r\n'],
  ['a part outside a streamed string', ';1\r\na\r\n'],
  ['an integer within a streamed string', '$?\r\n:1\r\n'],
  ['a string within a streamed string', '$?\r\n$1\r\na\r\n'],
  ['a streamed push', '>?\r\n'],
  ['a streamed attribute', '|?\r\n'],
  ['a null with something in it', '_x\r\n'],
  ['a boolean that is none', '#x\r\n'],
  ['a double that is none', ',1.2.3\r\n'],
  ['an empty double', ',\r\n'],
  ['a big number that is none', '(12x\r\n'],
  ['a verbatim string without a format', '=3\r\nabc\r\n'],
  ['a null set', '~-1\r\n'],
  ['a null map', '%-1\r\n'],
  ['a null verbatim string', '=-1\r\n'],
];

const rows: readonly (readonly [Version, string, string])[] = [
  ...refused.flatMap(([name, bytes]) => [[2, name, bytes] as const, [3, name, bytes] as const]),
  ...refusedResp3.map(([name, bytes]) => [3, name, bytes] as const),
];

function inPieces(bytes: Buffer, size: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

function heldBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** How much more the process holds (without collecting garbage) once the decoder has seen the chunks and still waits. */
function growth(version: Version, chunks: readonly Buffer[]): number {
  const ignore = () => undefined;
  const decoder = makeDecoder(version, { onReply: ignore, onErrorReply: ignore, onPush: ignore });
  const before = heldBytes();
  for (const chunk of chunks) decoder.decode(chunk);
  return heldBytes() - before;
}

describe('hostile input', () => {
  it.each(rows)('under protocol %i is refused: %s', (version, _name, text) => {
    const bytes = Buffer.from(text, 'latin1');
    const whole = decodeAll(version, [bytes]);
    expect(whole.violation).toMatch(/^The server's reply breaks the protocol: /);
    expect(whole.events).toEqual([]);
    expect(decodeAll(version, inPieces(bytes, 1000)).violation).toBeDefined();
  });

  it.each(rows)('under protocol %i is refused behind a reply, byte by byte: %s', (version, _name, text) => {
    const bytes = Buffer.from(`+fine\r\n${text.slice(0, 5000)}`, 'latin1');
    // What was cut off may not be wrong yet; then the decoder waits.
    const isWhole = text.length <= 5000;
    const outcome = decodeAll(version, inPieces(bytes, 1));
    expect(outcome.events).toEqual([['reply', 'fine']]);
    expect(outcome.violation !== undefined || !isWhole).toBe(true);
  });

  it.each([2, 3] as const)('under protocol %i is refused without quoting it', (version) => {
    for (const [, text] of refused) {
      const { violation } = decodeAll(version, [Buffer.from(`*1\r\n$6\r\nsecret\r\n${text}`, 'latin1')]);
      expect(violation).not.toMatch(/secret|abc|HTTP|xxx/);
    }
  });

  it.each([2, 3] as const)('under protocol %i is refused at the first byte that shows it', (version) => {
    for (const chunks of [
      ['+a\r', 'b'],
      ['+a', 'b\rc'],
      [':1\r', '\r'],
      ['$1', '\rx'],
    ]) {
      const outcome = decodeAll(
        version,
        chunks.map((text) => Buffer.from(text)),
      );
      expect(outcome.violation, chunks.join('|')).toMatch(/carriage return without a line feed/);
    }
  });

  it('is refused with an error that is fatal for the connection only', () => {
    const ignore = () => undefined;
    const decoder = makeDecoder(2, { onReply: ignore, onErrorReply: ignore, onPush: ignore });
    let thrown: unknown;
    try {
      decoder.decode(Buffer.from('GET / HTTP/1.1\r\n'));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ProtocolError);
    expect(thrown).toMatchObject({ code: 'PROTOCOL', executed: 'unknown', message: expect.stringContaining("'G'") });
  });
});

describe.each([2, 3] as const)('memory under protocol %i', (version) => {
  it('does not grow with announced arrays', () => {
    const heads = `*${defaultReplyLimits.maxElements}\r\n`.repeat(defaultReplyLimits.maxDepth);
    expect(growth(version, [Buffer.from(heads)])).toBeLessThan(2 * MiB);
    expect(growth(version, inPieces(Buffer.from(heads), 3))).toBeLessThan(4 * MiB);
  });

  it('does not grow with an announced string', () => {
    const start = Buffer.from(`$${500 * MiB}\r\nabc`);
    for (const bytes of [start, Buffer.concat([Buffer.from('*2\r\n'), start])]) {
      expect(growth(version, [bytes])).toBeLessThan(2 * MiB);
    }
  });

  it('is not asked for a string that JavaScript cannot hold', () => {
    const start = Buffer.from(`$${defaultReplyLimits.maxBulkLength}\r\n`);
    expect(decodeAll(version, [start]).violation).toMatch(/only be given as a Buffer/);
    expect(decodeAll(version, [start], { asBuffers: () => true }).violation).toBeUndefined();
  });

  it('grows with what is received of a string, not by the chunk', () => {
    const start = Buffer.from(`$${500 * MiB}\r\n`);
    const single = Buffer.from('x');
    expect(growth(version, [start, ...Array.from({ length: 200_000 }, () => single)])).toBeLessThan(8 * MiB);
  });
});

describe('limits', () => {
  const limits: ReplyLimits = { maxBulkLength: 10, maxElements: 4, maxDepth: 2, maxLineLength: 20, maxReplyLength: 60 };
  const allowed = [
    '$10\r\n0123456789\r\n',
    '*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n',
    '*1\r\n*1\r\n:1\r\n',
    `+${'x'.repeat(20)}\r\n`,
  ];
  const beyond = [
    '$11\r\n0123456789a\r\n',
    '*5\r\n',
    '*1\r\n*1\r\n*1\r\n:1\r\n',
    `+${'x'.repeat(21)}\r\n`,
    `-${'x'.repeat(21)}\r\n`,
  ];
  const tooMuch = `*4\r\n${`$10\r\n0123456789\r\n`.repeat(4)}`;

  it.each([2, 3] as const)('hold as they were set, under protocol %i, however the bytes are split', (version) => {
    for (const size of [1, 4, 1000]) {
      for (const text of allowed) {
        const { violation, events } = decodeAll(version, inPieces(Buffer.from(text), size), { limits });
        expect({ violation, count: events.length }, text).toEqual({ violation: undefined, count: 1 });
      }
      for (const text of beyond) {
        expect(decodeAll(version, inPieces(Buffer.from(text), size), { limits }).violation, text).toMatch(/more than/);
      }
    }
    expect(decodeAll(version, inPieces(Buffer.from(tooMuch), 8), { limits }).violation).toMatch(/more than 60 bytes/);
  });

  it('hold for what is streamed', () => {
    const streamed = [
      '*?\r\n:1\r\n:2\r\n:3\r\n:4\r\n:5\r\n',
      '$?\r\n;6\r\n012345\r\n;5\r\n01234\r\n',
      '*?\r\n*?\r\n*?\r\n',
    ];
    for (const text of streamed) {
      expect(decodeAll(3, [Buffer.from(text)], { limits }).violation, text).toMatch(/more than/);
    }
    expect(decodeAll(3, [Buffer.from('*?\r\n:1\r\n:2\r\n:3\r\n:4\r\n.\r\n')], { limits }).violation).toBeUndefined();
  });
});
