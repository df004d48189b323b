import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinSlots, type SlotPart, splitBySlot } from '../../../src/cluster/split-by-slot.ts';
import { specNamed } from '../../../src/commands/command-table.ts';
import { CrossSlotError } from '../../../src/errors.ts';
import { keySlot } from '../../../src/slots/key-slot.ts';

function partsOf(name: string, ...args: string[]): SlotPart[] {
  const parts = splitBySlot(specNamed(name), args);
  if (typeof parts === 'number') throw new Error(`one slot only: ${parts}`);
  return parts;
}

const argsOf = (parts: readonly SlotPart[]) => parts.map((part) => part.args);

describe('splitBySlot', () => {
  it('gives the slot itself when all keys have one', () => {
    expect(splitBySlot(specNamed('MGET'), ['{a}1', '{a}2', 'a'])).toBe(keySlot('a'));
    expect(splitBySlot(specNamed('MSET'), ['{a}1', '1', '{a}2', '2'])).toBe(keySlot('a'));
    expect(splitBySlot(specNamed('DEL'), ['a'])).toBe(keySlot('a'));
  });

  it('makes one part a slot, keys in the order of the call', () => {
    const parts = partsOf('MGET', '{a}1', '{b}1', '{a}2', '{b}2', '{a}1');
    expect(argsOf(parts)).toEqual([
      ['{a}1', '{a}2', '{a}1'],
      ['{b}1', '{b}2'],
    ]);
    expect(parts.map((part) => part.slot)).toEqual([keySlot('a'), keySlot('b')]);
  });

  it('keeps values with their keys', () => {
    expect(argsOf(partsOf('MSET', '{a}1', 'b', '{b}1', '{a}1', '{a}2', 'x'))).toEqual([
      ['{a}1', 'b', '{a}2', 'x'],
      ['{b}1', '{a}1'],
    ]);
  });

  it('counts the keys of each part of MSETEX and repeats its options', () => {
    expect(argsOf(partsOf('MSETEX', '3', '{a}1', '1', '{b}1', '2', '{a}2', '3', 'EX', '10'))).toEqual([
      ['2', '{a}1', '1', '{a}2', '3', 'EX', '10'],
      ['1', '{b}1', '2', 'EX', '10'],
    ]);
  });

  it.each(['NX', 'xx'])('does not split MSETEX %s, which is all or nothing', (condition) => {
    const args = ['2', '{a}1', '1', '{b}1', '2', condition];
    expect(() => splitBySlot(specNamed('MSETEX'), args)).toThrow(CrossSlotError);
    expect(splitBySlot(specNamed('MSETEX'), ['2', '{a}1', '1', '{a}2', '2', condition])).toBe(keySlot('a'));
  });

  it('leaves to a server what makes no sense', () => {
    expect(splitBySlot(specNamed('MSETEX'), ['9', 'a', '1'])).toBe(keySlot('a'));
    expect(splitBySlot(specNamed('MSETEX'), ['many', 'a', '1'])).toBe(keySlot('a'));
    expect(splitBySlot(specNamed('MSET'), ['{a}1', '1', '{b}1'])).toBe(keySlot('a'));
  });

  it('splits Buffers like the strings of the same bytes', () => {
    const keys = ['ключ', 'b', 'c'];
    const parts = splitBySlot(
      specNamed('MGET'),
      keys.map((key) => Buffer.from(key)),
    );
    expect(parts).toMatchObject(partsOf('MGET', ...keys).map(({ slot, positions }) => ({ slot, positions })));
  });
});

describe('joinSlots', () => {
  it('puts the values back in the order of the keys, whatever keys there are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 }), { minLength: 1, maxLength: 40 }), (keys) => {
        const split = splitBySlot(specNamed('MGET'), keys);
        if (typeof split === 'number') return;
        const replies = split.map((part) => part.args.map((key) => `value of ${String(key)}`));
        expect(joinSlots(specNamed('MGET'), split, replies)).toEqual(keys.map((key) => `value of ${key}`));
      }),
    );
  });

  it('adds counts and takes one OK for all', () => {
    expect(joinSlots(specNamed('DEL'), partsOf('DEL', 'a', 'b'), [1, 1])).toBe(2);
    expect(joinSlots(specNamed('MSET'), partsOf('MSET', 'a', '1', 'b', '2'), ['OK', 'OK'])).toBe('OK');
  });
});
