import { type CallSettings, Command, type CommandRoute, unstarted } from '../commands/command.ts';
import type { CommandSpec, WireArgument } from '../commands/command-spec.ts';
import { UsageError } from '../errors.ts';
import { SLOT_COUNT } from '../slots/key-slot.ts';
import { textOf } from '../util/text-of.ts';
import type { Executor } from './executor.ts';
import { FanOut, type FanOutPart } from './fan-out.ts';
import { slotOf } from './key-slots.ts';
import { MastersInTurn } from './masters-in-turn.ts';
import { NodeRoute, ShardRoute } from './node-routes.ts';
import { boundWait, type FanOutPolicy, goesAside, policyOf, waitsForItsConnection } from './policies.ts';
import { joinSlots, type SlotPart, splitBySlot } from './split-by-slot.ts';
import { WaitRoute } from './wait-route.ts';

/**
 * Where a call goes: a slot, -1 for any node, or a route that leads it to several nodes.
 * @throws CrossSlotError when its keys lie in several slots and it cannot be split; UsageError when it is for one node that its
 *   caller has to choose.
 */
export function routeCall(executor: Executor, spec: CommandSpec, args: readonly WireArgument[]): number | CommandRoute {
  if (spec.requestPolicy === 'multiShard') {
    const parts = splitBySlot(spec, args);
    return typeof parts === 'number' ? parts : fanOutToSlots(executor, spec, parts);
  }
  if (spec.keySpecs.length > 0) return slotOf(spec, args);
  const policy = policyOf(spec, args);
  switch (policy.to) {
    case 'anyNode':
      return -1;
    case 'chosenNode':
      throw mustChoose(spec.name);
    case 'slotArgument':
      return slotArgument(args[policy.position]);
    case 'mastersInTurn':
      return new MastersInTurn(executor);
    case 'allShards':
    case 'allNodes':
      return fanOutToNodes(executor, spec, args, policy);
  }
}

/**
 * The command of a call, with the route that leads it, still to be issued. With `resolve` and `reject` these are called and no
 * promise is made.
 * @throws what {@link routeCall} throws.
 */
export function makeCommand(
  executor: Executor,
  spec: CommandSpec,
  args: readonly WireArgument[],
  settings: CallSettings,
  asBuffers: boolean,
  resolve?: (reply: unknown) => void,
  reject?: (error: Error) => void,
): Command {
  const to = routeCall(executor, spec, args);
  const slot = typeof to === 'number' ? to : -1;
  const command = new Command(executor, spec, args, slot, settings, asBuffers, unstarted, resolve, reject);
  if (typeof to !== 'number') command.route = to;
  return command;
}

function fanOutToSlots(executor: Executor, spec: CommandSpec, parts: readonly SlotPart[]): CommandRoute {
  return new FanOut<SlotPart>(executor, {
    needs: 'all',
    isAside: false,
    split: () => parts,
    merge: (done, replies) => joinSlots(spec, done, replies),
  });
}

function fanOutToNodes(
  executor: Executor,
  spec: CommandSpec,
  args: readonly WireArgument[],
  policy: FanOutPolicy,
): CommandRoute {
  return new FanOut<FanOutPart>(executor, {
    needs: policy.needs,
    isAside: goesAside(spec),
    split: ({ settings }) =>
      waitsForItsConnection(spec)
        ? waitParts(executor, boundWait(spec, args, settings.timeoutMs))
        : nodeParts(executor, args, policy.to === 'allNodes'),
    merge: (parts, replies) => {
      const addresses = parts.map((part) => part.address ?? '');
      return policy.merge({ replies, addresses, args });
    },
  });
}

/** A part for every master and, `withReplicas`, for every replica behind its master. */
function nodeParts(executor: Executor, args: readonly WireArgument[], withReplicas: boolean): FanOutPart[] {
  const parts: FanOutPart[] = [];
  const { topology } = executor;
  topology.shards.forEach((shard, number) => {
    const route = new ShardRoute(executor, topology, number);
    parts.push({ args, slot: -1, route, address: shard.master.address });
    if (!withReplicas) return;
    for (const { address } of shard.replicas) {
      parts.push({ args, slot: -1, route: new NodeRoute(executor, address, false), address });
    }
  });
  return parts;
}

/** A part for every master, on a connection of its own. */
function waitParts(executor: Executor, args: readonly WireArgument[]): FanOutPart[] {
  return nodeParts(executor, args, false).map((part) => {
    const { route, address } = part;
    if (route === undefined || address === undefined) return part;
    return { ...part, route: new WaitRoute(executor, route, address) };
  });
}

/** -1 if it is no slot: any server will say so. */
function slotArgument(arg: WireArgument | undefined): number {
  const text = textOf(arg);
  return /^\d{1,5}$/.test(text) && Number(text) < SLOT_COUNT ? Number(text) : -1;
}

function mustChoose(name: string): UsageError {
  return new UsageError(
    'USAGE',
    `${name} means one node of the cluster: choose it with nodes() or nodeFor() and call the command there`,
    { command: name },
  );
}
