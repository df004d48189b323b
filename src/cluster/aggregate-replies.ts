import type { ResponsePolicy } from '../commands/command-spec.ts';

/** The replies of a fan-out's parts, all of them successes, and what a merge may want to know of the parts. */
export interface PartReplies {
  /** In the order of the parts; never empty. */
  readonly replies: readonly unknown[];
  /** The node of each part, `host:port`. */
  readonly addresses: readonly string[];
  readonly args: readonly (string | Uint8Array)[];
}

/** Makes one reply, of the shape that a single server would give, of those of all parts. */
export type Merge = (parts: PartReplies) => unknown;

/** Integers are added exactly: beyond 2^53 the sum is a bigint. Anything else counts as 0. */
export function sum(replies: readonly unknown[]): number | bigint {
  let total: number | bigint = 0;
  for (const reply of replies) total = add(total, reply);
  return total;
}

/** Exact: a number where a number is exact, else a bigint. */
export function add(a: number | bigint, b: unknown): number | bigint {
  if (typeof b === 'number' && typeof a === 'number') {
    const total = a + b;
    if (Number.isSafeInteger(total)) return total;
  }
  if (typeof b !== 'number' && typeof b !== 'bigint') return a;
  const exact = BigInt(a) + BigInt(b);
  const rounded = Number(exact);
  return Number.isSafeInteger(rounded) ? rounded : exact;
}

/** The parts' arrays as one, in their order; texts joined by line breaks; anything else is the first reply. */
export function concatenate(replies: readonly unknown[]): unknown {
  const first = replies[0];
  if (Array.isArray(first)) return replies.flat(1);
  if (typeof first === 'string') return replies.join('\n');
  return first;
}

/** Combines two replies value by value; arrays element by element. */
function combine(replies: readonly unknown[], pick: (a: unknown, b: unknown) => unknown): unknown {
  const [first, ...others] = replies;
  let result = first;
  for (const other of others) {
    result =
      Array.isArray(result) && Array.isArray(other)
        ? result.map((element: unknown, i) => pick(element, other[i]))
        : pick(result, other);
  }
  return result;
}

function least(a: unknown, b: unknown): unknown {
  return isInteger(a) && isInteger(b) && b < a ? b : a;
}

function greatest(a: unknown, b: unknown): unknown {
  return isInteger(a) && isInteger(b) && b > a ? b : a;
}

function isInteger(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function isTrue(value: unknown): boolean {
  return isInteger(value) && Number(value) !== 0;
}

/**
 * One reply out of many by a response policy
 * ({@link https://redis.io/docs/latest/develop/reference/command-tips/ command tips}). `default` concatenates; `special` has no
 * rule of its own and gives the first reply. Elements of arrays are combined each with its like (SCRIPT EXISTS, WAITAOF).
 */
export function aggregateReplies(policy: ResponsePolicy, replies: readonly unknown[]): unknown {
  switch (policy) {
    case 'default':
      return concatenate(replies);
    case 'sum':
      return sum(replies);
    case 'min':
      return combine(replies, least);
    case 'max':
      return combine(replies, greatest);
    case 'logicalAnd':
      return combine(replies, (a, b) => (isTrue(a) && isTrue(b) ? 1 : 0));
    case 'logicalOr':
      return combine(replies, (a, b) => (isTrue(a) || isTrue(b) ? 1 : 0));
    case 'oneSucceeded':
    case 'allSucceeded':
    case 'special':
      return replies[0];
  }
}
