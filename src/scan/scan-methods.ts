import { Readable } from 'node:stream';
import type { Executor } from '../cluster/executor.ts';
import type { Key } from '../commands/argument-types.ts';
import type { CallSettings } from '../commands/command.ts';
import { specNamed } from '../commands/command-table.ts';
import { CommandMethods } from '../commands/generated/methods.ts';
import type { PromiseShape } from '../commands/shapes.ts';
import { elementPages } from './element-scan.ts';
import { each, keyPages, pairs } from './pages.ts';
import {
  type ElementScanOptions,
  parallelismOf,
  type ScanItem,
  type ScanIteratorOptions,
  type Scanned,
  type ScanOptions,
  scanArguments,
} from './scan-options.ts';

/** What scans need of the client or view through which they are made. */
export interface ScanSource {
  readonly executor: Executor;
  readonly settings: CallSettings;
  readonly keyPrefix: string;
  /** Resolves when the topology is known. */
  readonly untilKnown: () => Promise<unknown>;
}

/** Neither `buffers` nor `batches`. */
type NoOptions = Readonly<Record<never, never>>;
type ElementCommand = 'HSCAN' | 'SSCAN' | 'ZSCAN';

/**
 * The scans of clients and views. Iterators ask for a page only when the one before is being consumed; `break` ends them. All of
 * them ask masters, whatever `readFrom` says, and each question has the `timeoutMs` of the view to itself.
 */
export abstract class ScanMethods extends CommandMethods<PromiseShape> {
  /** @internal */
  protected abstract get scanSource(): ScanSource;

  /**
   * All keys of the cluster, from all masters. A key that exists throughout is given at least once, also while slots move and
   * masters fail over; some may be given more than once (see `unique`), and those that come or go meanwhile may or may not be.
   * With a pattern that names a hash tag (`{user:42}:*`) only the node of its slot is asked.
   *
   * ```ts
   * for await (const key of client.scanIterator({ match: 'user:*' })) console.log(key);
   * for await (const keys of client.scanIterator({ type: 'hash', batches: true })) await client.unlink(keys);
   * ```
   * @throws UsageError when an option cannot be right. Iterating throws ClusterError if slots have no owner, or are never at
   *   rest, for longer than `timeoutMs`, and what a node refuses.
   */
  scanIterator<const Options extends ScanIteratorOptions = NoOptions>(
    options?: Options,
  ): AsyncGenerator<ScanItem<Options>, void, void>;
  scanIterator(options: ScanIteratorOptions = {}): AsyncGenerator<unknown, void, void> {
    const pages = this.#keyPages(options);
    return options.batches === true ? pages : each(pages);
  }

  /** {@link scanIterator} as a stream of pages: arrays of keys, in object mode. */
  scanStream(options: ScanOptions = {}): Readable {
    return toStream(this.#keyPages(options));
  }

  /**
   * All fields of a hash with their values, each at least once if it is there throughout.
   *
   * ```ts
   * for await (const [field, value] of client.hscanIterator('user:42')) console.log(field, value);
   * ```
   */
  hscanIterator<const Options extends ElementScanOptions = NoOptions>(
    key: Key,
    options?: Options,
  ): AsyncGenerator<[field: Scanned<Options>, value: Scanned<Options>], void, void>;
  hscanIterator(key: Key, options: ElementScanOptions = {}): AsyncGenerator<unknown, void, void> {
    return pairs(this.#elementPages('HSCAN', key, options));
  }

  /** All members of a set, each at least once if it is there throughout. */
  sscanIterator<const Options extends ElementScanOptions = NoOptions>(
    key: Key,
    options?: Options,
  ): AsyncGenerator<Scanned<Options>, void, void>;
  sscanIterator(key: Key, options: ElementScanOptions = {}): AsyncGenerator<unknown, void, void> {
    return each(this.#elementPages('SSCAN', key, options));
  }

  /** All members of a sorted set with their scores, each at least once if it is there throughout. */
  zscanIterator<const Options extends ElementScanOptions = NoOptions>(
    key: Key,
    options?: Options,
  ): AsyncGenerator<[member: Scanned<Options>, score: Scanned<Options>], void, void>;
  zscanIterator(key: Key, options: ElementScanOptions = {}): AsyncGenerator<unknown, void, void> {
    return pairs(this.#elementPages('ZSCAN', key, options));
  }

  /** {@link hscanIterator} as a stream of flat pages: `[field, value, field, value, …]`, in object mode. */
  hscanStream(key: Key, options: ElementScanOptions = {}): Readable {
    return toStream(this.#elementPages('HSCAN', key, options));
  }

  /** {@link sscanIterator} as a stream of pages: arrays of members, in object mode. */
  sscanStream(key: Key, options: ElementScanOptions = {}): Readable {
    return toStream(this.#elementPages('SSCAN', key, options));
  }

  /** {@link zscanIterator} as a stream of flat pages: `[member, score, member, score, …]`, in object mode. */
  zscanStream(key: Key, options: ElementScanOptions = {}): Readable {
    return toStream(this.#elementPages('ZSCAN', key, options));
  }

  #keyPages(options: ScanOptions): AsyncGenerator<(string | Buffer)[], void, void> {
    const args = scanArguments(options);
    const parallelism = parallelismOf(options);
    const { executor, settings, untilKnown } = this.scanSource;
    const request = { executor, settings, args, asBuffers: options.buffers === true };
    return keyPages(request, options, parallelism, untilKnown);
  }

  #elementPages(
    name: ElementCommand,
    key: Key,
    options: ElementScanOptions,
  ): AsyncGenerator<(string | Buffer)[], void, void> {
    const args = scanArguments({ match: options.match, count: options.count });
    const { executor, settings, keyPrefix, untilKnown } = this.scanSource;
    const request = {
      executor,
      settings,
      spec: specNamed(name),
      key: typeof key === 'string' ? keyPrefix + key : Buffer.concat([Buffer.from(keyPrefix), key]),
      args,
      asBuffers: options.buffers === true,
    };
    return elementPages(request, untilKnown);
  }
}

function toStream(pages: AsyncGenerator<unknown[], void, void>): Readable {
  return Readable.from(pages, { objectMode: true, highWaterMark: 1 });
}
