import { describe, expect, it } from 'vitest';
import { RespBigNumber, RespDouble, RespMap } from '../../../src/protocol/resp-values.ts';
import { type Decoded, decodeAll, type Outcome } from '../../helpers/decode-all.ts';

const reply = (value: unknown): Decoded => ['reply', value];
const error = (code: string, message: string) => ({ code, error: message });
const double = (text: string) => reply(new RespDouble(text));

/** What it is, the bytes, and what they decode to. */
const rows: readonly (readonly [name: string, wire: string, events: readonly Decoded[]])[] = [
  ['simple string', '+OK\r\n', [reply('OK')]],
  ['empty simple string', '+\r\n', [reply('')]],
  ['error', '-WRONGTYPE no\r\n', [['error', 'WRONGTYPE', 'WRONGTYPE no']]],
  ['blob error', '!11\r\nMINE a\r\nb c\r\n', [['error', 'MINE', 'MINE a\r\nb c']]],
  ['integer', ':1000\r\n', [reply(1000)]],
  ['negative integer', ':-7\r\n', [reply(-7)]],
  ['integer with a sign', ':+7\r\n', [reply(7)]],
  ['negative zero', ':-0\r\n', [reply(0)]],
  ['greatest safe integer', ':9007199254740991\r\n', [reply(9007199254740991)]],
  ['integer beyond the safe ones', ':9007199254740993\r\n', [reply(9007199254740993n)]],
  ['greatest integer', ':9223372036854775807\r\n', [reply(9223372036854775807n)]],
  ['least integer', ':-9223372036854775808\r\n', [reply(-9223372036854775808n)]],
  ['bulk string', '$5\r\nhello\r\n', [reply('hello')]],
  ['empty bulk string', '$0\r\n\r\n', [reply('')]],
  ['bulk string with a line end', '$4\r\na\r\nb\r\n', [reply('a\r\nb')]],
  [
    'bulk string beyond ASCII',
    '$9\r\ngr\u00fc\u00dfe \u26a1\r\n'.replace('$9', '$11'),
    [reply('gr\u00fc\u00dfe \u26a1')],
  ],
  ['null bulk string', '$-1\r\n', [reply(null)]],
  ['null array', '*-1\r\n', [reply(null)]],
  ['null', '_\r\n', [reply(null)]],
  ['array', '*3\r\n:1\r\n+a\r\n$1\r\nb\r\n', [reply([1, 'a', 'b'])]],
  ['empty array', '*0\r\n', [reply([])]],
  ['arrays in arrays', '*2\r\n*1\r\n:1\r\n*1\r\n*0\r\n', [reply([[1], [[]]])]],
  ['error in an array', '*2\r\n-ERR x\r\n:1\r\n', [reply([error('ERR', 'ERR x'), 1])]],
  ['null in an array', '*2\r\n$-1\r\n_\r\n', [reply([null, null])]],
  ['true', '#t\r\n', [reply(true)]],
  ['false', '#f\r\n', [reply(false)]],
  ['double', ',1.25\r\n', [double('1.25')]],
  ['double with every digit', ',0.10000000000000001\r\n', [double('0.10000000000000001')]],
  ['double without a fraction', ',10\r\n', [double('10')]],
  ['double with an exponent', ',-1.5e-300\r\n', [double('-1.5e-300')]],
  ['infinity', ',inf\r\n', [double('inf')]],
  ['negative infinity', ',-inf\r\n', [double('-inf')]],
  ['not a number', ',nan\r\n', [double('nan')]],
  [
    'big number',
    '(3492890328409238509324850943850943825024385\r\n',
    [reply(new RespBigNumber('3492890328409238509324850943850943825024385'))],
  ],
  ['verbatim string', '=15\r\ntxt:Some string\r\n', [reply('Some string')]],
  ['set', '~2\r\n+a\r\n:1\r\n', [reply(['a', 1])]],
  ['map', '%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n', [reply(new RespMap(['a', 1, 'b', [2]]))]],
  ['empty map', '%0\r\n', [reply(new RespMap([]))]],
  ['attribute before a reply', '|1\r\n+ttl\r\n:5\r\n$1\r\nv\r\n', [['attribute', ['ttl', 5]], reply('v')]],
  ['attribute before an element', '*2\r\n:1\r\n|1\r\n+ttl\r\n:5\r\n:2\r\n', [['attribute', ['ttl', 5]], reply([1, 2])]],
  ['empty attribute', '|0\r\n:1\r\n', [reply(1)]],
  [
    'push between replies',
    ':1\r\n>2\r\n+message\r\n$1\r\nx\r\n:2\r\n',
    [reply(1), ['push', ['message', 'x']], reply(2)],
  ],
  ['streamed string', '$?\r\n;4\r\nHell\r\n;6\r\no wor\r\r\n;1\r\nd\r\n;0\r\n', [reply('Hello wor\rd')]],
  ['empty streamed string', '$?\r\n;0\r\n:1\r\n', [reply(''), reply(1)]],
  ['character split by a streamed string', '$?\r\n;1\r\n\xc3\r\n;1\r\n\xbc\r\n;0\r\n', [reply('ü')]],
  ['streamed array', '*?\r\n:1\r\n*?\r\n.\r\n:2\r\n.\r\n', [reply([1, [], 2])]],
  ['streamed set', '~?\r\n+a\r\n.\r\n', [reply(['a'])]],
  ['streamed map', '%?\r\n+a\r\n:1\r\n+b\r\n:2\r\n.\r\n', [reply(new RespMap(['a', 1, 'b', 2]))]],
  ['streamed string in a streamed array', '*?\r\n$?\r\n;1\r\nx\r\n;0\r\n.\r\n:9\r\n', [reply(['x']), reply(9)]],
];

function bytesOf(name: string, wire: string): Buffer {
  return Buffer.from(wire, name.includes('split by') ? 'latin1' : 'utf8');
}

describe('the RESP3 decoder', () => {
  it.each(rows)('decodes: %s', (name, wire, events) => {
    expect(decodeAll(3, [bytesOf(name, wire)])).toStrictEqual({ events, violation: undefined });
  });

  it.each(rows)('decodes split at every byte: %s', (name, wire, events) => {
    const bytes = bytesOf(name, wire);
    const expected: Outcome = { events: [...events], violation: undefined };
    for (let at = 1; at < bytes.length; at++) {
      expect(decodeAll(3, [bytes.subarray(0, at), bytes.subarray(at)]), `split at ${at}`).toStrictEqual(expected);
    }
    expect(
      decodeAll(
        3,
        [...bytes].map((byte) => Buffer.from([byte])),
      ),
    ).toStrictEqual(expected);
  });

  it('gives all rows in one chunk, one after the other', () => {
    const wire = Buffer.concat(rows.map(([name, text]) => bytesOf(name, text)));
    expect(decodeAll(3, [wire]).events).toStrictEqual(rows.flatMap(([, , events]) => events));
  });

  it('gives Buffers for the replies that are wanted so, and for no other', () => {
    const wire = Buffer.from('$1\r\na\r\n*2\r\n+b\r\n=5\r\ntxt:c\r\n$1\r\nd\r\n%1\r\n+e\r\n,1\r\n');
    const { events } = decodeAll(3, [wire], { asBuffers: (number) => number % 2 === 1 });
    expect(events).toStrictEqual([
      reply('a'),
      reply([Buffer.from('b'), Buffer.from('c')]),
      reply('d'),
      reply(new RespMap([Buffer.from('e'), new RespDouble('1')])),
    ]);
  });
});
