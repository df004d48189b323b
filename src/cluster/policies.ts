import type { CommandSpec, WireArgument } from '../commands/command-spec.ts';
import { textOf } from '../util/text-of.ts';
import { aggregateReplies, type Merge } from './aggregate-replies.ts';
import {
  endToEnd,
  histogramsOfAll,
  historyOfAll,
  latestOfAll,
  memoryOfAll,
  newestEntries,
  slotStatsOfAll,
  statsOfRunning,
  sumByName,
  underHeadings,
  union,
} from './merge-replies.ts';

/** Where a command without keys goes, and what becomes of the replies. */
export type Policy =
  | { readonly to: 'anyNode' }
  /** It means one node and could harm any other: refused unless its caller chooses the node. */
  | { readonly to: 'chosenNode' }
  /** To the master of the slot that the argument at `position` names. */
  | { readonly to: 'slotArgument'; readonly position: number }
  /** To one master after the other, in random order, until one has something else than null. */
  | { readonly to: 'mastersInTurn' }
  | FanOutPolicy;

/**
 * Which parts have to succeed. `first`: any one, and the others are not waited for. `some`: those that a server turns down with
 * an error are left out as long as one succeeds.
 */
export type Needs = 'all' | 'some' | 'first';

export interface FanOutPolicy {
  readonly to: 'allShards' | 'allNodes';
  readonly merge: Merge;
  readonly needs: Needs;
}

const anyNode: Policy = { to: 'anyNode' };
const chosenNode: Policy = { to: 'chosenNode' };
const first: Merge = ({ replies }) => replies[0];
const all: Merge = ({ replies }) => aggregateReplies('default', replies);
const total: Merge = ({ replies }) => aggregateReplies('sum', replies);
const slotArgument: Policy = { to: 'slotArgument', position: 1 };

function shards(merge: Merge): Policy {
  return { to: 'allShards', merge, needs: 'all' };
}

function nodes(merge: Merge, needs: Needs = 'all'): Policy {
  return { to: 'allNodes', merge, needs };
}

/** ID numbers are each node's own: on the others they belong to somebody else. */
function clientKill(args: readonly WireArgument[]): Policy {
  if (args.length === 2) return nodes(first, 'first');
  const hasId = args.some((arg, i) => i % 2 === 1 && textOf(arg).toUpperCase() === 'ID');
  return hasId ? chosenNode : nodes(total);
}

function aclLog(args: readonly WireArgument[]): Policy {
  return nodes(args.length > 1 && textOf(args[1]).toUpperCase() === 'RESET' ? first : all);
}

type PolicyByArguments = (args: readonly WireArgument[]) => Policy;

/**
 * What the servers' own tips do not say, or say is special. Everything else goes by its tips, and by `anyNode` without them.
 * The table in docs/routing.md lists all of it.
 */
