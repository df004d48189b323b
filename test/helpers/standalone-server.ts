import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLink } from '../../src/connection/link.ts';
import { BlockPorts } from '../../src/testing/ports.ts';
import { findServer } from '../../src/testing/server-program.ts';
import { Watchdog } from '../../src/testing/watchdog.ts';
import { until } from './watch-cluster.ts';

export interface StandaloneServer {
  readonly address: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** One server outside any cluster, with these words on its command line; it ends with this process, however that ends. */
export async function startStandalone(words: readonly string[] = []): Promise<StandaloneServer> {
  const server = await findServer(undefined);
  const watchdog = new Watchdog();
  const { port } = await new BlockPorts(watchdog).next();
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'slotwise-standalone-')));
  await watchdog.ask({ action: 'removeAtEnd', folder: dir });
  await watchdog.ask({
    action: 'start',
    key: String(port),
    command: server.path,
    args: ['--port', String(port), '--save', '', ...words],
    cwd: dir,
    log: join(dir, 'log'),
  });
  await until('the standalone server answers', async () => {
    try {
      const link = await openLink(`127.0.0.1:${port}`);
      link.destroy();
      return true;
    } catch (error) {
      // It answers already when it asks for a password.
      return error instanceof Error && 'code' in error && error.code === 'NOAUTH';
    }
  });
  return { address: `127.0.0.1:${port}`, port, stop: () => watchdog.end() };
}
