import { makeCommand } from '../cluster/call-routes.ts';
import type { Executor } from '../cluster/executor.ts';
import { slotOf } from '../cluster/key-slots.ts';
import { NodeRoute } from '../cluster/node-routes.ts';
import { boundWait, goesAside, waitsForItsConnection } from '../cluster/policies.ts';
import { WaitRoute } from '../cluster/wait-route.ts';
import { flattenArguments } from '../commands/arguments.ts';
import { type CallSettings, Command, type CommandRoute } from '../commands/command.ts';
import { CommandFlag, type CommandSpec, type WireArgument } from '../commands/command-spec.ts';
import { resolveSpec, specNamed } from '../commands/command-table.ts';
import { prefixKeys } from '../commands/keys.ts';
import { plainSpec } from '../commands/plain-spec.ts';
import { UsageError } from '../errors.ts';
import { scanPage } from '../scan/scan-page.ts';
import type { Script } from '../scripting/script.ts';
import { nowMs } from '../util/clock.ts';
import { textOf } from '../util/text-of.ts';

/** What turns a method call into a command on its way: shared by a client and its views. */
export interface CallTarget {
  readonly executor: Executor;
  /** Put before every key; empty for none. */
  readonly keyPrefix: string;
  /** Scripts that have become methods, by the name of the method. */
  readonly scripts: Map<string, Script>;
}

/** Checks and flattens the arguments, finds the slot, and executes. What is wrong with the call rejects the promise. */
export function sendCall(
  target: CallTarget,
  base: CommandSpec,
  args: unknown[],
  settings: CallSettings,
  asBuffers: boolean,
): Promise<unknown> {
  try {
    const spec = base.subcommands === undefined ? base : resolveSpec(base, args);
    if ((spec.flags & CommandFlag.connectionState) !== 0) throw changesConnection(spec.name);
    let wire: readonly WireArgument[] = flattenArguments(spec, args);
    if (target.keyPrefix !== '') wire = prefixKeys(spec, wire, target.keyPrefix);
    if (spec.requestPolicy === 'byKeys' && spec.keySpecs.length > 0) {
      return target.executor.execute(spec, wire, slotOf(spec, wire), settings, asBuffers);
    }
    if (spec === SCAN) return scanCluster(target.executor, wire, settings, asBuffers);
    const command = makeCommand(target.executor, spec, wire, settings, asBuffers);
    target.executor.issue(command);
    return command.promise as Promise<unknown>;
  } catch (error) {
    return Promise.reject(error);
  }
}

/** SCAN is about all nodes here, and its cursor about all of them. */
async function scanCluster(
  executor: Executor,
  [cursor = '0', ...args]: readonly WireArgument[],
  settings: CallSettings,
  asBuffers: boolean,
): Promise<unknown> {
  await awaitTopology(executor, settings);
  const [next, keys] = await scanPage({ executor, settings, args, asBuffers }, textOf(cursor));
  return [asBuffers ? Buffer.from(next) : next, keys];
}

/** {@link sendCall} to one node, whatever its keys: failures, redirects included, are the caller's. */
export function sendToNode(
  target: CallTarget,
  address: string,
  base: CommandSpec,
  args: unknown[],
  settings: CallSettings,
  asBuffers: boolean,
): Promise<unknown> {
  try {
    const spec = base.subcommands === undefined ? base : resolveSpec(base, args);
    if ((spec.flags & CommandFlag.connectionState) !== 0) throw changesConnection(spec.name);
    const wire = boundWait(spec, prefixKeys(spec, flattenArguments(spec, args), target.keyPrefix), settings.timeoutMs);
    const node = new NodeRoute(target.executor, address, true);
    const route = waitsForItsConnection(spec) ? new WaitRoute(target.executor, node, address) : node;
    return executeOn(target.executor, route, spec, wire, settings, asBuffers);
  } catch (error) {
    return Promise.reject(error);
  }
}

function executeOn(
  executor: Executor,
  route: CommandRoute,
  spec: CommandSpec,
  args: readonly WireArgument[],
  settings: CallSettings,
  asBuffers: boolean,
): Promise<unknown> {
  const command = new Command(executor, spec, args, -1, settings, asBuffers, nowMs());
  command.route = route;
  const mayBlock = (spec.flags & CommandFlag.blocking) !== 0 && !waitsForItsConnection(spec);
  command.isExclusive = mayBlock || goesAside(spec);
  executor.issue(command);
  return command.promise as Promise<unknown>;
}

const SCAN = specNamed('SCAN');
const topologySpec = plainSpec('CLUSTER SLOTS', CommandFlag.readOnly);

/** Resolves as soon as a topology is known, within the deadline and the signal of the settings. */
export function awaitTopology(executor: Executor, settings: CallSettings): Promise<unknown> {
  const route: CommandRoute = { isFinal: true, take: (command) => command.resolve(undefined) };
  return executeOn(executor, route, topologySpec, [], settings, false);
}

/** What to use in the place of a command that a shared connection does not take. */
const instead: ReadonlyMap<string, string> = new Map([
  ['AUTH', 'use the options username and password'],
  ['DISCARD', 'use multi()'],
  ['EXEC', 'use multi()'],
  ['HELLO', 'use the option protocol'],
  ['MULTI', 'use multi() or transaction()'],
  ['QUIT', 'use close()'],
  ['READONLY', 'use the option readFrom'],
  ['READWRITE', 'use the option readFrom'],
  ['SELECT', 'a cluster has one database, 0'],
  ['UNWATCH', 'use watch()'],
  ['WATCH', 'use watch()'],
]);

function changesConnection(name: string): UsageError {
  const advice = instead.get(name);
  return new UsageError(
    'USAGE',
    `${name} changes the state of its connection, and connections are shared here${advice === undefined ? '' : `: ${advice}`}`,
    { command: name },
  );
}
