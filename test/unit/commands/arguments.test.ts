import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flattenArguments } from '../../../src/commands/arguments.ts';
import { findCommand, unknownSpec } from '../../../src/commands/command-table.ts';
import { UsageError } from '../../../src/errors.ts';

function flatten(name: string, ...args: unknown[]): unknown[] {
  return flattenArguments(findCommand(name) ?? unknownSpec(name), args);
}

function refusal(name: string, ...args: unknown[]): UsageError {
  try {
    flatten(name, ...args);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error(`${name} was not refused`);
}

describe('what is sent', () => {
  test('few bytes go as they are at the call, many by reference', () => {
    const few = Buffer.from('before');
    const many = Buffer.alloc(513, 'before');
    const sent = [flatten('mget', 'key', few, many), flatten('mget', ['key', few, many])];
    few.write('after!');
    for (const args of sent) {
      expect(args).toEqual(['key', Buffer.from('before'), many]);
      expect(args[2]).toBe(many);
    }
    expect(flatten('set', 'key', new Uint8Array([1, 2]))).toEqual(['key', Buffer.from([1, 2])]);
  });

  test.each([
    [0, '0'],
    [-0, '0'],
    [42, '42'],
    [-1.5, '-1.5'],
    [0.1 + 0.2, '0.30000000000000004'],
    [2 ** 53, '9007199254740992'],
    [2 ** 62, '4611686018427387904'],
    [1e21, '1000000000000000000000'],
    [-1.5e300, BigInt(-1.5e300).toString()],
    [1e-7, '0.0000001'],
    [-1.25e-9, '-0.00000000125'],
    [123n, '123'],
    [-(2n ** 63n), '-9223372036854775808'],
  ])('the number %s goes as %s', (number, text) => {
    expect(flatten('set', 'key', number)).toEqual(['key', text]);
  });

  test('every finite number reads back as itself, and without an exponent', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        const text = String(flatten('set', 'key', number)[1]);
        expect(text).toMatch(/^-?\d+(\.\d+)?$/);
        // The sign of zero has no meaning to a server.
        expect(Number(text) + 0).toBe(number + 0);
      }),
    );
  });

  test('infinity is a score', () => {
    expect(flatten('zadd', 'key', Infinity, 'a', -Infinity, 'b')).toEqual(['key', '+inf', 'a', '-inf', 'b']);
    expect(refusal('set', 'key', Infinity).message).toMatch(/SET: argument 2 is infinite/);
  });

  test('arrays and sets are flattened', () => {
    expect(flatten('del', ['a', 'b'])).toEqual(['a', 'b']);
    expect(flatten('sadd', 'key', new Set(['a', 1]))).toEqual(['key', 'a', '1']);
    expect(
      flatten('zadd', 'key', 'NX', [
        [1, 'a'],
        [2, 'b'],
      ]),
    ).toEqual(['key', 'NX', '1', 'a', '2', 'b']);
    expect(flatten('blpop', ['a', 'b'], 0)).toEqual(['a', 'b', '0']);
  });

  test('objects and maps become names and values', () => {
    expect(flatten('mset', { a: 1, b: 'two' })).toEqual(['a', '1', 'b', 'two']);
    expect(
      flatten(
        'hset',
        'key',
        new Map<unknown, unknown>([
          ['f', 1n],
          [2, Buffer.from('x')],
        ]),
      ),
    ).toEqual(['key', 'f', '1', '2', Buffer.from('x')]);
    expect(flatten('xadd', 'key', '*', { field: 'value' })).toEqual(['key', '*', 'field', 'value']);
    expect(flatten('config', 'SET', { maxmemory: 1 })).toEqual(['SET', 'maxmemory', '1']);
    expect(flatten('hset', 'key', Object.assign(Object.create(null), { f: 1 }))).toEqual(['key', 'f', '1']);
  });

  test('the array that was given is not copied unless something had to be flattened', () => {
    const args = ['key', 1];
    const spec = findCommand('set') ?? unknownSpec('set');
    expect(flattenArguments(spec, args)).toBe(args);
  });

  test('unknown commands take anything that has a meaning', () => {
    expect(flatten('ft.search', 'index', ['a', 2])).toEqual(['index', 'a', '2']);
    expect(refusal('ft.search', undefined).command).toBe('FT.SEARCH');
  });
});

describe('what is refused', () => {
  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['NaN', Number.NaN],
    ['a boolean', true],
    ['a function', () => 1],
    ['a symbol', Symbol('secret')],
    ['a promise', Promise.resolve('x')],
    ['a Date', new Date()],
    ['an object', { a: 1 }],
    ['an object', new (class Thing {})()],
    ['binary', new Uint16Array(2)],
  ])('%s', (word, value) => {
    const error = refusal('set', 'secret', value);
    expect(error.code).toBe('USAGE');
    expect(error.executed).toBe('no');
    expect(error.command).toBe('SET');
    expect(error.message).toContain('SET: argument 2 is');
    expect(error.message).toContain(word);
    expect(error.message).not.toContain('secret');
  });

  test('what lies inside an array, by the position of the array', () => {
    expect(refusal('del', 'a', ['b', undefined]).message).toContain('DEL: argument 2 is undefined');
    expect(refusal('hset', 'key', { f: null }).message).toContain('HSET: argument 2 is null');
    expect(refusal('hset', 'key', { f: ['v'] }).message).toContain('HSET: argument 2 has an array as a value');
  });

  test('an array that contains itself', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(refusal('del', cycle).message).toContain('nested too deeply');
  });

  test.each<[string, unknown[], string]>([
    ['get', [], 'GET takes 1 argument; 0 given'],
    ['get', ['a', 'b'], 'GET takes 1 argument; 2 given'],
    ['set', ['a'], 'SET takes at least 2 arguments; 1 given'],
    ['del', [[]], 'DEL takes at least 1 argument; 0 given'],
    ['mset', [{}], 'MSET takes at least 2 arguments; 0 given'],
    ['config', ['get'], 'CONFIG GET takes at least 2 arguments, its subcommand counted; 1 given'],
    ['config', [], 'CONFIG takes at least 1 argument; 0 given'],
    ['object', ['ENCODING'], 'OBJECT ENCODING takes 2 arguments, its subcommand counted; 1 given'],
  ])('a wrong number of arguments: %s %j', (name, args, message) => {
    expect(refusal(name, ...args).message).toBe(message);
  });
});
