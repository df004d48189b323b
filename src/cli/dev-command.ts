import { relative } from 'node:path';
import { UsageError } from '../errors.ts';
import { findKeptCluster } from '../testing/cluster-folder.ts';
import { type StartProgress, startCluster } from '../testing/start-cluster.ts';
import type { TestCluster } from '../testing/test-cluster.ts';
import type { Invocation } from './command-line.ts';
import { CreateProgressText } from './create-command.ts';

const DEFAULT_NODES = 6;
const DEFAULT_REPLICAS = 1;
const DEFAULT_BASE_PORT = 7000;
const DEFAULT_DIR = './redis-cluster';

/** `slotwise dev`: a local cluster until Ctrl-C. 0 when it was up and has been stopped. */
export async function runDev(invocation: Invocation): Promise<number> {
  const { options, terminal } = invocation;
  const dir = options.dir ?? DEFAULT_DIR;
  const persist = options.persist === true;
  const kept = persist ? await findKeptCluster(dir) : undefined;
  const shape = kept === undefined ? shapeOf(options.nodes ?? DEFAULT_NODES, options.replicas) : undefined;
  if (kept !== undefined) checkNodes(options.nodes, kept.nodes.length);
  const password = options.pass ?? terminal.environment['SLOTWISE_PASSWORD'];
  const progress = new CreateProgressText(invocation, { isOneMachine: true });
  const cluster = await startCluster({
    masters: shape?.masters,
    replicas: shape?.replicas ?? options.replicas,
    basePort: options.basePort ?? (kept === undefined ? DEFAULT_BASE_PORT : undefined),
    serverPath: options.server,
    dir,
    persist,
    config: directives(password),
    onProgress: (step) => showStart(invocation, progress, step),
  });
  invocation.say(await connectLines(cluster, { dir, persist, hasPassword: (password ?? '') !== '' }));
  invocation.give({ addresses: cluster.addresses, dir });
  await terminal.untilInterrupted();
  invocation.say(['', 'Stopping.']);
  await cluster.stop();
  return 0;
}

function shapeOf(nodes: number, replicas = DEFAULT_REPLICAS): { masters: number; replicas: number } {
  const masters = nodes / (replicas + 1);
  if (Number.isInteger(masters)) return { masters, replicas };
  const fitting = Math.max(3, Math.round(masters)) * (replicas + 1);
  throw new UsageError(
    'USAGE',
    `${nodes} nodes do not give every master ${replicas === 1 ? '1 replica' : `${replicas} replicas`}: try --nodes ${fitting}`,
  );
}

function checkNodes(asked: number | undefined, kept: number): void {
  if (asked === undefined || asked === kept) return;
  throw new UsageError(
    'USAGE',
    `the kept cluster has ${kept} nodes, not ${asked}: leave --nodes out or choose another --dir`,
  );
}

function directives(password: string | undefined): Record<string, string> {
  return password === undefined || password === '' ? {} : { requirepass: password };
}

function showStart(invocation: Invocation, progress: CreateProgressText, step: StartProgress): void {
  if (step.step === 'started') {
    const [first, last] = [step.addresses[0], step.addresses.at(-1)];
    invocation.say([`>>> ${step.addresses.length} servers (${step.server}) from ${first} to ${last} in ${step.dir}`]);
  } else if (step.step === 'rejoining') {
    invocation.say(['>>> Found the cluster that was kept, waiting for its nodes to rejoin']);
  } else {
    progress.show(step);
  }
}

interface DevShape {
  readonly dir: string;
  readonly persist: boolean;
  readonly hasPassword: boolean;
}

/** How to connect. The password is known to whoever gave it, and never printed. */
async function connectLines(cluster: TestCluster, shape: DevShape): Promise<string[]> {
  const { dir, persist, hasPassword } = shape;
  const masters = await cluster.masters();
  const [first] = cluster.nodes;
  const folder = relative(process.cwd(), dir) || dir;
  return [
    `[OK] The cluster is up: ${masters.length} masters, ${cluster.nodes.length - masters.length} replicas.`,
    '',
    `  seeds      ${cluster.addresses.join(' ')}`,
    `  slotwise   new ClusterClient('${first?.address}'${hasPassword ? ', { password }' : ''})`,
    `  redis-cli  redis-cli -c -p ${first?.port}${hasPassword ? ' --askpass' : ''}`,
    persist ? `  files      kept in ${folder}` : `  files      in ${folder}, removed at the end (--persist keeps them)`,
    '',
    'Ctrl-C stops it.',
  ];
}
