import { describe, expect, test } from 'vitest';
import { CommandFlag } from '../../../src/commands/command-spec.ts';
import { allCommands, findCommand, resolveSpec, unknownSpec } from '../../../src/commands/command-table.ts';
import { keyPositions, prefixKeys } from '../../../src/commands/keys.ts';

function keysOf(call: string): string[] {
  const [name = '', ...args] = call.split(' ');
  const spec = findCommand(name) ?? unknownSpec(name);
  return keyPositions(spec, args).map((position) => args[position] ?? '');
}

function prefixed(call: string): string {
  const [name = '', ...args] = call.split(' ');
  const spec = findCommand(name) ?? unknownSpec(name);
  return [name, ...prefixKeys(spec, args, 'p:')].join(' ');
}

describe('key positions', () => {
  test.each([
    ['get a', 'a'],
    ['mset a 1 b 2', 'a b'],
    ['eval script 2 a b c', 'a b'],
    ['eval script 0 a', ''],
    ['eval script 9 a b', 'a b'],
    ['eval script many a', ''],
    ['fcall_ro f 1 a b', 'a'],
    ['xread count 1 streams a b 0 0', 'a b'],
    ['xreadgroup GROUP STREAMS STREAMS STREAMS a >', 'a'],
    ['zunionstore d 2 a b WEIGHTS 1 2', 'd a b'],
    ['zinter 1 a', 'a'],
    ['lmpop 2 a b LEFT', 'a b'],
    ['blpop a b 0', 'a b'],
    ['sort a BY w_* GET STORE STORE d', 'a d'],
    ['sort a LIMIT 0 1 GET x', 'a'],
    ['sort_ro a BY w_*', 'a'],
    ['georadius a 1 2 3 m STORE x STOREDIST d', 'a d'],
    ['georadiusbymember a STORE 3 m', 'a'],
    ['migrate host 1 a 0 5 REPLACE', 'a'],
    ['migrate host 1  0 5 COPY KEYS a b', 'a b'],
    ['migrate host 1  0 5 AUTH KEYS KEYS a', 'a'],
    ['object ENCODING a', 'a'],
    ['object help', ''],
    ['memory usage a SAMPLES 1', 'a'],
    ['memory doctor', ''],
    ['xgroup create a g $', 'a'],
    ['xinfo stream a', 'a'],
    ['msetex 2 a 1 b 2 EX 10', 'a b'],
    ['bitop and d a b', 'd a b'],
    ['pfdebug getreg a', 'a'],
    ['copy a b DB 0', 'a b'],
    ['spublish c message', 'c'],
    ['publish c message', ''],
    ['ft.search a b', ''],
  ])('%s', (call, keys) => {
    expect(keysOf(call).join(' ')).toBe(keys);
  });

  test('keywords and counts may be Buffers', () => {
    const xread = findCommand('xread') ?? unknownSpec('xread');
    expect(keyPositions(xread, [Buffer.from('streams'), Buffer.from('a'), '0'])).toEqual([1]);
    const evaluate = findCommand('eval') ?? unknownSpec('eval');
    expect(keyPositions(evaluate, ['script', Buffer.from('1'), 'a', 'b'])).toEqual([2]);
  });

  test('the one key of a plain command stands where the spec says', () => {
    let plain = 0;
    for (const spec of allCommands()) {
      if (spec.onlyKeyAt < 0) continue;
      plain++;
      const args = ['1', '2', '3', '4'];
      expect(keyPositions(spec, args), spec.name).toEqual([spec.onlyKeyAt]);
    }
    expect(plain).toBeGreaterThan(120);
  });

  test('a channel routes like a key and is none', () => {
    const spublish = findCommand('spublish') ?? unknownSpec('spublish');
    expect(keyPositions(spublish, ['channel', 'message'])).toEqual([0]);
    expect(keyPositions(spublish, ['channel', 'message'], { includeNotKeys: false })).toEqual([]);
  });
});

