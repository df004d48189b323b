import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ContestantEntry } from './contestants.ts';
import { median } from './figures.ts';

/** What a client costs before its first command. */
export interface Footprint {
  /** From an empty script to the imported package, in milliseconds; the median of several fresh processes. */
  readonly importMs: number;
  /** Of the package and everything that it makes npm install. */
  readonly installedBytes: number;
  readonly packages: number;
}

const benchFolder = dirname(fileURLToPath(import.meta.url));
const projectFolder = dirname(benchFolder);

function measureImport(specifier: string, times: number): number {
  const source = `const start = performance.now();
    await import(${JSON.stringify(specifier)});
    console.log(performance.now() - start);
    process.exit(0);`;
  const args = ['--input-type=module', '--eval', source];
  const once = () => Number(execFileSync(process.execPath, args, { cwd: benchFolder, encoding: 'utf8' }));
  once();
  return median(Array.from({ length: times }, once));
}

interface Manifest {
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly files?: readonly string[];
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** As Node looks for a package: in the node_modules of each folder upwards. Undefined for another platform's package. */
function findPackage(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}

function sizeOf(path: string): number {
  const stats = lstatSync(path);
  if (!stats.isDirectory()) return stats.size;
  let sum = 0;
  for (const name of readdirSync(path)) if (name !== 'node_modules') sum += sizeOf(join(path, name));
  return sum;
}

function measureInstall(folder: string, ownBytes: number): Pick<Footprint, 'installedBytes' | 'packages'> {
  const seen = new Map([[folder, ownBytes]]);
  const visit = (from: string): void => {
    const { dependencies, optionalDependencies } = readManifest(from);
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const found = findPackage(name, from);
      if (found === undefined || seen.has(found)) continue;
      seen.set(found, sizeOf(found));
      visit(found);
    }
  };
  visit(folder);
  return { installedBytes: [...seen.values()].reduce((a, b) => a + b, 0), packages: seen.size };
}

export function measureFootprint(entry: ContestantEntry, imports: number): Footprint {
  const importMs = measureImport(entry.specifier, imports);
  if (entry.name === 'slotwise') {
    // Only what npm would publish of this checkout.
    const published = ['package.json', ...(readManifest(projectFolder).files ?? [])].map((name) =>
      join(projectFolder, name),
    );
    const ownBytes = published.filter(existsSync).reduce((sum, path) => sum + sizeOf(path), 0);
    return { importMs, ...measureInstall(projectFolder, ownBytes) };
  }
  const folder = findPackage(entry.specifier, benchFolder);
  if (folder === undefined) throw new Error(`${entry.specifier} is not installed`);
  return { importMs, ...measureInstall(folder, sizeOf(folder)) };
}
