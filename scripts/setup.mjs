#!/usr/bin/env node
/**
 * Makes a fresh clone ready for `npm test` and `npm run demo`: installs the npm packages when they are missing or stale and
 * finds a Redis or Valkey server, or installs one with the system's package manager. Plain Node, no dependencies, quiet
 * when there is nothing to do, and safe to interrupt and run again.
 */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { delimiter, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function say(text) {
  console.log(`setup: ${text}`);
}

function fail(text) {
  console.error(`setup: ${text}`);
  process.exit(1);
}

/**
 * Runs a program to its end and tells how it ended. When setup itself is asked to stop, the program is asked too and setup
 * leaves only after it: an npm or apt-get that went on alone would be in the way of the next attempt.
 */
function run(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, options);
    let stoppedBy;
    const pass = (signal) => {
      stoppedBy = signal;
      child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, pass);
    const finish = (ending) => {
      for (const signal of signals) process.off(signal, pass);
      if (stoppedBy !== undefined) process.kill(process.pid, stoppedBy);
      else resolve(ending);
    };
    child.on('error', (error) => finish({ error, status: null }));
    child.on('exit', (status, signal) => finish({ status, signal }));
  });
}

function requireNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) fail(`Node 20 or newer is needed; this is ${process.version}.`);
}

// --- npm packages ---------------------------------------------------------------------------------------------------

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Whether node_modules holds what package-lock.json asks for. npm writes node_modules/.package-lock.json last, so it
 * describes a finished install; the folders are looked for as well, because somebody may have deleted one.
 */
function packagesAreCurrent() {
  const wanted = readJson(join(root, 'package-lock.json'));
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === undefined) fail('package-lock.json is missing or broken; check it out again.');
  if (installed === undefined) return false;
  for (const [path, entry] of Object.entries(wanted.packages)) {
    if (path === '') continue;
    const found = installed.packages[path];
    // npm leaves out optional packages of other platforms.
    if (found === undefined && entry.optional) continue;
    if (found === undefined || found.version !== entry.version || found.integrity !== entry.integrity) return false;
    if (!existsSync(join(root, path))) return false;
  }
  return true;
}

async function installPackages() {
  say('installing npm packages (npm ci) …');
  // From here to the end of npm ci node_modules is unfinished; without this file the next run sees that.
  rmSync(join(root, 'node_modules', '.package-lock.json'), { force: true });
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npmCli = process.env.npm_execpath;
  const viaNode = npmCli?.endsWith(`${sep}npm-cli.js`);
  const done = viaNode
    ? await run(process.execPath, [npmCli, ...args], { cwd: root, stdio: 'inherit' })
    : await run('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (done.status !== 0) {
    fail(`npm ci did not finish (${reasonOf(done)}). Mend that, or run it yourself in ${root}, and try again.`);
  }
}

function reasonOf(done) {
  if (done.error) return done.error.message;
  return done.signal ? `ended by ${done.signal}` : `exit code ${done.status}`;
}

// --- a server -------------------------------------------------------------------------------------------------------

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The full path of a program, looked up on PATH unless `name` is a path itself; undefined if there is none. */
function findProgram(name, extraFolders = []) {
  if (name.includes('/') || name.includes(sep)) return isExecutable(name) ? name : undefined;
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...extraFolders];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function findServer() {
  const chosen = process.env.SLOTWISE_SERVER;
  if (chosen) {
    const found = findProgram(chosen);
    if (found === undefined) fail(`SLOTWISE_SERVER is ${chosen}, which is not a program that can be run.`);
    return found;
  }
  return findProgram('redis-server') ?? findProgram('valkey-server');
}

const aptGet = 'DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300';

/**
 * Debian starts a Redis on port 6379 when the package is installed. policy-rc.d is Debian's own way to say "not now"; it
 * is put in place only if the machine has none, and taken away again whatever happens. On a machine with systemd the
 * service is switched off as well, so that it does not come with the next boot.
 */
