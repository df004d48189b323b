import type { Contestant } from '../operations.ts';
import { load } from './load.ts';

interface Chain {
  set(key: string, value: string): Chain;
  exec(): Promise<unknown>;
}

interface NodeClient {
  scanIterator(options: { COUNT: number }): AsyncIterable<string[]>;
}

interface NodeRedisCluster {
  readonly masters: object[];
  connect(): Promise<unknown>;
  on(event: string, listener: () => void): void;
  get(key: string): Promise<unknown>;
  set(key: string, value: string | Buffer): Promise<unknown>;
  incr(key: string): Promise<unknown>;
  lRange(key: string, start: number, stop: number): Promise<unknown>;
  hGetAll(key: string): Promise<unknown>;
  xRange(key: string, start: string, end: string): Promise<unknown>;
  evalSha(sha: string, options: { keys: string[] }): Promise<unknown>;
  multi(routing: string): Chain;
  nodeClient(node: object): Promise<NodeClient>;
  withTypeMapping(mapping: object): NodeRedisCluster;
  close(): Promise<unknown>;
}

interface NodeRedisModule {
  createCluster(options: object): NodeRedisCluster;
  readonly RESP_TYPES: { readonly BLOB_STRING: number };
}

async function scanNode(node: NodeClient): Promise<number> {
  let seen = 0;
  for await (const keys of node.scanIterator({ COUNT: 1000 })) seen += keys.length;
  return seen;
}

/** MGET takes keys of one slot only, hence single GETs. */
export async function connectNodeRedis(host: string, port: number): Promise<Contestant> {
  const { createCluster, RESP_TYPES } = (await load('redis')) as NodeRedisModule;
  const cluster = createCluster({ rootNodes: [{ url: `redis://${host}:${port}` }] });
  cluster.on('error', () => {});
  await cluster.connect();
  const inBuffers = cluster.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  return {
    get: (key) => cluster.get(key),
    getBuffer: (key) => inBuffers.get(key),
    set: (key, value) => cluster.set(key, value),
    mget: (keys) => Promise.all(keys.map((key) => cluster.get(key))),
    incr: (key) => cluster.incr(key),
    lrange: (key, start, stop) => cluster.lRange(key, start, stop),
    hgetall: (key) => cluster.hGetAll(key),
    xrange: (key) => cluster.xRange(key, '-', '+'),
    transaction: (keys, value) => {
      const chain = cluster.multi(keys[0] ?? '');
      for (const key of keys) chain.set(key, value);
      return chain.exec();
    },
    script: (sha, key) => cluster.evalSha(sha, { keys: [key] }),
    scan: async () => {
      const nodes = await Promise.all(cluster.masters.map((node) => cluster.nodeClient(node)));
      const seen = await Promise.all(nodes.map(scanNode));
      return seen.reduce((a, b) => a + b, 0);
    },
    close: () => cluster.close(),
  };
}
