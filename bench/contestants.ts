import type { Connect, Contestant, Operations } from './operations.ts';

/*
 * One adapter a client, with the client's defaults wherever they work. The packages are typed here by the little that is used
 * of them, so that the project can be checked without them.
 */

interface IoredisCluster extends Omit<Operations, 'mget' | 'xrange'> {
  xrange(key: string, start: string, end: string): Promise<unknown>;
  on(event: string, listener: () => void): void;
  once(event: string, listener: (error?: Error) => void): void;
  quit(): Promise<unknown>;
}
type IoredisModule = {
  Cluster: new (seeds: { host: string; port: number }[], options?: object) => IoredisCluster;
};

/** ioredis and iovalkey share their interface. Their MGET takes keys of one slot only, hence single GETs. */
async function connectIoredis(
  module: IoredisModule,
  host: string,
  port: number,
  options?: object,
): Promise<Contestant> {
  const cluster = new module.Cluster([{ host, port }], options);
  await new Promise<void>((resolve, reject) => {
    cluster.once('ready', () => resolve());
    cluster.once('error', reject);
  });
  return {
    get: (key) => cluster.get(key),
    getBuffer: (key) => cluster.getBuffer(key),
    set: (key, value) => cluster.set(key, value),
    mget: (keys) => Promise.all(keys.map((key) => cluster.get(key))),
    incr: (key) => cluster.incr(key),
    lrange: (key, start, stop) => cluster.lrange(key, start, stop),
    hgetall: (key) => cluster.hgetall(key),
    xrange: (key) => cluster.xrange(key, '-', '+'),
    close: () => cluster.quit(),
  };
}

interface NodeRedisCluster {
  connect(): Promise<unknown>;
  on(event: string, listener: () => void): void;
  get(key: string): Promise<unknown>;
  set(key: string, value: string | Buffer): Promise<unknown>;
  incr(key: string): Promise<unknown>;
  lRange(key: string, start: number, stop: number): Promise<unknown>;
  hGetAll(key: string): Promise<unknown>;
  xRange(key: string, start: string, end: string): Promise<unknown>;
  withTypeMapping(mapping: object): NodeRedisCluster;
  close(): Promise<unknown>;
}
type NodeRedisModule = {
  createCluster(options: object): NodeRedisCluster;
  RESP_TYPES: { BLOB_STRING: number };
};

async function connectNodeRedis(module: NodeRedisModule, host: string, port: number): Promise<Contestant> {
  const cluster = module.createCluster({ rootNodes: [{ url: `redis://${host}:${port}` }] });
  cluster.on('error', () => {});
  await cluster.connect();
  const inBuffers = cluster.withTypeMapping({ [module.RESP_TYPES.BLOB_STRING]: Buffer });
  return {
    get: (key) => cluster.get(key),
    getBuffer: (key) => inBuffers.get(key),
    set: (key, value) => cluster.set(key, value),
    mget: (keys) => Promise.all(keys.map((key) => cluster.get(key))),
    incr: (key) => cluster.incr(key),
    lrange: (key, start, stop) => cluster.lRange(key, start, stop),
    hgetall: (key) => cluster.hGetAll(key),
    xrange: (key) => cluster.xRange(key, '-', '+'),
    close: () => cluster.close(),
  };
}

interface GlideClient {
  get(key: string, options?: object): Promise<unknown>;
  set(key: string, value: string | Buffer): Promise<unknown>;
  mget(keys: readonly string[]): Promise<unknown>;
  incr(key: string): Promise<unknown>;
  lrange(key: string, start: number, stop: number): Promise<unknown>;
  hgetall(key: string): Promise<unknown>;
  xrange(key: string, start: unknown, end: unknown): Promise<unknown>;
  close(): void;
}
type GlideModule = {
  GlideClusterClient: { createClient(options: object): Promise<GlideClient> };
  Decoder: { Bytes: number };
  InfBoundary: { NegativeInfinity: string; PositiveInfinity: string };
};

/** Its defaults refuse more than 1,000 commands in flight and give up after 250 ms; both would fail the larger runs. */
async function connectGlide(module: GlideModule, host: string, port: number): Promise<Contestant> {
  const { GlideClusterClient, Decoder, InfBoundary } = module;
  const limits = { requestTimeout: 60_000, inflightRequestsLimit: 1_000_000 };
  const client = await GlideClusterClient.createClient({ addresses: [{ host, port }], ...limits });
  const asBytes = { decoder: Decoder.Bytes };
  return {
    get: (key) => client.get(key),
    getBuffer: (key) => client.get(key, asBytes),
    set: (key, value) => client.set(key, value),
    mget: (keys) => client.mget(keys),
    incr: (key) => client.incr(key),
    lrange: (key, start, stop) => client.lrange(key, start, stop),
    hgetall: (key) => client.hgetall(key),
    xrange: (key) => client.xrange(key, InfBoundary.NegativeInfinity, InfBoundary.PositiveInfinity),
    close: async () => client.close(),
  };
}

interface SlotwiseClient extends Omit<Operations, 'xrange' | 'mget'> {
  connect(): Promise<unknown>;
  mget(keys: readonly string[]): Promise<unknown>;
  xrange(key: string, start: string, end: string): Promise<unknown>;
  close(): Promise<unknown>;
}
type SlotwiseModule = { ClusterClient: new (seed: string, options?: object) => SlotwiseClient };

async function connectSlotwise(module: SlotwiseModule, host: string, port: number): Promise<Contestant> {
  const client = new module.ClusterClient(`${host}:${port}`);
  await client.connect();
  return {
    get: (key) => client.get(key),
    getBuffer: (key) => client.getBuffer(key),
    set: (key, value) => client.set(key, value),
    mget: (keys) => client.mget(keys),
    incr: (key) => client.incr(key),
    lrange: (key, start, stop) => client.lrange(key, start, stop),
    hgetall: (key) => client.hgetall(key),
    xrange: (key) => client.xrange(key, '-', '+'),
    close: () => client.close(),
  };
}

// The names stay variables, so that the compiler does not look for packages that may not be installed.
async function load(specifier: string): Promise<object> {
  return await import(specifier);
}

export interface ContestantEntry {
  readonly name: string;
  /** What is imported: a package of bench/node_modules, or the built slotwise. */
  readonly specifier: string;
  readonly connect: Connect;
}

const slotwiseEntry = new URL('../dist/index.js', import.meta.url).href;

export const contestants: readonly ContestantEntry[] = [
  {
    name: 'slotwise',
    specifier: slotwiseEntry,
    connect: async (host, port) => connectSlotwise((await load(slotwiseEntry)) as SlotwiseModule, host, port),
  },
  {
    name: 'ioredis',
    specifier: 'ioredis',
    connect: async (host, port) => connectIoredis((await load('ioredis')) as IoredisModule, host, port),
  },
  {
    name: 'iovalkey',
    specifier: 'iovalkey',
    connect: async (host, port) => connectIoredis((await load('iovalkey')) as IoredisModule, host, port),
  },
  {
    name: 'node-redis',
    specifier: 'redis',
    connect: async (host, port) => connectNodeRedis((await load('redis')) as NodeRedisModule, host, port),
  },
  {
    name: 'valkey-glide',
    specifier: '@valkey/valkey-glide',
    connect: async (host, port) => connectGlide((await load('@valkey/valkey-glide')) as GlideModule, host, port),
  },
];
