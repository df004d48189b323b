import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withLink } from '../../src/admin/node-link.ts';
import { isFree } from '../../src/testing/ports.ts';
import { runCli, spawnCli } from '../helpers/run-cli.ts';

/** The first of three free port pairs, in a range from which clusters without a base port never take any. */
async function freeBasePort(): Promise<number> {
  for (;;) {
    const base = 1_200 + Math.floor(Math.random() * 700);
    const pairs = [base, base + 1, base + 2].map((port) => ({ port, busPort: port + 10_000 }));
    if ((await Promise.all(pairs.map(isFree))).every(Boolean)) return base;
  }
}

const basePort = await freeBasePort();

describe('slotwise dev', () => {
  let parent: string;
  let dir: string;

  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'slotwise-dev-'));
    dir = join(parent, 'cluster');
  });
  afterAll(() => rm(parent, { recursive: true, force: true }));

  /** Starts it and resolves with what it has printed once it is up. */
  async function startDev(...words: string[]): Promise<{ child: ChildProcess; text: string }> {
    const child = spawnCli(['dev', '--dir', dir, ...words]);
    child.stdin?.end();
    let text = '';
    for await (const chunk of child.stdout ?? []) {
      text += String(chunk);
      if (text.includes('Ctrl-C stops it.')) break;
    }
    child.stderr?.resume();
    return { child, text };
  }

  async function interrupt(child: ChildProcess): Promise<number | null> {
    child.kill('SIGINT');
    if (child.exitCode === null) await once(child, 'exit');
    return child.exitCode;
  }

  const first = `127.0.0.1:${basePort}`;
  const shape = ['--nodes', '3', '--replicas', '0', '--base-port', String(basePort)];

  it('stays up until it is interrupted, then leaves nothing', async () => {
    const password = 'a-secret-word';
    const { child, text } = await startDev(...shape, '--pass', password);
    expect(text).toContain(`seeds      ${first} 127.0.0.1:${basePort + 1} 127.0.0.1:${basePort + 2}`);
    expect(text).toContain(`redis-cli -c -p ${basePort} --askpass`);
    expect(text).toContain(`new ClusterClient('${first}', { password })`);
    expect(text).not.toContain(password);
    const check = await runCli(['check', first], { environment: { SLOTWISE_PASSWORD: password } });
    expect(check.exitCode).toBe(0);
    const again = await runCli(['dev', '--dir', join(parent, 'other'), ...shape]);
    expect(again.exitCode).toBe(1);
    expect(again.stderr).toContain(`port ${basePort}`);
    expect(await interrupt(child)).toBe(0);
    expect(existsSync(dir)).toBe(false);
    expect((await runCli(['check', first])).exitCode).toBe(1);
  });

  it('finds its data again with --persist, without creating a second time', async () => {
    const before = await startDev(...shape, '--persist');
    expect(before.text).toContain('>>> Introducing the nodes');
    expect(before.text).toContain(`new ClusterClient('${first}')\n`);
    expect(before.text).toContain(`redis-cli -c -p ${basePort}\n`);
    await withLink(first, {}, (link) => link.call('SET', '{06S}', 'kept'));
    expect(await interrupt(before.child)).toBe(0);

    const after = await startDev('--persist');
    expect(after.text).toContain('>>> Found the cluster that was kept');
    expect(after.text).not.toContain('>>> Introducing the nodes');
    expect(await withLink(first, {}, (link) => link.call('GET', '{06S}'))).toBe('kept');
    expect(await interrupt(after.child)).toBe(0);

    const mistaken = await runCli(['dev', '--dir', dir, ...shape]);
    expect(mistaken.exitCode).toBe(1);
    expect(mistaken.stderr).toContain('holds a cluster that was kept');
  });
});