const aptScript = `
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  trap 'rm -f $policy' EXIT
  trap 'exit 130' INT TERM HUP
  printf '#!/bin/sh\\nexit 101\\n' >$policy && chmod 755 $policy
fi
${aptGet} update || echo "setup: apt-get update had errors; trying with the package lists as they are"
for name in redis-server valkey-server; do
  if ${aptGet} install -y --no-install-recommends $name; then
    if [ -d /run/systemd/system ]; then systemctl disable --now $name || true; fi
    exit 0
  fi
done
exit 1
`;

/** One row a package manager: what is run as `script`, and what a person would type for the same. */
const packageManagers = [
  {
    program: 'apt-get',
    asRoot: true,
    script: aptScript,
    byHand: 'apt-get update && apt-get install -y redis-server',
    note: 'its service is neither started nor enabled',
  },
  {
    program: 'dnf',
    asRoot: true,
    script: 'dnf install -y valkey || dnf install -y redis',
    byHand: 'dnf install -y valkey',
  },
  {
    program: 'apk',
    asRoot: true,
    script: 'apk add --no-cache redis || apk add --no-cache valkey',
    byHand: 'apk add redis',
  },
  {
    program: 'brew',
    asRoot: false,
    script: 'brew install redis || brew install valkey',
    byHand: 'brew install redis',
  },
];

async function installServer() {
  const folders = ['/usr/sbin', '/sbin', '/opt/homebrew/bin', '/usr/local/bin'];
  const manager = packageManagers.find(({ program }) => findProgram(program, folders) !== undefined);
  const orElse = 'Or set SLOTWISE_SERVER to the path of a redis-server or valkey-server (7.0 or newer).';
  if (manager === undefined) {
    fail(`no redis-server or valkey-server on PATH, and no apt-get, dnf, apk or brew to install one. ${orElse}`);
  }
  const isRoot = process.getuid?.() === 0;
  const useSudo = manager.asRoot && !isRoot;
  if (useSudo && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status !== 0) {
    const byHand = manager.byHand.replaceAll(manager.program, `sudo ${manager.program}`);
    fail(
      `no redis-server or valkey-server on PATH. Installing one needs root; run this, then try again:\n\n  ${byHand}\n\n${orElse}`,
    );
  }
  const note = manager.note ? ` (${manager.note})` : '';
  say(
    `no redis-server or valkey-server on PATH: installing one with ${manager.program}${useSudo ? ' through sudo' : ''}${note} …`,
  );
  const command = useSudo ? ['sudo', '-n', 'sh', '-c', manager.script] : ['sh', '-c', manager.script];
  const done = await run(command[0], command.slice(1), {
    // The package manager's own words go to stderr, so that stdout stays the program's.
    stdio: ['ignore', 2, 2],
    env: { ...process.env, PATH: [process.env.PATH, ...folders].filter(Boolean).join(delimiter) },
  });
  const server = findServer();
  if (done.status !== 0 || server === undefined) {
    const why = done.status === 0 ? 'no server on PATH afterwards' : reasonOf(done);
    fail(`installing a server did not work (${why}). By hand: ${manager.byHand}\n${orElse}`);
  }
  say(`installed ${server}.`);
  return server;
}

/** A file that is there but cannot run (wrong machine, missing library) is better noticed now than in every test. */
function requireWorkingServer(server) {
  const asked = spawnSync(server, ['--version'], { encoding: 'utf8' });
  if (asked.status !== 0) fail(`${server} does not run (${reasonOf(asked)}): ${(asked.stderr ?? '').trim()}`);
}

requireNode();
if (!packagesAreCurrent()) {
  await installPackages();
  if (!packagesAreCurrent())
    fail('npm ci finished, but node_modules does not match package-lock.json; please report this.');
}
requireWorkingServer(findServer() ?? (await installServer()));
