import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RawLink } from './raw-link.ts';

/** One server that holds all slots: enough for whatever does not need a second node. */
export interface LoneServer {
  readonly port: number;
  /** What INFO says: `redis 7.0.15`, `valkey 9.1.2`. */
  readonly version: string;
  stop(): Promise<void>;
}

/** SLOTWISE_SERVER, or the redis-server or valkey-server on the PATH. */
export function serverBinary(): string {
  const chosen = process.env['SLOTWISE_SERVER'];
  if (chosen !== undefined && chosen !== '') return chosen;
  for (const name of ['redis-server', 'valkey-server']) {
    for (const folder of (process.env['PATH'] ?? '').split(':')) {
      if (existsSync(join(folder, name))) return join(folder, name);
    }
  }
  throw new Error('No redis-server or valkey-server on the PATH; SLOTWISE_SERVER can name one.');
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  const isListening = new Promise<boolean>((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => resolve(true));
  });
  const free = await isListening;
  if (free) await new Promise((resolve) => probe.close(resolve));
  return free;
}

/** A port that is free together with its cluster bus port, 10000 above. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port;
  }
}

async function accepts(server: ChildProcess, port: number): Promise<RawLink> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`The server ended with code ${server.exitCode} before it listened.`);
    try {
      return await RawLink.open(port);
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Starts the server in a folder of its own and waits until it serves all slots. */
export async function startLoneServer(extra: readonly string[] = []): Promise<LoneServer> {
  const folder = await mkdtemp(join(tmpdir(), 'slotwise-lone-'));
  const port = await freePort();
  const options = `--port ${port} --bind 127.0.0.1 --cluster-enabled yes --appendonly no --save`.split(' ');
  const server = spawn(serverBinary(), [...options, '', '--dir', folder, ...extra], { stdio: 'ignore' });
  // When the test process dies without stopping, the server goes with it.
  const killIt = () => server.kill('SIGKILL');
  process.once('exit', killIt);
  const link = await accepts(server, port);
  await link.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383);
  while (!String(await link.call('CLUSTER', 'INFO')).includes('cluster_state:ok')) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const facts = String(await link.call('INFO', 'server'));
  link.close();
  const valkey = /valkey_version:(\S+)/.exec(facts)?.[1];
  return {
    port,
    version: valkey === undefined ? `redis ${/redis_version:(\S+)/.exec(facts)?.[1]}` : `valkey ${valkey}`,
    async stop() {
      process.off('exit', killIt);
      if (server.exitCode === null) {
        const ended = once(server, 'exit');
        server.kill('SIGKILL');
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}
