import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster } from '../../src/testing/index.ts';
import { isAlive, until } from '../helpers/processes.ts';

const reporter = fileURLToPath(new URL('../helpers/start-and-report.ts', import.meta.url));

interface Report {
  readonly pids: readonly number[];
  readonly folders: readonly string[];
}

async function startElsewhere(mode: 'stay' | 'forget') {
  const child = spawn(process.execPath, ['--import', 'tsx', reporter, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const [line] = await once(lines, 'line');
  const report: Report = JSON.parse(String(line));
  return { child, report };
}

async function untilNothingIsLeft({ pids, folders }: Report): Promise<void> {
  await until('every server has ended', () => !pids.some(isAlive));
  await until('every folder is gone', () => !folders.some((folder) => existsSync(dirname(folder))));
}

describe('a test cluster and the process that started it', () => {
  it('leaves no server and no file behind when the process is killed', async () => {
    const { child, report } = await startElsewhere('stay');
    expect(report.pids.every(isAlive)).toBe(true);
    expect(report.folders.every((folder) => existsSync(folder))).toBe(true);
    child.kill('SIGKILL');
    await untilNothingIsLeft(report);
  });

  it('lets a process end that forgets to stop it, and leaves nothing behind', async () => {
    const { child, report } = await startElsewhere('forget');
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(0);
    await untilNothingIsLeft(report);
  });

  it('is stopped at the end of an await using block', async () => {
    let pids: number[] = [];
    let folder = '';
    {
      await using cluster = await startCluster({ replicas: 0 });
      pids = cluster.nodes.flatMap((node) => (node.pid === undefined ? [] : [node.pid]));
      folder = cluster.nodes[0]?.folder ?? '';
      expect(pids).toHaveLength(3);
      expect(existsSync(folder)).toBe(true);
    }
    expect(pids.some(isAlive)).toBe(false);
    expect(existsSync(dirname(folder))).toBe(false);
  });

  it('stops twice without complaint, and refuses what needs its servers', async () => {
    const cluster = await startCluster({ replicas: 0 });
    const [first] = cluster.nodes;
    if (first === undefined) throw new Error('nodes expected');
    await Promise.all([cluster.stop(), cluster.stop()]);
    await cluster.stop();
    expect(cluster.nodes.map((node) => node.state)).toEqual(['stopped', 'stopped', 'stopped']);
    await expect(cluster.restart(first)).rejects.toThrow('the test cluster is stopped');
    await expect(cluster.addNode()).rejects.toThrow('the test cluster is stopped');
    expect(existsSync(dirname(first.folder))).toBe(false);
  });

  it('shares no port with a cluster that starts at the same time, not even those of stopped nodes', async () => {
    const clusters = await Promise.all([startCluster({ replicas: 0 }), startCluster({ replicas: 0 })]);
    try {
      const ports = clusters.flatMap((cluster) => cluster.nodes.flatMap((node) => [node.port, node.busPort]));
      expect(new Set(ports).size).toBe(12);
      const [first, second] = clusters.map((cluster) => cluster.nodes[0]);
      if (first === undefined || second === undefined) throw new Error('nodes expected');
      await clusters[0]?.kill(first);
      const third = await startCluster({ replicas: 0 });
      try {
        expect(third.nodes.map((node) => node.port)).not.toContain(first.port);
      } finally {
        await third.stop();
      }
      await clusters[0]?.restart(first);
    } finally {
      await Promise.all(clusters.map((cluster) => cluster.stop()));
    }
  });
});

describe('where a test cluster keeps its files', () => {
  let parent: string;

  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'slotwise-test-'));
  });
  afterAll(() => rm(parent, { recursive: true, force: true }));

  it('writes one configuration a node, with its files named by port', async () => {
    const dir = join(parent, 'plain');
    await using cluster = await startCluster({ replicas: 0, dir, nodeTimeoutMs: 1500, config: { maxmemory: '64mb' } });
    for (const { port, folder } of cluster.nodes) {
      const text = await readFile(join(folder, `${port}.conf`), 'utf8');
      expect(text).toContain(`port ${port}\n`);
      expect(text).toContain('cluster-enabled yes\n');
      expect(text).toContain(`cluster-config-file nodes-${port}.conf\n`);
      expect(text).toContain('cluster-node-timeout 1500\n');
      expect(text).toContain('appendonly yes\n');
      expect(text).toContain(`appendfilename "appendonly.${port}.aof"\n`);
      expect(text).toContain('maxmemory 64mb\n');
      expect(existsSync(join(folder, `nodes-${port}.conf`))).toBe(true);
    }
    await cluster.stop();
    expect(existsSync(dir)).toBe(false);
  });

  it('never touches a folder that holds something else', async () => {
    const dir = join(parent, 'occupied');
    await mkdir(dir);
    await writeFile(join(dir, 'thesis.txt'), 'years of work');
    for (const persist of [false, true]) {
      await expect(startCluster({ dir, persist })).rejects.toMatchObject({ code: 'FOLDER_IN_USE' });
    }
    expect(await readFile(join(dir, 'thesis.txt'), 'utf8')).toBe('years of work');
  });

  it('keeps its data with persist, and comes up again on it', async () => {
    const dir = join(parent, 'kept');
    const before = await startCluster({ replicas: 0, dir, persist: true });
    const owner = await before.masterOf(0);
    await owner.call('SET', '{06S}', 'still here');
    await before.stop();
    expect(before.nodes.map((node) => existsSync(node.folder))).toEqual([true, true, true]);

    await expect(startCluster({ dir })).rejects.toMatchObject({ code: 'FOLDER_IN_USE' });
    await expect(startCluster({ dir, persist: true, masters: 5 })).rejects.toMatchObject({ code: 'FOLDER_IN_USE' });

    await using after = await startCluster({ dir, persist: true });
    expect(after.addresses).toEqual(before.addresses);
    expect(await (await after.masterOf(0)).call('GET', '{06S}')).toBe('still here');
    expect(after.nodes.map((node) => node.id)).toEqual(before.nodes.map((node) => node.id));
  });
});

