import { UsageError } from '../errors.ts';
import type { CommandSpec, WireArgument } from './command-spec.ts';
import { resolveSpec } from './command-table.ts';

/** Deeper nesting than pairs in a list has no meaning, and a cyclic array must end. */
const maxDepth = 3;

/** A Uint8Array up to this length is copied at the call, so that its caller may use the memory anew at once. */
const KEPT_BYTES = 512;

/** Commands that take fields with values or keys with values, for which objects and maps have a meaning. */
const takesPairs: ReadonlySet<string> = new Set([
  'CONFIG SET',
  'HMSET',
  'HSET',
  'HSETEX',
  'MSET',
  'MSETEX',
  'MSETNX',
  'XADD',
]);

/**
 * The arguments as they go to the server: strings and bytes as they are (short ones copied), numbers and bigints as decimal text, arrays and sets
 * flattened, and for commands that take pairs also maps and plain objects. The array given is the call's own: it is changed in
 * place and returned unless something had to be flattened.
 *
 * @throws UsageError naming the command and the argument's position (1 is the first), never its value, if an argument
 *   has no meaning (undefined, null, NaN, a boolean, a function, …) or if their number is wrong.
 */
export function flattenArguments(spec: CommandSpec, args: unknown[]): WireArgument[] {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (typeof arg === 'string') continue;
    if (typeof arg === 'number') args[i] = decimalText(spec, arg, i);
    else if (arg instanceof Uint8Array) args[i] = keepBytes(arg);
    else return flattenNested(spec, args, i);
  }
  // Each element has just been found, or made, to be a string or bytes.
  const flat = args as WireArgument[];
  checkArity(spec, flat);
  return flat;
}

function flattenNested(spec: CommandSpec, args: readonly unknown[], firstNested: number): WireArgument[] {
  const flat: WireArgument[] = [];
  for (let i = 0; i < args.length; i++) {
    if (i < firstNested) flat.push(args[i] as WireArgument);
    else appendArgument(spec, args[i], i, 0, flat);
  }
  checkArity(spec, flat);
  return flat;
}

function appendArgument(spec: CommandSpec, arg: unknown, position: number, depth: number, flat: WireArgument[]): void {
  if (typeof arg === 'string') flat.push(arg);
  else if (arg instanceof Uint8Array) flat.push(keepBytes(arg));
  else if (typeof arg === 'number') flat.push(decimalText(spec, arg, position));
  else if (typeof arg === 'bigint') flat.push(arg.toString());
  else if (depth >= maxDepth) throw meaningless(spec, position, 'is nested too deeply');
  else if (Array.isArray(arg) || arg instanceof Set) {
    for (const element of arg) appendArgument(spec, element, position, depth + 1, flat);
  } else if (arg instanceof Map || isPlainObject(arg)) appendPairs(spec, arg, position, depth, flat);
  else throw meaningless(spec, position, `is ${describe(arg)}, which has no meaning as an argument`);
}

function appendPairs(
  spec: CommandSpec,
  pairs: ReadonlyMap<unknown, unknown> | Readonly<Record<string, unknown>>,
  position: number,
  depth: number,
  flat: WireArgument[],
): void {
  if (!takesPairs.has(spec.name) && !takesPairs.has(resolveSpec(spec, flat).name)) {
    const what = pairs instanceof Map ? 'a Map' : 'an object';
    throw meaningless(spec, position, `is ${what}, but the command does not take pairs of names and values`);
  }
  for (const [name, value] of pairs instanceof Map ? pairs : Object.entries(pairs)) {
    appendArgument(spec, name, position, depth + 1, flat);
    if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
      throw meaningless(spec, position, `has ${describe(value)} as a value`);
    }
    appendArgument(spec, value, position, depth + 1, flat);
  }
}

/** Bytes as they are now, if they are few; many are not worth a copy, and must not be changed while their command is pending. */
export function keepBytes(bytes: Uint8Array): Uint8Array {
  return bytes.length > KEPT_BYTES ? bytes : Buffer.from(bytes);
}

function isPlainObject(arg: unknown): arg is Record<string, unknown> {
  if (typeof arg !== 'object' || arg === null) return false;
  const prototype: unknown = Object.getPrototypeOf(arg);
  return prototype === null || prototype === Object.prototype;
}

/**
 * The decimal text of exactly this number if it is whole, else the shortest that reads back as the same number; never with an
 * exponent, which Redis does not read where it expects an integer. Infinity is a score, so it goes through for sorted
 * sets only.
 */
function decimalText(spec: CommandSpec, value: number, position: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  if (Number.isInteger(value)) return BigInt(value).toString();
  if (Number.isFinite(value)) {
    const text = String(value);
    return text.includes('e') ? withoutExponent(text) : text;
  }
  if (Number.isNaN(value)) throw meaningless(spec, position, 'is NaN');
  if (!/^B?Z/.test(spec.name)) throw meaningless(spec, position, 'is infinite, which only scores can be');
  return value > 0 ? '+inf' : '-inf';
}

/** `d.ddde-n` as `0.000ddd`: only fractions below 1e-6 come here. */
function withoutExponent(text: string): string {
  const [mantissa = '', exponent = '0'] = text.split('e');
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace('-', '').replace('.', '');
  return `${sign}0.${'0'.repeat(-Number(exponent) - 1)}${digits}`;
}

function checkArity(spec: CommandSpec, flat: readonly WireArgument[]): void {
  const { arity } = spec;
  if (spec.subcommands === undefined) {
    if (arity > 0 ? flat.length + 1 === arity : flat.length + 1 >= -arity) return;
    throw wrongCount(spec, flat.length);
  }
  const resolved = resolveSpec(spec, flat);
  if (resolved.arity > 0 ? flat.length + 1 !== resolved.arity : flat.length + 1 < -resolved.arity) {
    throw wrongCount(resolved, flat.length);
  }
}

function wrongCount(spec: CommandSpec, given: number): UsageError {
  const expected = Math.abs(spec.arity) - 1;
  const amount = spec.arity > 0 ? `${expected}` : `at least ${expected}`;
  const counted = spec.name.includes(' ') ? ', its subcommand counted' : '';
  const noun = expected === 1 ? 'argument' : 'arguments';
  return new UsageError('USAGE', `${spec.name} takes ${amount} ${noun}${counted}; ${given} given`, {
    command: spec.name,
  });
}

function meaningless(spec: CommandSpec, position: number, what: string): UsageError {
  return new UsageError('USAGE', `${spec.name}: argument ${position + 1} ${what}`, { command: spec.name });
}

/** What kind of thing an argument is, without saying its value. */
function describe(arg: unknown): string {
  if (arg === undefined || arg === null) return String(arg);
  if (typeof arg === 'boolean') return 'a boolean';
  if (typeof arg === 'function') return 'a function';
  if (typeof arg === 'symbol') return 'a symbol';
  if (Array.isArray(arg)) return 'an array';
  if (arg instanceof Promise) return 'a promise (await it first)';
  if (arg instanceof Date) return 'a Date (give its number of seconds or milliseconds, or its text)';
  return ArrayBuffer.isView(arg) || arg instanceof ArrayBuffer ? 'binary, but no Buffer or Uint8Array' : 'an object';
}
