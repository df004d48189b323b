import { ClusterError } from '../errors.ts';
import { awaitMembers, awaitServing } from './cluster-agreement.ts';
import { assessSurvey, type ClusterCheck } from './cluster-check.ts';
import { surveyCluster } from './cluster-survey.ts';
import { type CreatePlan, planCreate } from './create-plan.ts';
import { addSlots, meet, type NewNode, openNewNodes } from './new-node.ts';
import { type AccessOptions, complaintOf, inParallel } from './node-link.ts';

/** How far a creation has come, for showing it. */
export type CreateProgress =
  | { readonly step: 'inspecting'; readonly addresses: readonly string[] }
  /** Every node is fit. `ids` gives each address's node id. */
  | { readonly step: 'planned'; readonly plan: CreatePlan; readonly ids: ReadonlyMap<string, string> }
  | { readonly step: 'assigning' | 'settingEpochs' | 'meeting' | 'replicating' | 'checking' }
  /** Repeated while nodes get to know each other; `waitingFor` are the addresses of those that do not know all others. */
  | { readonly step: 'joining'; readonly waitingFor: readonly string[]; readonly waitedMs: number };

export interface CreateOptions extends AccessOptions {
  /** Replicas of each master; 0 by default. */
  readonly replicas?: number | undefined;
  /** Called with the plan before anything is changed; false leaves everything as it was. Without it the plan is carried out. */
  readonly confirm?: ((plan: CreatePlan) => boolean | Promise<boolean>) | undefined;
  readonly onProgress?: ((progress: CreateProgress) => void) | undefined;
  /** How long nodes may take to know each other, and again to serve; 60000 ms unless told. */
  readonly joinTimeoutMs?: number | undefined;
}

export interface CreateReport {
  /** False only when `confirm` said no. */
  readonly created: boolean;
  readonly plan: CreatePlan;
  /** What a check of the new cluster found; undefined when it was not created. */
  readonly check: ClusterCheck | undefined;
}

/**
 * Makes one cluster of these empty nodes, as {@link planCreate} plans it, and resolves once every node serves and all agree.
 *
 * @param addresses `host:port` of each node; the first ones of each host become masters.
 * @throws UsageError for a request that cannot be planned; ClusterError `NODES_UNFIT` when a node is unreachable, not in
 * cluster mode or not empty (then nothing was changed), `CREATE_FAILED` when a node refuses its part, `JOIN_TIMEOUT` naming
 * the nodes that do not join.
 */
export async function createCluster(addresses: readonly string[], options: CreateOptions = {}): Promise<CreateReport> {
  const progress = options.onProgress ?? (() => {});
  const plan = planCreate(addresses, { replicas: options.replicas });
  progress({ step: 'inspecting', addresses });
  const nodes = await openNewNodes(addresses, options);
  try {
    progress({ step: 'planned', plan, ids: new Map(nodes.map((node) => [node.address, node.id])) });
    const accepted = options.confirm === undefined || (await options.confirm(plan));
    if (!accepted) return { created: false, plan, check: undefined };
    await carryOut(plan, nodes, options, progress);
    progress({ step: 'checking' });
    const first = plan.masters[0]?.address ?? '';
    return { created: true, plan, check: assessSurvey(await surveyCluster(first, options)) };
  } finally {
    for (const node of nodes) node.link.destroy();
  }
}

async function carryOut(
  plan: CreatePlan,
  nodes: readonly NewNode[],
  options: CreateOptions,
  progress: (progress: CreateProgress) => void,
): Promise<void> {
  const joinTimeoutMs = options.joinTimeoutMs ?? 60_000;
  const byAddress = new Map(nodes.map((node) => [node.address, node]));
  const named = (address: string): NewNode => {
    const node = byAddress.get(address);
    if (node === undefined) throw new ClusterError('CREATE_FAILED', `${address} is planned for but was not opened`);
    return node;
  };
  progress({ step: 'assigning' });
  await inParallel(plan.masters, (master) =>
    part(master.address, 'take its slots', () => addSlots(named(master.address).link, master.slots)),
  );
  progress({ step: 'settingEpochs' });
  await assignEpochs(nodes);
  progress({ step: 'meeting' });
  const first = named(plan.masters[0]?.address ?? '');
  await inParallel(
    nodes.filter((node) => node !== first),
    (node) => part(node.address, `meet ${first.address}`, () => meet(node.link, first)),
  );
  await awaitMembers(nodes, joinTimeoutMs, (waitingFor, waitedMs) =>
    progress({ step: 'joining', waitingFor, waitedMs }),
  );
  if (nodes.length > plan.masters.length) progress({ step: 'replicating' });
  const pairs = plan.masters.flatMap((master) =>
    master.replicas.map((replica) => ({ replica: named(replica), master: named(master.address) })),
  );
  await inParallel(pairs, ({ replica, master }) =>
    part(replica.address, `follow ${master.address}`, () => replica.link.call('CLUSTER', 'REPLICATE', master.id)),
  );
  await awaitServing(nodes, new Map(pairs.map(({ replica, master }) => [replica.id, master.id])), joinTimeoutMs);
}

/** Different epochs from the start, so that the nodes need not resolve collisions; a node that has one already keeps it. */
async function assignEpochs(nodes: readonly NewNode[]): Promise<void> {
  const highest = Math.max(...nodes.map((node) => node.configEpoch));
  const fresh = nodes.filter((node) => node.configEpoch === 0);
  await inParallel([...fresh.entries()], ([i, node]) =>
    part(node.address, 'take a config epoch', () => node.link.call('CLUSTER', 'SET-CONFIG-EPOCH', highest + i + 1)),
  );
}

async function part(address: string, what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new ClusterError(
      'CREATE_FAILED',
      `${address} could not ${what}. ${complaintOf(address, error)}. The cluster is half made: CLUSTER RESET on every node starts over`,
      { address, cause: error },
    );
  }
}
