import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerDirectives } from '../../src/testing/node-config.ts';
import { BlockPorts } from '../../src/testing/ports.ts';
import { findServer } from '../../src/testing/server-program.ts';
import { TestNode } from '../../src/testing/test-node.ts';
import { Watchdog } from '../../src/testing/watchdog.ts';

/** Servers in cluster mode that do not know each other yet. */
export interface BareNodes {
  readonly nodes: readonly TestNode[];
  readonly addresses: string[];
  stop(): Promise<void>;
}

export async function startBareNodes(count: number, directives: ServerDirectives = {}): Promise<BareNodes> {
  const server = await findServer(undefined);
  const watchdog = new Watchdog();
  const ports = new BlockPorts(watchdog);
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'slotwise-bare-')));
  await watchdog.ask({ action: 'removeAtEnd', folder: dir });
  const password = directives['requirepass'];
  const access = { password: password === undefined ? undefined : String(password) };
  const nodes: TestNode[] = [];
  while (nodes.length < count) {
    const config = { ...(await ports.next()), nodeTimeoutMs: 2_000, directives };
    const node = new TestNode(config, { watchdog, serverPath: server.path, dir, access });
    if (await node.start()) nodes.push(node);
  }
  return { nodes, addresses: nodes.map((node) => node.address), stop: () => watchdog.end() };
}
