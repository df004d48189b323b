import type { Credentials } from '../connection/connection-options.ts';
import { UsageError } from '../errors.ts';
import { type Address, parseAddress } from '../util/address.ts';

/**
 * One node to start from: `'host:port'`, `'host'` (port 6379), `'redis://user:password@host:port'`, `'rediss://…'` for TLS,
 * `'[::1]:7000'`, a port number of 127.0.0.1, or `{ host, port }`.
 */
export type Seed = string | number | { readonly host?: string | undefined; readonly port?: number | undefined };

/** What the seeds say: the addresses, and what URLs add to them. */
export interface ParsedSeeds {
  readonly addresses: readonly Address[];
  readonly credentials: Credentials | undefined;
  readonly isTls: boolean;
}

const DEFAULT_PORT = 6379;

/** @throws UsageError naming the seed that cannot be read (a URL without its credentials). */
export function parseSeeds(seeds: Seed | readonly Seed[]): ParsedSeeds {
  const list = Array.isArray(seeds) ? (seeds as readonly Seed[]) : [seeds as Seed];
  if (list.length === 0) throw usage('no seeds: give the address of at least one node of the cluster');
  const parsed = list.map(parseSeed);
  return {
    addresses: parsed.map((seed) => seed.address),
    credentials: parsed.find((seed) => seed.credentials !== undefined)?.credentials,
    isTls: parsed.some((seed) => seed.isTls),
  };
}

interface ParsedSeed {
  readonly address: Address;
  readonly credentials: Credentials | undefined;
  readonly isTls: boolean;
}

function parseSeed(seed: Seed): ParsedSeed {
  if (typeof seed === 'string' && seed.includes('@') && !seed.includes('://')) {
    throw usage('a seed has credentials without redis:// before them');
  }
  if (typeof seed === 'string') return seed.includes('://') ? parseUrl(seed) : plain(parseAddress(seed, DEFAULT_PORT));
  if (typeof seed === 'number') return plain(checked('127.0.0.1', seed));
  if (typeof seed === 'object' && seed !== null)
    return plain(checked(seed.host ?? '127.0.0.1', seed.port ?? DEFAULT_PORT));
  throw usage(`a seed is ${seed === null ? 'null' : typeof seed}`);
}

function plain(address: Address): ParsedSeed {
  return { address, credentials: undefined, isTls: false };
}

function checked(host: string, port: number): Address {
  if (typeof host !== 'string' || host === '') throw usage('a seed has no host');
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw usage(`the port of seed "${host}" is not 1 to 65535`);
  return { host, port };
}

function parseUrl(text: string): ParsedSeed {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw usage('a seed is no URL');
  }
  const isTls = url.protocol === 'rediss:' || url.protocol === 'valkeys:';
  if (!isTls && url.protocol !== 'redis:' && url.protocol !== 'valkey:') {
    throw usage(`a seed begins with ${url.protocol}// where redis:// or rediss:// is meant`);
  }
  const database = url.pathname.replace(/^\//, '');
  if (database !== '' && database !== '0') throw usage('a cluster has database 0 only: leave the path of the URL away');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const username = unescaped(url.username);
  const password = unescaped(url.password);
  const credentials = password === '' ? undefined : { username: username === '' ? undefined : username, password };
  return { address: checked(host, url.port === '' ? DEFAULT_PORT : Number(url.port)), credentials, isTls };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw usage('the credentials of a seed hold a % that escapes nothing: write %25 for it');
  }
}

function usage(what: string): UsageError {
  return new UsageError('USAGE', `${what}; write 'host:port', 'redis://user:password@host:port' or { host, port }`);
}
