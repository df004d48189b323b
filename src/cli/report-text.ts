import type { ClusterCheck, ClusterProblem } from '../admin/cluster-check.ts';
import type { ClusterSummary } from '../admin/cluster-summary.ts';
import type { CreatePlan } from '../admin/create-plan.ts';
import type { NodeReport } from '../admin/node-report.ts';
import { countSlots, formatRanges } from '../admin/slot-ranges.ts';
import { SLOT_COUNT } from '../slots/key-slot.ts';

const INDENT = '   ';

/** `M:` and `S:` lines for a plan, masters first. */
export function planLines(plan: CreatePlan, ids: ReadonlyMap<string, string>): string[] {
  const idOf = (address: string): string => ids.get(address) ?? '?';
  const masters = plan.masters.flatMap(({ address, slots }) => [
    `M: ${idOf(address)} ${address}`,
    `${INDENT}${slotsPhrase(formatRanges([slots]), countSlots([slots]))} master`,
  ]);
  const replicas = plan.masters.flatMap((master) =>
    master.replicas.flatMap((address) => [
      `S: ${idOf(address)} ${address}`,
      `${INDENT}replicates ${idOf(master.address)}`,
    ]),
  );
  return [...masters, ...replicas];
}

/** Whether every replica is on another host than its master, and which are not; nothing for a plan without replicas. */
export function affinityLines(plan: CreatePlan): string[] {
  if (plan.masters.every((master) => master.replicas.length === 0)) return [];
  if (plan.onMastersHost.length === 0) return ["[OK] No replica is on its master's host."];
  const many = plan.onMastersHost.length !== 1;
  return [
    `[WARNING] With these nodes it cannot be avoided that ${plan.onMastersHost.length} ${many ? 'replicas are' : 'replica is'} ` +
      `on the host of ${many ? 'their masters' : 'its master'}: ${plan.onMastersHost.join(', ')}`,
  ];
}

/** A check in the form that redis-trib made familiar: nodes, agreement, open slots, coverage. */
export function checkLines(check: ClusterCheck): string[] {
  const of = (...kinds: ClusterProblem['kind'][]): ClusterProblem[] =>
    check.problems.filter((problem) => kinds.includes(problem.kind));
  return [
    `>>> Checking the cluster (through ${check.address})`,
    ...check.nodes.flatMap(nodeLines),
    ...verdict(of('unreachable', 'failing', 'clusterDown'), `[OK] All ${check.nodes.length} nodes answer and serve.`),
    ...verdict(of('disagreement'), '[OK] All nodes agree about slots configuration.'),
    '>>> Check for open slots',
    ...verdict(of('openSlot'), '[OK] No slot is open.'),
    '>>> Check slots coverage',
    ...verdict(of('uncovered'), `[OK] All ${SLOT_COUNT} slots covered.`),
  ];
}

function verdict(problems: readonly ClusterProblem[], fine: string): string[] {
  return problems.length === 0 ? [fine] : problems.map((problem) => `[ERR] ${problem.message}`);
}

function nodeLines(node: NodeReport): string[] {
  const letter = node.role === 'master' ? 'M' : 'S';
  const slots = `${INDENT}${slotsPhrase(formatRanges(node.slots), node.slotCount)} ${node.role}`;
  const keys = node.keys === undefined ? '' : `${INDENT}${counted(node.keys, 'key')}`;
  return [
    `${letter}: ${node.id} ${node.address}`,
    slots,
    ...(node.masterId === undefined ? [] : [`${INDENT}replicates ${node.masterId}`]),
    ...(node.role === 'master' && keys !== '' ? [`${keys}, ${counted(node.replicas.length, 'replica')}`] : []),
    ...(node.unreachable === undefined ? [] : [`${INDENT}could not be asked`]),
  ];
}

/** A line a node with its figures, totals, and what is wrong. */
export function summaryLines(summary: ClusterSummary): string[] {
  const lines = summary.nodes.map((node) =>
    node.role === 'master' ? masterLine(node) : `  ${node.address} (${node.id.slice(0, 8)}...) replica${facts(node)}`,
  );
  return [
    ...lines,
    `[OK] ${counted(summary.keys, 'key')} in ${counted(summary.masters, 'master')}, ` +
      `${summary.keysPerSlot.toFixed(2)} keys per slot on average.`,
    ...(summary.problems.length === 0
      ? [`[OK] All ${SLOT_COUNT} slots covered.`]
      : summary.problems.map((problem) => `[ERR] ${problem.message}`)),
  ];
}

function masterLine(node: NodeReport): string {
  const keys = node.keys === undefined ? 'keys unknown' : counted(node.keys, 'key');
  return (
    `${node.address} (${node.id.slice(0, 8)}...) -> ${keys} | ${counted(node.slotCount, 'slot')} | ` +
    `${counted(node.replicas.length, 'replica')}${facts(node)}`
  );
}

function facts(node: NodeReport): string {
  if (node.unreachable !== undefined) return ` | could not be asked`;
  const memory = node.usedMemoryBytes === undefined ? '' : ` | ${(node.usedMemoryBytes / 2 ** 20).toFixed(1)} MiB`;
  return `${memory} | ${node.server ?? 'unknown server'}`;
}

function slotsPhrase(ranges: string, count: number): string {
  return `slots:${ranges} (${counted(count, 'slot')})`;
}

function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
