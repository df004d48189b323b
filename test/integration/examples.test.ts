import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type TestCluster } from '../../src/testing/index.ts';
import { runNode, runScript } from '../helpers/run-script.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = join(root, 'examples');
const isTest = (name: string): boolean => /\.(test|config)\.ts$/.test(name);
/** A module that a test among the examples imports; it prints nothing by itself. */
const isTested = (name: string): boolean => readdirSync(folder).includes(name.replace(/\.ts$/, '.test.ts'));
const programs = readdirSync(folder).filter((name) => name.endsWith('.ts') && !isTest(name) && !isTested(name));

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startCluster({ masters: 3, replicas: 1 });
});

afterAll(async () => {
  await cluster.stop();
});

/** What an example says it prints: the text of its `// prints: …` comments. */
function announced(name: string): string[] {
  const source = readFileSync(join(folder, name), 'utf8');
  return [...source.matchAll(/\/\/ prints: (.*)$/gm)].map((match) => match[1] ?? '');
}

describe('examples', () => {
  it.each(programs)('%s runs, and prints what it says that it prints', async (name) => {
    const seed = cluster.addresses.at(-1) ?? '';
    const { exitCode, stdout, stderr } = await runScript(`examples/${name}`, { SEED: seed });
    expect(stderr).toBe('');
    // One that says nothing of its output (times, addresses) has some at least.
    expect(stdout).not.toBe('');
    if (announced(name).length > 0) expect(stdout.trimEnd().split('\n')).toEqual(announced(name));
    expect(exitCode).toBe(0);
  });

  it('the tests of a service pass', async () => {
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const { exitCode, stdout, stderr } = await runNode([vitest, 'run', '--root', 'examples', '--no-color']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/Tests\s+2 passed/);
  }, 120_000);
});

describe('README.md', () => {
  it('shows as its first code what examples/basic.ts runs', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const [, shown] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
    const source = readFileSync(join(folder, 'basic.ts'), 'utf8').replace("process.env['SEED'] ?? ", '');
    expect(shown?.trim()).toBe(source.replaceAll('// prints: ', '// ').trim());
  });
});