const policies: ReadonlyMap<string, Policy | PolicyByArguments> = new Map<string, Policy | PolicyByArguments>([
  ['ACL LOAD', nodes(first)],
  ['ACL LOG', aclLog],
  ['BGREWRITEAOF', shards(first)],
  ['BGSAVE', shards(first)],
  ['CLIENT KILL', clientKill],
  ['CLIENT LIST', nodes(endToEnd)],
  ['CLIENT PAUSE', nodes(first)],
  ['CLIENT UNBLOCK', chosenNode],
  ['CLIENT UNPAUSE', nodes(first)],
  ['CLUSTER ADDSLOTS', chosenNode],
  ['CLUSTER ADDSLOTSRANGE', chosenNode],
  ['CLUSTER BUMPEPOCH', chosenNode],
  ['CLUSTER CANCELSLOTMIGRATIONS', chosenNode],
  ['CLUSTER COUNTKEYSINSLOT', slotArgument],
  ['CLUSTER DELSLOTS', chosenNode],
  ['CLUSTER DELSLOTSRANGE', chosenNode],
  ['CLUSTER FAILOVER', chosenNode],
  ['CLUSTER FLUSHSLOT', slotArgument],
  ['CLUSTER FLUSHSLOTS', chosenNode],
  ['CLUSTER FORGET', chosenNode],
  ['CLUSTER GETKEYSINSLOT', slotArgument],
  ['CLUSTER GETSLOTMIGRATIONS', shards(all)],
  ['CLUSTER MIGRATESLOTS', chosenNode],
  ['CLUSTER REPLICATE', chosenNode],
  ['CLUSTER RESET', chosenNode],
  ['CLUSTER SAVECONFIG', nodes(first)],
  ['CLUSTER SET-CONFIG-EPOCH', chosenNode],
  ['CLUSTER SETSLOT', chosenNode],
  ['CLUSTER SLOT-STATS', shards(slotStatsOfAll)],
  ['COMMANDLOG GET', nodes(newestEntries(10))],
  ['FAILOVER', chosenNode],
  ['FUNCTION STATS', shards(statsOfRunning)],
  ['INFO', shards(underHeadings)],
  ['LASTSAVE', shards(({ replies }) => aggregateReplies('min', replies))],
  ['LATENCY DOCTOR', nodes(underHeadings)],
  ['LATENCY GRAPH', nodes(underHeadings, 'some')],
  ['LATENCY HISTOGRAM', nodes(histogramsOfAll)],
  ['LATENCY HISTORY', nodes(historyOfAll)],
  ['LATENCY LATEST', nodes(latestOfAll)],
  ['MEMORY DOCTOR', shards(underHeadings)],
  ['MEMORY MALLOC-STATS', shards(underHeadings)],
  ['MEMORY STATS', shards(memoryOfAll)],
  ['MODULE LOAD', nodes(first)],
  ['MODULE LOADEX', nodes(first)],
  ['MODULE UNLOAD', nodes(first)],
  ['PUBSUB CHANNELS', nodes(union)],
  ['PUBSUB NUMPAT', nodes(total)],
  ['PUBSUB NUMSUB', nodes(sumByName)],
  ['PUBSUB SHARDCHANNELS', nodes(union)],
  ['PUBSUB SHARDNUMSUB', nodes(sumByName)],
  ['RANDOMKEY', { to: 'mastersInTurn' }],
  ['REPLICAOF', chosenNode],
  ['SAVE', shards(first)],
  ['SHUTDOWN', chosenNode],
  ['SLAVEOF', chosenNode],
  ['SLOWLOG GET', nodes(newestEntries(10))],
]);

/**
 * Answered also while the connection that asked for a script, or was paused, takes nothing more: these need a connection that
 * nobody else uses.
 */
const aside: ReadonlySet<string> = new Set(['CLIENT UNPAUSE', 'FUNCTION KILL', 'FUNCTION STATS', 'SCRIPT KILL']);

/** Whether the command makes sense only on a connection on which nothing else is in flight. */
export function goesAside(spec: CommandSpec): boolean {
  return aside.has(spec.name);
}

/** Whether the command waits for earlier commands of its own connection. */
export function waitsForItsConnection(spec: CommandSpec): boolean {
  return spec.name === 'WAIT' || spec.name === 'WAITAOF';
}

/**
 * The arguments of WAIT and WAITAOF with a time limit that is not beyond the call's own, after which nobody would hear the
 * reply: it may be that they wait on the connection that all share.
 */
export function boundWait(
  spec: CommandSpec,
  args: readonly WireArgument[],
  timeoutMs: number,
): readonly WireArgument[] {
  if (!waitsForItsConnection(spec) || timeoutMs === Number.POSITIVE_INFINITY) return args;
  const limit = Number(textOf(args.at(-1)));
  if (Number.isNaN(limit) || limit < 0 || (limit > 0 && limit <= timeoutMs)) return args;
  return [...args.slice(0, -1), String(Math.ceil(timeoutMs))];
}

/** The policy of a command without keys; `args` include a container's subcommand. */
export function policyOf(spec: CommandSpec, args: readonly WireArgument[]): Policy {
  const policy = policies.get(spec.name);
  if (policy !== undefined) return typeof policy === 'function' ? policy(args) : policy;
  const { requestPolicy, responsePolicy } = spec;
  if (requestPolicy !== 'allNodes' && requestPolicy !== 'allShards') return anyNode;
  return {
    to: requestPolicy,
    merge: ({ replies }) => aggregateReplies(responsePolicy, replies),
    needs: responsePolicy === 'oneSucceeded' ? 'first' : 'all',
  };
}
