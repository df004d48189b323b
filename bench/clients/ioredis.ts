import type { Connect, Contestant, Operations } from '../operations.ts';
import { load } from './load.ts';

interface Chain {
  get(key: string): Chain;
  set(key: string, value: string): Chain;
  exec(): Promise<unknown>;
}

interface ScanningNode {
  scan(cursor: string, option: string, count: number): Promise<[string, string[]]>;
}

interface IoredisCluster extends Pick<Operations, 'get' | 'getBuffer' | 'set' | 'incr' | 'lrange' | 'hgetall'> {
  xrange(key: string, start: string, end: string): Promise<unknown>;
  evalsha(sha: string, numberOfKeys: number, key: string): Promise<unknown>;
  multi(): Chain;
  nodes(role: string): ScanningNode[];
  once(event: string, listener: (error?: Error) => void): void;
  quit(): Promise<unknown>;
}

interface IoredisModule {
  readonly Cluster: new (seeds: { host: string; port: number }[]) => IoredisCluster;
}

async function scanNode(node: ScanningNode): Promise<number> {
  let seen = 0;
  let cursor = '0';
  do {
    const [next, keys] = await node.scan(cursor, 'COUNT', 1000);
    seen += keys.length;
    cursor = next;
  } while (cursor !== '0');
  return seen;
}

/**
 * ioredis and iovalkey share their interface. MGET takes keys of one slot only, hence single GETs; a pipeline takes keys of
 * one node only, hence none.
 */
function adapt(cluster: IoredisCluster): Contestant {
  return {
    get: (key) => cluster.get(key),
    getBuffer: (key) => cluster.getBuffer(key),
    set: (key, value) => cluster.set(key, value),
    mget: (keys) => Promise.all(keys.map((key) => cluster.get(key))),
    incr: (key) => cluster.incr(key),
    lrange: (key, start, stop) => cluster.lrange(key, start, stop),
    hgetall: (key) => cluster.hgetall(key),
    xrange: (key) => cluster.xrange(key, '-', '+'),
    transaction: (keys, value) => {
      const chain = cluster.multi();
      for (const key of keys) chain.set(key, value);
      return chain.exec();
    },
    script: (sha, key) => cluster.evalsha(sha, 1, key),
    scan: async () => {
      const seen = await Promise.all(cluster.nodes('master').map(scanNode));
      return seen.reduce((a, b) => a + b, 0);
    },
    close: () => cluster.quit(),
  };
}

export function connectIoredis(packageName: string): Connect {
  return async (host, port) => {
    const { Cluster } = (await load(packageName)) as IoredisModule;
    const cluster = new Cluster([{ host, port }]);
    await new Promise<void>((resolve, reject) => {
      cluster.once('ready', () => resolve());
      cluster.once('error', reject);
    });
    return adapt(cluster);
  };
}
