import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { openLink } from '../src/connection/link.ts';
import { startCluster } from '../src/testing/index.ts';
import { drawCharts } from './chart.ts';
import { AGAINST, listContestants } from './contestants.ts';
import type { Figures } from './figures.ts';
import { fillFixtures, readSlotOwners } from './fixtures.ts';
import { type Footprint, measureFootprint } from './footprint.ts';
import { formatFootprints, formatWorkload, type Report, toRatios, toStanding, type WorkloadReport } from './report.ts';
import { buildWorker, WorkerProcess } from './worker-process.ts';
import { type Workload, workloads } from './workloads.ts';

const usage = `Measures slotwise beside its peers and beside bare sockets, on one local cluster of three masters.

  npm run bench                          everything (about 13 minutes)
  npm run bench -- --quick               the workloads that matter most, in under 90 seconds
  npm run bench -- --workload get-64     only these workloads (may be repeated; --list names them)
  npm run bench -- --only slotwise       only these contestants (may be repeated; also floor, promise-floor, prototype)
  npm run bench -- --profile slotwise    one contestant, one workload, with a CPU profile in bench/results
  npm run bench -- --against other/dist  another build of slotwise too, as the contestant "against"
  npm run bench -- --seed host:port      a cluster of yours instead of a local one (its keys bench:* are overwritten)
  npm run bench -- --rounds 9 --round-ms 2000
`;

const folder = new URL('./', import.meta.url);
const results = new URL('results/', folder);

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    workload: { type: 'string', multiple: true },
    rounds: { type: 'string' },
    'round-ms': { type: 'string' },
    against: { type: 'string' },
    profile: { type: 'string' },
    seed: { type: 'string' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (options.against !== undefined)
  process.env[AGAINST] = new URL('index.js', `${pathToFileURL(options.against)}/`).href;
const contestants = listContestants();

const rounds = Number(options.rounds ?? 5);
const roundMs = Number(options['round-ms'] ?? (options.quick ? 100 : 300));

interface BenchManifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

function readVersion(file: URL): string | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : undefined;
}

/** Installs the peers into bench/node_modules unless exactly the wanted versions are there; returns all versions. */
function installPeers(): Record<string, string> {
  const { dependencies } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as BenchManifest;
  const installed = (name: string) => readVersion(new URL(`node_modules/${name}/package.json`, folder));
  const isCurrent = Object.entries(dependencies).every(([name, version]) => installed(name) === version);
  if (!isCurrent) {
    console.log('Installing the peers into bench/node_modules …');
    const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
    const done = spawnSync('npm', args, {
      cwd: fileURLToPath(folder),
      stdio: 'inherit',
      shell: process.platform === 'win32',
    });
    if (done.status !== 0) throw new Error('npm ci in bench/ did not finish');
  }
  return { slotwise: readVersion(new URL('../package.json', folder)) ?? '', ...dependencies };
}

function chooseContestants(): string[] {
  const all = ['floor', 'promise-floor', 'prototype', ...contestants.map(({ name }) => name)];
  if (options.only === undefined) return options.quick ? all.filter((name) => !/^pro/.test(name)) : all;
  const unknown = options.only.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new Error(`no contestant is called ${unknown}; there are ${all.join(', ')}`);
  return all.filter((name) => options.only?.includes(name));
}