describe('a key prefix', () => {
  test.each([
    ['get a', 'get p:a'],
    ['mset a 1 b 2', 'mset p:a 1 p:b 2'],
    ['object encoding a', 'object encoding p:a'],
    ['xread streams a b 0 0', 'xread streams p:a p:b 0 0'],
    ['sort a BY w_* GET # GET o_*->f STORE d', 'sort p:a BY p:w_* GET # GET p:o_*->f STORE p:d'],
    ['sort a BY nosort LIMIT 0 GET GET x', 'sort p:a BY nosort LIMIT 0 GET GET p:x'],
    ['spublish channel message', 'spublish channel message'],
    ['keys *', 'keys *'],
    ['eval script 1 a b', 'eval script 1 p:a b'],
  ])('%s becomes %s', (call, expected) => {
    expect(prefixed(call)).toBe(expected);
  });

  test('keeps bytes apart from text and does not touch what it was given', () => {
    const get = findCommand('get') ?? unknownSpec('get');
    const args = [Buffer.from([0xff])];
    expect(prefixKeys(get, args, 'p:')).toEqual([Buffer.from([0x70, 0x3a, 0xff])]);
    expect(prefixKeys(get, ['a'], Buffer.from([0xfe]))).toEqual([Buffer.from([0xfe, 0x61])]);
    expect(args).toEqual([Buffer.from([0xff])]);
  });
});

describe('the table', () => {
  test('finds commands whatever their case, and subcommands', () => {
    expect(findCommand('hGetAll')?.name).toBe('HGETALL');
    expect(findCommand('nope')).toBeUndefined();
    const config = findCommand('config') ?? unknownSpec('config');
    expect(resolveSpec(config, ['Get', 'x']).name).toBe('CONFIG GET');
    expect(resolveSpec(config, [Buffer.from('SET')]).name).toBe('CONFIG SET');
    expect(resolveSpec(config, ['nope']).name).toBe('CONFIG');
    expect(resolveSpec(config, []).name).toBe('CONFIG');
  });

  test('knows every command that the facts have', () => {
    const names = [...allCommands()].flatMap((spec) => [spec, ...(spec.subcommands?.values() ?? [])]);
    expect(names.length).toBe(411);
  });

  test.each([
    ['get', CommandFlag.readOnly, CommandFlag.write],
    ['set', CommandFlag.write, CommandFlag.readOnly],
    ['eval', CommandFlag.write, CommandFlag.readOnly],
    ['eval_ro', CommandFlag.readOnly, CommandFlag.write],
    ['blpop', CommandFlag.blocking, CommandFlag.readOnly],
    ['wait', CommandFlag.blocking, CommandFlag.write],
    ['select', CommandFlag.connectionState, CommandFlag.write],
    ['info', CommandFlag.readOnly, CommandFlag.connectionState],
    ['publish', CommandFlag.write, CommandFlag.readOnly],
  ])('%s has the flags that decide on repeating and routing it', (name, has, lacks) => {
    const flags = findCommand(name)?.flags ?? 0;
    expect(flags & has).toBe(has);
    expect(flags & lacks).toBe(0);
  });

  test('takes unknown commands for writes without keys, never to be executed twice', () => {
    const spec = unknownSpec('ft.search');
    expect(spec.name).toBe('FT.SEARCH');
    expect(String(spec.encodedName)).toBe('$9\r\nFT.SEARCH\r\n');
    expect(spec.flags & CommandFlag.write).toBe(CommandFlag.write);
  });

  test('writes a container under its own name', () => {
    const config = findCommand('config') ?? unknownSpec('config');
    expect(String(resolveSpec(config, ['GET']).encodedName)).toBe('$6\r\nCONFIG\r\n');
  });
});

describe('HGETALL', () => {
  const transform = findCommand('hgetall')?.transformReply ?? ((reply: unknown) => reply);

  test('gives a plain object', () => {
    expect(transform(['f', 'v', 'g', 'w'])).toStrictEqual({ f: 'v', g: 'w' });
    expect(transform([])).toStrictEqual({});
    expect(transform([Buffer.from('f'), Buffer.from('v')])).toStrictEqual({ f: Buffer.from('v') });
  });

  test('takes a field named __proto__ for a field', () => {
    const object = transform(['__proto__', 'polluted', 'f', 'v']);
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
    expect(Object.entries(object ?? {})).toEqual([
      ['__proto__', 'polluted'],
      ['f', 'v'],
    ]);
    expect({}).not.toHaveProperty('polluted');
  });
});
