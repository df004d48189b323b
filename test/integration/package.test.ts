import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'tsdown';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const run = promisify(execFile);
const isWindows = process.platform === 'win32';

/** Everything that the published package is made from. */
const packageInputs = [
  'src',
  'package.json',
  'tsconfig.json',
  'tsdown.config.ts',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
];

let folder: string;
let tarball: string;
/** A project of somebody else, with the tarball installed. */
let scratch: string;

function npm(args: readonly string[], cwd: string): Promise<{ stdout: string }> {
  return run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, shell: isWindows });
}

/** Builds and packs a copy, so that the checkout's own dist is neither needed nor disturbed. */
async function packCopy(): Promise<string> {
  const copy = join(folder, 'copy');
  mkdirSync(copy);
  for (const name of packageInputs) cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
  await npm(['pack', '--pack-destination', folder], copy);
  const packed = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (packed === undefined) throw new Error('npm pack made no tarball');
  return join(folder, packed);
}

async function installScratch(): Promise<string> {
  const project = join(folder, 'scratch');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "name": "scratch", "private": true }');
  await npm(['install', '--prefer-offline', tarball], project);
  return project;
}

async function runScript(name: string, source: string): Promise<string> {
  writeFileSync(join(scratch, name), source);
  const { stdout } = await run(process.execPath, [join(scratch, name)], { cwd: scratch });
  return stdout.trim();
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slotwise-package-'));
  tarball = await packCopy();
  scratch = await installScratch();
}, 180_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the tarball', () => {
  it('holds the build and the papers, nothing else', () => {
    const installed = join(scratch, 'node_modules', 'slotwise');
    expect(readdirSync(installed).sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json']);
    const built = readdirSync(join(installed, 'dist'));
    expect(built.filter((name) => !/\.(js|cjs|d\.ts|d\.cts)$/.test(name))).toEqual(['esm']);
    expect(built).toEqual(expect.arrayContaining(['index.js', 'index.cjs', 'index.d.ts', 'index.d.cts', 'cli.cjs']));
  });

  it('brings exactly its three dependencies, and what those need', () => {
    const manifest = JSON.parse(readFileSync(join(scratch, 'node_modules', 'slotwise', 'package.json'), 'utf8'));
    expect(Object.keys(manifest.dependencies).sort()).toEqual(['debug', 'denque', 'redis-parser']);
    const installed = readdirSync(join(scratch, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(installed.sort()).toEqual(['debug', 'denque', 'ms', 'redis-errors', 'redis-parser', 'slotwise']);
  });

  it('is faultless to publint and to arethetypeswrong', async () => {
    const tools = join(root, 'node_modules');
    await run(process.execPath, [join(tools, 'publint', 'src', 'cli.js'), tarball, '--strict']);
    await run(process.execPath, [join(tools, '@arethetypeswrong', 'cli', 'dist', 'index.js'), tarball]);
  }, 60_000);
});

const useOfAllEntries = `
async function main({ ClusterClient, ReplyError, SlotwiseError }, { planCreate }, { startCluster }) {
  const cluster = await startCluster({ masters: 3, replicas: 0 });
  const client = new ClusterClient(cluster.addresses);
  try {
    await client.set('user:42', 'Ada', 'EX', 60);
    const name = await client.get('user:42');
    const error = await client.incr('user:42').catch((error) => error);
    const kinds = [error instanceof ReplyError, error instanceof SlotwiseError, error.code, typeof planCreate];
    console.log(name, ...kinds);
  } finally {
    await client.close();
    await cluster.stop();
  }
}`;

describe('the installed package', () => {
  it('works through import', async () => {
    const source = `
      import * as slotwise from 'slotwise';
      import * as admin from 'slotwise/admin';
      import * as testing from 'slotwise/testing';
      ${useOfAllEntries}
      await main(slotwise, admin, testing);`;
    expect(await runScript('use.mjs', source)).toBe('Ada true true ERR function');
  }, 60_000);

  it('works through require', async () => {
    const source = `
      ${useOfAllEntries}
      main(require('slotwise'), require('slotwise/admin'), require('slotwise/testing'));`;
    expect(await runScript('use.cjs', source)).toBe('Ada true true ERR function');
  }, 60_000);

  it('exports the same names both ways, and no default', async () => {
    const script = `
      import { createRequire } from 'node:module';
      const require = createRequire(import.meta.url);
      const names = {};
      for (const entry of ['slotwise', 'slotwise/admin', 'slotwise/testing']) {
        names[entry] = [Object.keys(await import(entry)).sort(), Object.keys(require(entry)).sort()];
      }
      console.log(JSON.stringify(names));`;
    const names: Record<string, [string[], string[]]> = JSON.parse(await runScript('names.mjs', script));
    for (const [imported, required] of Object.values(names)) {
      expect(imported).toEqual(required);
      expect(imported).not.toContain('default');
    }
    expect(names['slotwise']?.[0]).toContain('ClusterClient');
  });

  it('has each class once, however it is loaded', async () => {
    const script = `
      import { createRequire } from 'node:module';
      import { ClusterClient, ReplyError } from 'slotwise';
      const required = createRequire(import.meta.url)('slotwise');
      console.log(required.ClusterClient === ClusterClient, required.ReplyError === ReplyError);`;
    expect(await runScript('once.mjs', script)).toBe('true true');
  });

  it.each(['esm', 'cjs'] as const)(
    'can be bundled into one file (%s) that needs nothing else',
    async (format) => {
      const source = `
      import { ClusterClient } from 'slotwise';
      const client = new ClusterClient('127.0.0.1:1', { lazyConnect: true });
      console.log(typeof client.get, client.status);`;
      writeFileSync(join(scratch, 'app.mjs'), source);
      const outDir = join(folder, `bundle-${format}`);
      const silent = { config: false, dts: false, logLevel: 'silent', platform: 'node' } as const;
      await build({ ...silent, cwd: scratch, entry: 'app.mjs', format, outDir, deps: { alwaysBundle: [/./] } });
      const file = readdirSync(outDir).find((name) => name.startsWith('app.')) ?? '';
      expect((await run(process.execPath, [join(outDir, file)])).stdout.trim()).toBe('function idle');
    },
    60_000,
  );

  it('has a command line that needs no further package', async () => {
    const command = join(scratch, 'node_modules', '.bin', isWindows ? 'slotwise.cmd' : 'slotwise');
    const { stdout } = await run(command, ['--help'], { shell: isWindows });
    expect(stdout).toMatch(/^Usage: slotwise/m);
    const script = readFileSync(join(scratch, 'node_modules', 'slotwise', 'dist', 'cli.cjs'), 'utf8');
    expect(script.startsWith('#!/usr/bin/env node\n')).toBe(true);
    expect(existsSync(join(scratch, 'node_modules', 'commander'))).toBe(false);
  });
});

const consumer = `
import { ClusterClient, ReplyError } from 'slotwise';
import { planCreate } from 'slotwise/admin';
import { startCluster } from 'slotwise/testing';

export async function use(): Promise<string | null> {
  const cluster = await startCluster({ masters: 3, replicas: 1 });
  const client = new ClusterClient('127.0.0.1:7000');
  const done: 'OK' | null = await client.set('key', 'value', 'EX', 10);
  const error: unknown = done;
  if (error instanceof ReplyError) return error.code;
  // @ts-expect-error a key is never an object like this
  client.get({ not: 'a key' });
  await cluster.stop();
  return planCreate === undefined ? null : client.get('key');
}
`;

function typecheck(file: string, options: ts.CompilerOptions): string[] {
  const program = ts.createProgram([file], {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts'],
    types: ['node'],
    // Only Node's types come from here: the package has to bring or not need all others.
    typeRoots: [join(folder, 'types')],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    ...options,
  });
  return ts.getPreEmitDiagnostics(program).map((one) => ts.flattenDiagnosticMessageText(one.messageText, '\n'));
}

describe('the types of the installed package', () => {
  const { ModuleKind, ModuleResolutionKind } = ts;
  beforeAll(() => {
    mkdirSync(join(folder, 'types'));
    symlinkSync(join(root, 'node_modules', '@types', 'node'), join(folder, 'types', 'node'), 'junction');
    for (const name of ['consumer.mts', 'consumer.cts', 'consumer.ts']) writeFileSync(join(scratch, name), consumer);
  });

  it.each([
    ['ESM under node16', 'consumer.mts', { module: ModuleKind.Node16, moduleResolution: ModuleResolutionKind.Node16 }],
    [
      'CommonJS under node16',
      'consumer.cts',
      { module: ModuleKind.Node16, moduleResolution: ModuleResolutionKind.Node16 },
    ],
    ['a bundler', 'consumer.ts', { module: ModuleKind.ESNext, moduleResolution: ModuleResolutionKind.Bundler }],
  ])(
    'are right for %s',
    (_, file, options) => {
      expect(typecheck(join(scratch, file), options)).toEqual([]);
    },
    60_000,
  );
});
