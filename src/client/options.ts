import type { ExecutorOptions } from '../cluster/executor.ts';
import type { CallSettings, ReadFrom } from '../commands/command.ts';
import { defaultConnectionOptions } from '../connection/connection-options.ts';
import type { TlsOptions } from '../connection/connector.ts';
import { UsageError } from '../errors.ts';
import { type CustomCommandOptions, customCommand } from '../scripting/custom-command.ts';
import type { Script } from '../scripting/script.ts';
import { type Address, parseAddress } from '../util/address.ts';
import { parseSeeds, type Seed } from './seeds.ts';

/** Options of a {@link ClusterClient}. Every one has a default; durations are in milliseconds. */
export interface ClusterClientOptions {
  /** ACL user name. Unless told the user is `default`. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** `true`, or options as `tls.connect` takes them. Default: false, or true with a `rediss://` seed. */
  readonly tls?: boolean | TlsOptions | undefined;
  /** Name of the connections in CLIENT LIST. */
  readonly clientName?: string | undefined;
  /** 2 (default) or 3; replies have the same shapes under both. */
  readonly protocol?: 2 | 3 | undefined;
  /** Do not connect before the first command or `connect()`. Default: false. */
  readonly lazyConnect?: boolean | undefined;
  /**
   * The whole budget of one command, waiting, redirects and retries included. Default: 30000, enough to outlive a failover with
   * the servers' default `cluster-node-timeout` of 15 s. Infinity for none.
   */
  readonly timeoutMs?: number | undefined;
  /** Until one connection is open and let in. Default: 5000. */
  readonly connectTimeoutMs?: number | undefined;
  /** TCP keep-alive after so many idle milliseconds; 0 for none. Default: 30000. */
  readonly keepAliveMs?: number | undefined;
  /** Shared connections to each node. Default: 1, which serves hundreds of thousands of commands a second. */
  readonly poolSize?: number | undefined;
  /**
   * Exclusive connections to each node at a time: one for each blocking command that waits there, and for each WATCH in progress.
   * What exceeds it waits its turn. Default: 4096.
   */
  readonly maxExclusive?: number | undefined;
  /** Where reads go: `master` (default), `replica`, or `preferReplica` (a replica, and the master if there is none). */
  readonly readFrom?: ReadFrom | undefined;
  /**
   * Send writes again that may have been executed when their connection was lost. Default: false, such a write is rejected with
   * `executed: 'unknown'`.
   */
  readonly retryWrites?: boolean | undefined;
  /** Commands that may be pending at a time; more are rejected at once with QueueFullError. Default: 1000000. */
  readonly maxPending?: number | undefined;
  /**
   * Bytes of commands that may wait unsent because a node is out of reach, silent or slow to read; while more wait, new commands
   * are rejected at once with QueueFullError. Default: 268435456 (256 MiB). Infinity for no bound.
   */
  readonly maxPendingBytes?: number | undefined;
  /** Ask for the topology without a reason about this often; 0 for never. Default: 60000. */
  readonly topologyRefreshMs?: number | undefined;
  /** Replaces addresses that the servers announce by those that this process can reach: `{ '10.0.0.1:7000': 'localhost:17000' }`. */
  readonly natMap?: Readonly<Record<string, string>> | ((address: string) => string | undefined) | undefined;
  /** Put before every key (and nothing else) of every command. */
  readonly keyPrefix?: string | undefined;
  /** Lua scripts as methods, by the methods' names; see {@link ClusterView.defineCommand}. */
  readonly scripts?: Readonly<Record<string, CustomCommandOptions>> | undefined;
}

/** Settings of one call or of a light view; see {@link ClusterClient.with}. */
export interface CallOptions {
  /** Replaces the client's `timeoutMs`. */
  readonly timeoutMs?: number | undefined;
  /** Aborts the commands issued under it. */
  readonly signal?: AbortSignal | undefined;
  readonly readFrom?: ReadFrom | undefined;
  /** These commands may be executed twice: send them again when their connection is lost. */
  readonly idempotent?: boolean | undefined;
}

