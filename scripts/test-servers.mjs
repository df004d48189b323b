#!/usr/bin/env node
/**
 * Runs the tests that need a server on a current Redis 8 and on Valkey 9: `npm run test:servers`. SLOTWISE_REDIS8 and
 * SLOTWISE_VALKEY9 name the servers; those that are not named are fetched once by scripts/newer-servers.sh. Arguments go to
 * vitest: `npm run test:servers -- test/integration/keys-oracle.test.ts`.
 */
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'slotwise', 'servers');

const servers = [
  { name: 'Redis 8', path: process.env.SLOTWISE_REDIS8, fetched: join(cache, 'redis-server-8') },
  { name: 'Valkey 9', path: process.env.SLOTWISE_VALKEY9, fetched: join(cache, 'valkey-server-9') },
];

if (servers.some(({ path }) => !path)) {
  const done = spawnSync(join(root, 'scripts', 'newer-servers.sh'), [cache], { stdio: 'inherit' });
  if (done.status !== 0) {
    console.error('Without it, set SLOTWISE_REDIS8 and SLOTWISE_VALKEY9 to the paths of such servers.');
    process.exit(1);
  }
}

function versionOf(path) {
  const asked = spawnSync(path, ['--version'], { encoding: 'utf8' });
  if (asked.status === 0) return asked.stdout.trim();
  console.error(`${path} does not run: ${asked.error?.message ?? asked.stderr}`);
  process.exit(1);
}

const chosen = process.argv.slice(2);
const tests = chosen.length > 0 ? chosen : ['--project', 'integration', '--project', 'scenario'];
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const failed = [];
for (const { name, path, fetched } of servers) {
  const server = path || fetched;
  console.log(`\n== ${name}: ${versionOf(server)}`);
  const env = { ...process.env, SLOTWISE_SERVER: server };
  const done = spawnSync(process.execPath, [vitest, 'run', ...tests], { cwd: root, stdio: 'inherit', env });
  if (done.status !== 0) failed.push(name);
}
if (failed.length > 0) {
  console.error(`\nFailed on ${failed.join(' and ')}.`);
  process.exit(1);
}
