import type { ServerDirectives } from '../../src/testing/node-config.ts';
import { startBareNodes } from './bare-nodes.ts';
import { RawLink } from './raw-link.ts';

/** One server that holds all slots: enough for whatever does not need a second node. */
export interface LoneServer {
  readonly port: number;
  /** What INFO says: `redis 7.0.15`, `valkey 9.1.2`. */
  readonly version: string;
  stop(): Promise<void>;
}

function versionIn(facts: string): string {
  const valkey = /valkey_version:(\S+)/.exec(facts)?.[1];
  return valkey === undefined ? `redis ${/redis_version:(\S+)/.exec(facts)?.[1]}` : `valkey ${valkey}`;
}

/** Starts the server and waits until it serves all slots. */
export async function startLoneServer(directives: ServerDirectives = {}): Promise<LoneServer> {
  const { nodes, stop } = await startBareNodes(1, { appendonly: 'no', ...directives });
  const port = nodes[0]?.port ?? 0;
  const link = await RawLink.open(port);
  await link.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383);
  while (!String(await link.call('CLUSTER', 'INFO')).includes('cluster_state:ok')) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const version = versionIn(String(await link.call('INFO', 'server')));
  link.close();
  return { port, version, stop };
}
