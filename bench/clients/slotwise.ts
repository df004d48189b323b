import type { Connect, Contestant, Operations } from '../operations.ts';
import { load } from './load.ts';

interface Chain {
  get(key: string): Chain;
  set(key: string, value: string): Chain;
  exec(): Promise<unknown>;
}

/** The built package, seen as the peers are: by what is used of it. */
interface SlotwiseClient
  extends Pick<Operations, 'get' | 'getBuffer' | 'set' | 'mget' | 'incr' | 'lrange' | 'hgetall'> {
  connect(): Promise<unknown>;
  xrange(key: string, start: string, end: string): Promise<unknown>;
  evalsha(sha: string, numberOfKeys: number, key: string): Promise<unknown>;
  pipeline(): Chain;
  multi(): Chain;
  scanIterator(options: { count: number; batches: boolean }): AsyncIterable<string | string[]>;
  close(): Promise<unknown>;
}

interface SlotwiseModule {
  readonly ClusterClient: new (seed: string) => SlotwiseClient;
}

export const slotwiseSpecifier: string = new URL('../../dist/index.js', import.meta.url).href;

export function connectSlotwise(specifier: string): Connect {
  return async (host, port) => adapt((await load(specifier)) as SlotwiseModule, host, port);
}

async function adapt({ ClusterClient }: SlotwiseModule, host: string, port: number): Promise<Contestant> {
  const client = new ClusterClient(`${host}:${port}`);
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
    pipeline: (keys) => {
      const chain = client.pipeline();
      for (const key of keys) chain.get(key);
      return chain.exec();
    },
    transaction: (keys, value) => {
      const chain = client.multi();
      for (const key of keys) chain.set(key, value);
      return chain.exec();
    },
    script: (sha, key) => client.evalsha(sha, 1, key),
    scan: async () => {
      let seen = 0;
      for await (const found of client.scanIterator({ count: 1000, batches: true })) {
        seen += Array.isArray(found) ? found.length : 1;
      }
      return seen;
    },
    close: () => client.close(),
  };
}
