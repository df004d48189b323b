import type { CommandSpec, KeySpec, WireArgument } from './command-spec.ts';
import { resolveSpec } from './command-table.ts';

/**
 * Positions of the keys in the caller's arguments (0 is the first after the name), in ascending order and equal to what
 * COMMAND GETKEYS says of the same call. Arguments that make no valid call (a key count that is no number or too large) give the
 * positions that are certain: the server will refuse the call anyway.
 *
 * By default the arguments that route like a key without being one are included (the channel of SPUBLISH), because
 * routing asks. `args` have been flattened.
 */
export function keyPositions(
  spec: CommandSpec,
  args: readonly WireArgument[],
  { includeNotKeys = true }: { readonly includeNotKeys?: boolean } = {},
): number[] {
  const resolved = resolveSpec(spec, args);
  const irregular = irregularPositions.get(resolved.name);
  if (irregular !== undefined) return irregular(args);
  const positions: number[] = [];
  for (const keySpec of resolved.keySpecs) {
    if (includeNotKeys || !keySpec.notKey) addPositions(keySpec, args, positions);
  }
  return resolved.keySpecs.length > 1 ? [...new Set(positions)].sort((a, b) => a - b) : positions;
}

/**
 * The same arguments with `prefix` before every key and nothing else: not before channels, and before the patterns of SORT's BY
 * and GET only where they name keys (`GET #` and a BY without a `*` do not). `args` are not changed.
 */
export function prefixKeys(
  spec: CommandSpec,
  args: readonly WireArgument[],
  prefix: string | Uint8Array,
): readonly WireArgument[] {
  const positions = keyPositions(spec, args, { includeNotKeys: false });
  if (spec.name === 'SORT' || spec.name === 'SORT_RO') positions.push(...sortPatternPositions(args));
  if (positions.length === 0 || prefix.length === 0) return args;
  const prefixed = args.slice();
  for (const position of positions) {
    const key = args[position];
    if (key !== undefined) prefixed[position] = joinBytes(prefix, key);
  }
  return prefixed;
}

/** Adds what one key spec finds. Inside, positions are the server's: the command's name is 0, so that the facts read as given. */
function addPositions(keySpec: KeySpec, args: readonly WireArgument[], positions: number[]): void {
  const first = firstPosition(keySpec.begin, args);
  if (first < 1) return;
  const count = args.length + 1;
  const { find } = keySpec;
  if (find.type === 'range') {
    const last = lastOfRange(find, first, count);
    for (let i = first; i <= last && i < count; i += find.step) positions.push(i - 1);
  } else if (find.type === 'keynum') {
    const keyCount = countAt(args, first + find.keyNumIndex - 1);
    const start = first + find.firstKey;
    const end = Math.min(start + (keyCount - 1) * find.step, count - 1);
    for (let i = start; i <= end; i += find.step) positions.push(i - 1);
  }
}

function firstPosition(begin: KeySpec['begin'], args: readonly WireArgument[]): number {
  if (begin.type === 'index') return begin.index;
  if (begin.type === 'unknown') return -1;
  const found = findKeyword(args, begin.keyword, begin.startFrom);
  return found < 0 ? -1 : found + 1;
}

/**
 * Position of a keyword, whatever its case, or -1. A positive start searches forwards, a negative one counts from the end and
 * searches backwards. The last argument is never the keyword when searching forwards: nothing would follow it.
 */
function findKeyword(args: readonly WireArgument[], keyword: string, startFrom: number): number {
  const count = args.length + 1;
  const isBackward = startFrom < 0;
  const end = isBackward ? 1 : count - 1;
  for (let i = isBackward ? count + startFrom : startFrom; i > 0 && i < count && i !== end; i += isBackward ? -1 : 1) {
    if (isWord(args[i - 1], keyword)) return i;
  }
  return -1;
}

function lastOfRange(find: { readonly lastKey: number; readonly limit: number }, first: number, count: number): number {
  if (find.lastKey >= 0) return first + find.lastKey;
  if (find.limit === 0) return count + find.lastKey;
  return first + (Math.floor((count - first) / find.limit) + find.lastKey);
}

/** The whole number that an argument holds, 0 if it holds none or a negative one. */
function countAt(args: readonly WireArgument[], position: number): number {
  const text = textOf(args[position]);
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

function textOf(arg: WireArgument | undefined): string {
  if (arg === undefined) return '';
  return typeof arg === 'string' ? arg : Buffer.from(arg.buffer, arg.byteOffset, arg.byteLength).toString('latin1');
}

function isWord(arg: WireArgument | undefined, word: string): boolean {
  return arg !== undefined && arg.length === word.length && textOf(arg).toUpperCase() === word;
}

/** Commands whose key specs are incomplete or unknown, so that the servers have code for them, and so have we. */
const irregularPositions: ReadonlyMap<string, (args: readonly WireArgument[]) => number[]> = new Map([
  ['SORT', sortPositions],
  ['SORT_RO', () => [0]],
  ['MIGRATE', migratePositions],
  ['GEORADIUS', (args) => geoRadiusPositions(args, 5)],
  ['GEORADIUSBYMEMBER', (args) => geoRadiusPositions(args, 4)],
]);

/** The key, and the destination behind the last STORE that stands where an option may stand. */
function sortPositions(args: readonly WireArgument[]): number[] {
  let store = -1;
  for (let i = 1; i < args.length; i++) {
    if (isWord(args[i], 'LIMIT')) i += 2;
    else if (isWord(args[i], 'GET') || isWord(args[i], 'BY')) i += 1;
    else if (isWord(args[i], 'STORE') && i + 1 < args.length) store = ++i;
  }
  return store < 0 ? [0] : [0, store];
}

function sortPatternPositions(args: readonly WireArgument[]): number[] {
  const positions: number[] = [];
  for (let i = 1; i + 1 < args.length; i++) {
    if (isWord(args[i], 'LIMIT')) i += 2;
    else if (isWord(args[i], 'STORE')) i += 1;
    else if (isWord(args[i], 'GET')) {
      if (textOf(args[++i]) !== '#') positions.push(i);
    } else if (isWord(args[i], 'BY')) {
      if (textOf(args[++i]).includes('*')) positions.push(i);
    }
  }
  return positions;
}

/** One key at the third place, or many behind KEYS if the third place is empty. */
function migratePositions(args: readonly WireArgument[]): number[] {
  if (args.length > 5 && textOf(args[2]) === '') {
    for (let i = 5; i < args.length; i++) {
      if (isWord(args[i], 'AUTH')) i += 1;
      else if (isWord(args[i], 'AUTH2')) i += 2;
      else if (isWord(args[i], 'KEYS')) return Array.from({ length: args.length - i - 1 }, (_, n) => i + 1 + n);
    }
    return [];
  }
  return args.length > 2 ? [2] : [];
}

/** The key, and the destination behind the last STORE or STOREDIST. */
function geoRadiusPositions(args: readonly WireArgument[], firstOption: number): number[] {
  let store = -1;
  for (let i = firstOption; i + 1 < args.length; i++) {
    if (isWord(args[i], 'STORE') || isWord(args[i], 'STOREDIST')) store = ++i;
  }
  return store < 0 ? [0] : [0, store];
}

function joinBytes(prefix: string | Uint8Array, key: WireArgument): WireArgument {
  if (typeof prefix === 'string' && typeof key === 'string') return prefix + key;
  return Buffer.concat([Buffer.from(prefix), Buffer.from(key)]);
}