/** The checked options, with all defaults in place. */
export interface ClientSettings {
  readonly executor: ExecutorOptions;
  readonly call: CallSettings;
  readonly isLazy: boolean;
  readonly keyPrefix: string;
  readonly scripts: Map<string, Script>;
}

/** @throws UsageError naming the option that cannot be right. */
export function readOptions(seeds: Seed | readonly Seed[], options: ClusterClientOptions): ClientSettings {
  const parsed = parseSeeds(seeds);
  const { password, username } = options;
  const credentials = password === undefined ? parsed.credentials : { username, password };
  if (options.protocol !== undefined && options.protocol !== 2 && options.protocol !== 3) {
    throw new UsageError('USAGE', 'option protocol: 2 or 3');
  }
  const defaults = defaultConnectionOptions;
  return {
    isLazy: options.lazyConnect ?? false,
    keyPrefix: options.keyPrefix ?? '',
    scripts: new Map(Object.entries(options.scripts ?? {}).map(([name, facts]) => [name, customCommand(name, facts)])),
    call: {
      timeoutMs: duration('timeoutMs', options.timeoutMs ?? 30_000),
      signal: undefined,
      readFrom: readFromOption(options.readFrom ?? 'master'),
      idempotent: options.retryWrites ?? false,
    },
    executor: {
      seeds: parsed.addresses,
      tls: options.tls ?? parsed.isTls,
      credentials,
      clientName: options.clientName,
      protocol: options.protocol ?? defaults.protocol,
      connectTimeoutMs: duration('connectTimeoutMs', options.connectTimeoutMs ?? defaults.connectTimeoutMs),
      keepAliveMs: options.keepAliveMs ?? defaults.keepAliveMs,
      stallAfterMs: defaults.stallAfterMs,
      poolSize: count('poolSize', options.poolSize ?? 1),
      maxExclusive: count('maxExclusive', options.maxExclusive ?? 4096),
      maxPending: count('maxPending', options.maxPending ?? 1_000_000),
      maxPendingBytes: bytes('maxPendingBytes', options.maxPendingBytes ?? 256 * 1024 * 1024),
      refreshEveryMs: options.topologyRefreshMs ?? 60_000,
      mapAddress: addressMap(options.natMap),
    },
  };
}

/** The settings of a view: those of `base` with what `options` replaces. @throws UsageError */
export function callSettings(base: CallSettings, options: CallOptions): CallSettings {
  return {
    timeoutMs: options.timeoutMs === undefined ? base.timeoutMs : duration('timeoutMs', options.timeoutMs),
    signal: options.signal ?? base.signal,
    readFrom: options.readFrom === undefined ? base.readFrom : readFromOption(options.readFrom),
    idempotent: options.idempotent ?? base.idempotent,
  };
}

function duration(name: string, value: number): number {
  if (typeof value === 'number' && value > 0) return value;
  throw new UsageError('USAGE', `option ${name}: a number of milliseconds above 0 (Infinity for no limit)`);
}

function bytes(name: string, value: number): number {
  if (typeof value === 'number' && value > 0) return value;
  throw new UsageError('USAGE', `option ${name}: a number of bytes above 0 (Infinity for no limit)`);
}

function count(name: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new UsageError('USAGE', `option ${name}: a whole number above 0`);
}

function readFromOption(value: ReadFrom): ReadFrom {
  if (value === 'master' || value === 'replica' || value === 'preferReplica') return value;
  throw new UsageError('USAGE', `option readFrom: 'master', 'replica' or 'preferReplica'`);
}

function addressMap(natMap: ClusterClientOptions['natMap']): ((address: string) => Address | undefined) | undefined {
  if (natMap === undefined) return undefined;
  const find = typeof natMap === 'function' ? natMap : (address: string) => natMap[address];
  return (address) => {
    const mapped = find(address);
    return mapped === undefined ? undefined : parseAddress(mapped);
  };
}
