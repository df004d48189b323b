import { describe, expect, it } from 'vitest';
import { ReplyError } from '../../../src/errors.ts';
import { normaliseReply } from '../../../src/protocol/normalise-reply.ts';
import { RespBigNumber, RespDouble, RespMap } from '../../../src/protocol/resp-values.ts';

const double = (text: string) => new RespDouble(text);
const error = new ReplyError('ERR', 'ERR x');

/** Command, RESP3 reply, what RESP2 gives. What real servers give is compared in the integration tests. */
const rows: readonly (readonly [command: string, reply: () => unknown, expected: unknown])[] = [
  ['GET', () => 'text', 'text'],
  ['GET', () => null, null],
  ['INCR', () => 9007199254740993n, 9007199254740993n],
  ['VISMEMBER', () => true, 1],
  ['VISMEMBER', () => false, 0],
  ['ZSCORE', () => double('0.10000000000000001'), '0.10000000000000001'],
  ['EVAL', () => new RespBigNumber('123456789012345678901234567890'), '123456789012345678901234567890'],
  ['MGET', () => ['a', null, 'b'], ['a', null, 'b']],
  ['CONFIG GET', () => new RespMap(['maxmemory', '0']), ['maxmemory', '0']],
  ['EVAL', () => [new RespMap(['k', [double('1'), true]]), error], [['k', ['1', 1]], error]],
  ['ZRANGE', () => [], []],
  ['ZRANGE', () => ['a', 'b'], ['a', 'b']],
  [
    'ZRANGE',
    () => [
      ['a', double('1')],
      ['b', double('inf')],
    ],
    ['a', '1', 'b', 'inf'],
  ],
  ['ZPOPMIN', () => ['a', double('1')], ['a', '1']],
  ['ZPOPMIN', () => [['a', double('1')]], ['a', '1']],
  ['HRANDFIELD', () => [['f', 'v']], ['f', 'v']],
  ['HRANDFIELD', () => null, null],
  ['ZMPOP', () => ['key', [['a', double('1')]]], ['key', [['a', '1']]]],
  ['XREAD', () => new RespMap(['s', [['1-1', ['f', 'v']]]]), [['s', [['1-1', ['f', 'v']]]]]],
  ['XREAD', () => null, null],
  ['VSIM', () => new RespMap(['a', [double('1'), null]]), ['a', '1', null]],
];

describe('normaliseReply', () => {
  it.each(rows)('gives %s the shape of RESP2', (name, reply, expected) => {
    expect(normaliseReply({ name }, reply())).toStrictEqual(expected);
  });

  it('gives numbers as Buffers where strings are', () => {
    const reply = [[Buffer.from('a'), double('1.5')]];
    expect(normaliseReply({ name: 'ZRANGE' }, reply, true)).toStrictEqual([Buffer.from('a'), Buffer.from('1.5')]);
  });

  it('leaves the replies within EXEC to those who know their commands', () => {
    const reply = [double('1'), new RespMap(['k', 'v'])];
    expect(normaliseReply({ name: 'EXEC' }, reply)).toStrictEqual([double('1'), new RespMap(['k', 'v'])]);
  });
});
