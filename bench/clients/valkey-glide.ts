import type { Contestant } from '../operations.ts';
import { load } from './load.ts';

interface Batch {
  get(key: string): Batch;
  set(key: string, value: string): Batch;
}

interface ScanCursor {
  isFinished(): boolean;
}

interface GlideClient {
  get(key: string, options?: object): Promise<unknown>;
  set(key: string, value: string | Buffer): Promise<unknown>;
  mget(keys: readonly string[]): Promise<unknown>;
  incr(key: string): Promise<unknown>;
  lrange(key: string, start: number, stop: number): Promise<unknown>;
  hgetall(key: string): Promise<unknown>;
  xrange(key: string, start: unknown, end: unknown): Promise<unknown>;
  exec(batch: Batch, raiseOnError: boolean): Promise<unknown>;
  scan(cursor: ScanCursor, options: { count: number }): Promise<[ScanCursor, unknown[]]>;
  close(): void;
}

interface GlideModule {
  readonly GlideClusterClient: { createClient(options: object): Promise<GlideClient> };
  readonly ClusterBatch: new (isAtomic: boolean) => Batch;
  readonly ClusterScanCursor: new () => ScanCursor;
  readonly Decoder: { readonly Bytes: number };
  readonly InfBoundary: { readonly NegativeInfinity: string; readonly PositiveInfinity: string };
}

/** Its defaults refuse more than 1,000 commands in flight and give up after 250 ms; both would fail the larger runs. */
export async function connectGlide(host: string, port: number): Promise<Contestant> {
  const module = (await load('@valkey/valkey-glide')) as GlideModule;
  const { GlideClusterClient, ClusterBatch, ClusterScanCursor, Decoder, InfBoundary } = module;
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
    pipeline: (keys) => {
      const batch = new ClusterBatch(false);
      for (const key of keys) batch.get(key);
      return client.exec(batch, true);
    },
    transaction: (keys, value) => {
      const batch = new ClusterBatch(true);
      for (const key of keys) batch.set(key, value);
      return client.exec(batch, true);
    },
    scan: async () => {
      let seen = 0;
      let cursor = new ClusterScanCursor();
      while (!cursor.isFinished()) {
        const [next, keys] = await client.scan(cursor, { count: 1000 });
        seen += keys.length;
        cursor = next;
      }
      return seen;
    },
    close: async () => client.close(),
  };
}
