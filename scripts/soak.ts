import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ClusterClient } from '../src/client/cluster-client.ts';
import { startCluster } from '../src/testing/start-cluster.ts';
import { executedOf } from '../test/helpers/load-model.ts';
import { proxyAll } from '../test/helpers/proxy.ts';
import { type LoadFailure, SteadyLoad } from '../test/helpers/steady-load.ts';
import { openSockets } from '../test/helpers/watch-cluster.ts';
import { chooseFault, type Fault, longOutage, type Scene } from './soak/faults.ts';
import { SideLoad } from './soak/side-load.ts';

/*
 * npm run soak -- [--minutes 20] [--seed 1] [--rate 1500]
 *
 * One client with default options on a real cluster, under a mixed load that a model checks, while one random fault follows the
 * other. Every round ends with everything settled, every key read back and compared with the model, and heap, sockets and
 * timers measured. Ends with 1 if anything was lost, done twice, answered wrongly, left pending, or has grown.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    rate: { type: 'string', default: '1500' },
  },
});
const endsAt = performance.now() + Number(values.minutes) * 60_000;
const FAULTS_A_ROUND = 4;
/** What the heap may grow by between the first measured rounds and the last: noise, not a leak. */
const HEAP_SLACK_BYTES = 8 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What a round leaves behind when all is settled. */
interface Residue {
  readonly heapBytes: number;
  readonly sockets: number;
  readonly timers: number;
}

function measure(): Residue {
  collectGarbage();
  collectGarbage();
  return {
    heapBytes: process.memoryUsage().heapUsed,
    sockets: openSockets(),
    timers: process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length,
  };
}

/** mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Only writes whose connection was lost may fail, and after an outage longer than their time any command, saying so. */
function isAllowed(outlastsCommands: boolean, { name, error }: LoadFailure): boolean {
  if (outlastsCommands && error.name === 'CommandTimeoutError') return true;
  return ['SET', 'INCR', 'MSET'].includes(name) && executedOf(error) === 'unknown';
}

const wrong: string[] = [];
const problem = (what: string): void => {
  wrong.push(what);
  console.log(`  WRONG: ${what}`);
};
process.on('unhandledRejection', (error) => problem(`unhandled rejection: ${String(error)}`));
process.on('uncaughtException', (error) => problem(`uncaught exception: ${error.stack ?? String(error)}`));

async function runRound(place: Omit<Scene, 'slots'>, client: ClusterClient, chosen: readonly Fault[]): Promise<void> {
  const load = await SteadyLoad.start(client, { perSecond: Number(values.rate) });
  const scene: Scene = { ...place, slots: load.slots };
  const side = new SideLoad(client);
  for (const fault of chosen) {
    const startedAt = performance.now();
    const failuresBefore = load.failures.length;
    await fault.run(scene);
    await scene.cluster.untilOk();
    await Promise.all(load.shards.map((shard) => load.untilAnswered(shard, 50)));
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    console.log(`  ${fault.name}: ${seconds} s, ${load.failures.length - failuresBefore} in doubt`);
    await delay(300 + scene.random() * 1_000);
  }
  await load.stop();
  await side.end();
  const outlasts = chosen.some((fault) => fault.outlastsCommands === true);
  for (const failure of load.failures) {
    if (!isAllowed(outlasts, failure)) problem(`${failure.name}: ${failure.error.message}`);
  }
  for (const flaw of [...(await load.verify(scene.cluster)), ...side.violations]) problem(flaw);
  if (client.pending !== 0) problem(`${client.pending} commands are pending after all were settled`);
  if (client.pendingBytes !== 0) problem(`${client.pendingBytes} bytes are pending after all were settled`);
  console.log(
    `  ${load.answered} answered, ${load.failures.length} in doubt; beside them ${side.settled}, of which ${side.failed} were given up`,
  );
}

function judgeResidues(residues: readonly Residue[]): void {
  // The first rounds warm up: code is compiled, pools are filled.
  const settled = residues.slice(2);
  const third = Math.max(1, Math.floor(settled.length / 3));
  const leastHeap = (some: readonly Residue[]): number => Math.min(...some.map((residue) => residue.heapBytes));
  const growth = leastHeap(settled.slice(-third)) - leastHeap(settled.slice(0, third));
  console.log(`heap: ${(growth / 1024).toFixed(0)} KiB more in the last third than in the first`);
  if (growth > HEAP_SLACK_BYTES) problem(`the heap has grown by ${growth} bytes`);
  const first = settled[0];
  const last = settled.at(-1);
  if (first === undefined || last === undefined) return;
  console.log(`sockets: ${first.sockets} then ${last.sockets}; timers: ${first.timers} then ${last.timers}`);
  if (last.sockets > first.sockets + 12) problem(`${last.sockets - first.sockets} sockets more than at the beginning`);
  if (last.timers > first.timers + 4) problem(`${last.timers - first.timers} timers more than at the beginning`);
}

console.log(`seed ${values.seed}, ${values.minutes} minutes`);
const cluster = await startCluster({
  config: { 'cluster-require-full-coverage': 'no', 'enable-debug-command': 'yes' },
});
const servers = await proxyAll(cluster.nodes);
const random = randomFrom(Number(values.seed));
const place = { cluster, servers, random };
const client = new ClusterClient(servers.before(cluster.nodes[0] ?? { address: '' }).address, {
  natMap: servers.natMap,
});
const residues: Residue[] = [];
try {
  for (let round = 1; performance.now() < endsAt || round <= 3; round++) {
    console.log(`round ${round}`);
    const chosen = Array.from({ length: FAULTS_A_ROUND }, () => chooseFault(random));
    if (round === 4) chosen.push(longOutage);
    await runRound(place, client, chosen);
    const residue = measure();
    residues.push(residue);
    const { heapBytes, sockets, timers } = residue;
    console.log(`  heap ${(heapBytes / 1024 / 1024).toFixed(1)} MiB, ${sockets} sockets, ${timers} timers`);
  }
  judgeResidues(residues);
} finally {
  client.destroy();
  await servers.stop();
  await cluster.stop();
}
console.log(`${residues.length} rounds; counters: ${JSON.stringify(client.counters)}`);
console.log(wrong.length === 0 ? 'nothing wrong' : `${wrong.length} things wrong`);
process.exitCode = wrong.length === 0 ? 0 : 1;
