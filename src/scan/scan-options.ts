import type { WireArgument } from '../commands/command-spec.ts';
import { UsageError } from '../errors.ts';

/** Which elements of a key to walk over, and how. */
export interface ElementScanOptions {
  /** A glob pattern: only what matches is returned. */
  readonly match?: string | Uint8Array | undefined;
  /** About how many elements a server looks at for one page. Default: 1000. */
  readonly count?: number | undefined;
  /** Strings as Buffers. */
  readonly buffers?: boolean | undefined;
}

/** Which keys to walk over, and how. */
export interface ScanOptions extends ElementScanOptions {
  /** Only keys of this type: `string`, `list`, `set`, `zset`, `hash`, `stream`, or the name of a module's type. */
  readonly type?: string | undefined;
  /** Masters that are asked at the same time. Default: 4. */
  readonly parallelism?: number | undefined;
  /** Each key once. Keeps all keys met so far in memory, about 100 bytes and the key's own length for each. */
  readonly unique?: boolean | undefined;
}

export interface ScanIteratorOptions extends ScanOptions {
  /** Pages of keys, as they come from the servers, instead of one key after the other. */
  readonly batches?: boolean | undefined;
}

/** The type of a string of the reply under these options. */
export type Scanned<Options> = Options extends { readonly buffers: true } ? Buffer : string;

/** What a scan iterator with these options gives. */
export type ScanItem<Options> = Options extends { readonly batches: true } ? Scanned<Options>[] : Scanned<Options>;

const DEFAULT_COUNT = 1000;
const DEFAULT_PARALLELISM = 4;

/** The options of SCAN and its kin behind the cursor. @throws UsageError */
export function scanArguments(options: ScanOptions): WireArgument[] {
  const { match, type } = options;
  const args: WireArgument[] = ['COUNT', String(wholeNumber('count', options.count ?? DEFAULT_COUNT))];
  if (match !== undefined) args.push('MATCH', match);
  if (type !== undefined) args.push('TYPE', type);
  return args;
}

/** @throws UsageError */
export function parallelismOf(options: ScanOptions): number {
  return wholeNumber('parallelism', options.parallelism ?? DEFAULT_PARALLELISM);
}

function wholeNumber(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new UsageError('USAGE', `option ${name}: a whole number above 0`);
}