function chooseWorkloads(): Workload[] {
  if (options.workload === undefined) return workloads.filter((one) => one.isQuick || !options.quick);
  const chosen = options.workload.map((name) => {
    const found = workloads.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no workload is called ${name}; --list names them`);
    return found;
  });
  return chosen;
}

interface Seed {
  readonly host: string;
  readonly port: number;
}

/** A contestant that cannot do the workload, or does it wrongly, is left out of it; the others are measured. */
async function open(
  name: string,
  worker: WorkerProcess,
  workload: Workload,
  seed: Seed,
  leaveOut: () => void,
): Promise<void> {
  try {
    const { isAble } = await worker.ask({ type: 'open', contestant: name, workload: workload.name, ...seed });
    if (isAble !== false) return;
  } catch (error) {
    console.error(`${workload.name} is measured without ${name}: ${error instanceof Error ? error.message : error}`);
  }
  leaveOut();
  worker.kill();
}

function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((value) => ({ value, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ value }) => value);
}

/** All contestants of one workload, each in a process of its own, taking turns. */
async function measureWorkload(workload: Workload, names: readonly string[], seed: Seed): Promise<WorkloadReport> {
  const figures = new Map<string, Figures[]>();
  const workers = new Map<string, WorkerProcess>();
  try {
    for (const name of names) workers.set(name, new WorkerProcess(name));
    await Promise.all(
      [...workers].map(([name, worker]) => open(name, worker, workload, seed, () => workers.delete(name))),
    );
    for (const [name, worker] of workers) {
      // Not counted: code is compiled, sockets grow their windows. Shorter, and busy machines are still compiling afterwards.
      await worker.ask({ type: 'warm', durationMs: options.quick ? 500 : 800 });
      figures.set(name, []);
    }
    for (let round = 0; round < rounds; round++) {
      // Nobody always comes behind the same one.
      for (const [name, worker] of shuffled([...workers])) {
        const answer = await worker.ask({ type: 'run', durationMs: roundMs });
        if (answer.figures !== undefined) figures.get(name)?.push(answer.figures);
      }
    }
  } finally {
    await Promise.all([...workers.values()].map((worker) => worker.stop()));
  }
  const standings = Object.fromEntries([...figures].map(([name, taken]) => [name, toStanding(workload, taken)]));
  return { name: workload.name, title: workload.title, standings, ratios: toRatios(figures) };
}

/** Holds all nodes still, lets the contestant wait for 100,000 GETs and asks what its heap has become. */
async function measurePending(name: string, seed: Seed): Promise<number> {
  const ownerOf = await readSlotOwners(`${seed.host}:${seed.port}`);
  const addresses = [...new Set(Array.from({ length: 16384 }, (_, slot) => ownerOf(slot)))];
  const worker = new WorkerProcess(name);
  const links = await Promise.all(addresses.map((address) => openLink(address)));
  try {
    await worker.ask({ type: 'open', contestant: name, workload: 'get-64', ...seed });
    await worker.ask({ type: 'warm', durationMs: 300 });
    await Promise.all(links.map((link) => link.call('CLIENT', 'PAUSE', 30_000, 'ALL')));
    const { bytesPerCommand } = await worker.ask({ type: 'pending', commands: 100_000 });
    return bytesPerCommand ?? Number.NaN;
  } finally {
    worker.kill();
    await Promise.all(links.map((link) => link.call('CLIENT', 'UNPAUSE')));
    for (const link of links) link.destroy();
  }
}

async function profile(name: string, chosen: readonly Workload[], seed: Seed): Promise<void> {
  const workload = (
    options.workload === undefined ? workloads.find((one) => one.name === 'get-64') : chosen[0]
  ) as Workload;
  await fillFixtures(`${seed.host}:${seed.port}`, [workload.fixture]);
  const worker = new WorkerProcess(name, ['--cpu-prof', `--cpu-prof-dir=${fileURLToPath(results)}`]);
  await worker.ask({ type: 'open', contestant: name, workload: workload.name, ...seed });
  await worker.ask({ type: 'warm', durationMs: 1000 });
  const { figures } = await worker.ask({ type: 'run', durationMs: 5000 });
  await worker.stop();
  if (figures === undefined) throw new Error('the worker gave no figures');
  const standings = { [name]: toStanding(workload, [figures]) };
  console.log(formatWorkload({ name: workload.name, title: workload.title, standings, ratios: toRatios(new Map()) }));
  console.log('\nThe profile is in bench/results; open it in the performance panel of Chrome or in an editor.');
}

async function readServerVersion(seed: Seed): Promise<string> {
  const link = await openLink(`${seed.host}:${seed.port}`);
  const text = String(await link.call('INFO', 'server'));
  await link.close();
  const valkey = /valkey_version:(\S+)/.exec(text)?.[1];
  return valkey === undefined ? `Redis ${/redis_version:(\S+)/.exec(text)?.[1]}` : `Valkey ${valkey}`;
}

async function measureAll(chosen: readonly Workload[], names: readonly string[], seed: Seed): Promise<void> {
  const versions = installPeers();
  const loadBefore = loadavg()[0] ?? 0;
  if (loadBefore > cpus().length / 4) {
    console.error(
      `Other programs are busy here (load ${loadBefore.toFixed(1)}): do not publish the figures of this run.`,
    );
  }
  await fillFixtures(`${seed.host}:${seed.port}`, [
    ...new Set(['short' as const, ...chosen.map((one) => one.fixture)]),
  ]);
  const taken: WorkloadReport[] = [];
  for (const workload of chosen) {
    const measured = await measureWorkload(workload, names, seed);
    taken.push(measured);
    console.log(formatWorkload(measured));
  }
  const footprints: Record<string, Footprint> = {};
  const bytesPerPending: Record<string, number> = {};
  // Part of the whole picture, not of a look at one workload.
  const entries =
    options.workload === undefined ? contestants.filter(({ name }) => name !== 'against' && names.includes(name)) : [];
  for (const entry of entries) {
    footprints[entry.name] = measureFootprint(entry, options.quick ? 3 : 9);
    if (!options.quick) bytesPerPending[entry.name] = await measurePending(entry.name, seed);
  }
  if (entries.length > 0) console.log(formatFootprints({ footprints, bytesPerPending }));
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    server: await readServerVersion(seed),
  };
  const takenAt = new Date().toISOString();
  write({
    takenAt,
    isQuick: options.quick,
    loadBefore,
    machine,
    rounds,
    roundMs,
    versions,
    workloads: taken,
    footprints,
    bytesPerPending,
  });
}

/** Only a run of everything replaces the published figures and charts; git ignores what the others write. */
function write(report: Report): void {
  mkdirSync(results, { recursive: true });
  const isWhole = [options.only, options.workload, options.against].every((chosen) => chosen === undefined);
  const name = !isWhole ? 'partial.json' : options.quick ? 'quick.json' : 'latest.json';
  writeFileSync(new URL(name, results), `${JSON.stringify(report, undefined, 2)}\n`);
  const charts = name === 'latest.json' ? drawCharts(report) : {};
  for (const [file, svg] of Object.entries(charts)) writeFileSync(new URL(file, results), svg);
  console.log(`\nWritten to bench/results: ${[name, ...Object.keys(charts)].join(', ')}`);
}

async function main(): Promise<void> {
  if (options.help) {
    console.log(usage);
    return;
  }
  if (options.list) {
    for (const { name, title } of workloads) console.log(`${name.padEnd(20)} ${title}`);
    return;
  }
  const names = chooseContestants();
  await buildWorker();
  const chosen = chooseWorkloads();
  const cluster = options.seed === undefined ? await startCluster({ masters: 3, replicas: 0 }) : undefined;
  try {
    const address = options.seed ?? cluster?.addresses[0] ?? '';
    const colon = address.lastIndexOf(':');
    const seed = { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
    if (options.profile === undefined) await measureAll(chosen, names, seed);
    else await profile(options.profile, chosen, seed);
  } finally {
    await cluster?.stop();
  }
}

await main();