describe('a test cluster that cannot start', () => {
  it('says how to install a server when there is none', async () => {
    await expect(startCluster({ serverPath: '/nowhere/redis-server' })).rejects.toMatchObject({
      code: 'NO_SERVER',
      message: expect.stringContaining('/nowhere/redis-server'),
    });
    const { PATH, SLOTWISE_SERVER } = process.env;
    process.env['PATH'] = '/nowhere';
    delete process.env['SLOTWISE_SERVER'];
    try {
      await expect(startCluster()).rejects.toThrow('apt install redis-server');
    } finally {
      process.env['PATH'] = PATH;
      if (SLOTWISE_SERVER !== undefined) process.env['SLOTWISE_SERVER'] = SLOTWISE_SERVER;
    }
  });

  it('shows what the server printed about a wrong directive', async () => {
    const starting = startCluster({ config: { 'no-such-directive': 'yes' } });
    await expect(starting).rejects.toThrow(/no-such-directive/);
  });

  it('names the port when a given one is in use', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const address = squatter.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      await expect(startCluster({ basePort: port })).rejects.toMatchObject({
        code: 'PORT_IN_USE',
        message: expect.stringContaining(String(port)),
      });
    } finally {
      squatter.close();
    }
  });

  it.each([
    [{ masters: 2 }, 'masters must be'],
    [{ masters: 3.5 }, 'masters must be'],
    [{ replicas: -1 }, 'replicas must be'],
    [{ basePort: 80 }, 'base port must be'],
    [{ persist: true }, 'needs a folder'],
  ])('refuses %j', async (options, message) => {
    await expect(startCluster(options)).rejects.toThrow(message);
  });
});
