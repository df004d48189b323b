import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregateReplies, sum } from '../../../src/cluster/aggregate-replies.ts';

describe('sum', () => {
  it('adds exactly: a number while it is safe, a bigint beyond', () => {
    expect(sum([1, 2, 3])).toBe(6);
    expect(sum([Number.MAX_SAFE_INTEGER, 1])).toBe(9007199254740992n);
    expect(sum([9007199254740993n, 2])).toBe(9007199254740995n);
    expect(sum([9007199254740993n, -2])).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('agrees with bigint arithmetic for any integers of 64 bits', () => {
    const integer = fc
      .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
      .map((n) => (Number.isSafeInteger(Number(n)) ? Number(n) : n));
    fc.assert(
      fc.property(fc.array(integer), (integers) => {
        const total = sum(integers);
        expect(BigInt(total)).toBe(integers.reduce((all: bigint, n) => all + BigInt(n), 0n));
        expect(typeof total).toBe(Number.isSafeInteger(Number(total)) ? 'number' : 'bigint');
      }),
    );
  });
});

describe('aggregateReplies', () => {
  it('appends arrays in the order of the parts', () => {
    expect(aggregateReplies('default', [['a', 'b'], [], ['c']])).toEqual(['a', 'b', 'c']);
  });

  it('keeps nested arrays whole', () => {
    expect(aggregateReplies('default', [[['a', 1]], [['b', 2]]])).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });

  it('puts texts one behind the other', () => {
    expect(aggregateReplies('default', ['one', 'two'])).toBe('one\ntwo');
  });

  it('gives the first reply where all must be alike or one suffices', () => {
    expect(aggregateReplies('allSucceeded', ['OK', 'OK'])).toBe('OK');
    expect(aggregateReplies('oneSucceeded', ['OK'])).toBe('OK');
  });

  it('combines truth values, each with its like in arrays', () => {
    expect(aggregateReplies('logicalAnd', [1, 0])).toBe(0);
    expect(aggregateReplies('logicalOr', [0, 1])).toBe(1);
    expect(
      aggregateReplies('logicalAnd', [
        [1, 1, 0],
        [1, 0, 0],
        [1, 1, 0],
      ]),
    ).toEqual([1, 0, 0]);
    expect(
      aggregateReplies('logicalOr', [
        [1, 0, 0],
        [0, 1, 0],
      ]),
    ).toEqual([1, 1, 0]);
  });

  it('finds the least and the greatest, also among numbers and bigints, each with its like in arrays', () => {
    expect(aggregateReplies('min', [3, 1, 2])).toBe(1);
    expect(aggregateReplies('max', [3, 9007199254740993n, 2])).toBe(9007199254740993n);
    expect(
      aggregateReplies('min', [
        [1, 5],
        [0, 7],
      ]),
    ).toEqual([0, 5]);
  });

  it.each(['default', 'sum', 'min', 'max', 'allSucceeded', 'special'] as const)(
    'leaves a single reply as it is (%s)',
    (policy) => {
      expect(aggregateReplies(policy, [7])).toBe(7);
    },
  );
});
