import type { Executor } from '../cluster/executor.ts';
import { slotOf } from '../cluster/key-slots.ts';
import { flattenArguments } from '../commands/arguments.ts';
import type { CallSettings } from '../commands/command.ts';
import { CommandFlag, type CommandSpec } from '../commands/command-spec.ts';
import { resolveSpec } from '../commands/command-table.ts';
import { prefixKeys } from '../commands/keys.ts';
import { UsageError } from '../errors.ts';

/** What turns a method call into a command on its way: shared by a client and its views. */
export interface CallTarget {
  readonly executor: Executor;
  /** Put before every key; empty for none. */
  readonly keyPrefix: string;
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
    let wire: ReturnType<typeof prefixKeys> = flattenArguments(spec, args);
    if (target.keyPrefix !== '') wire = prefixKeys(spec, wire, target.keyPrefix);
    return target.executor.execute(spec, wire, slotOf(spec, wire), settings, asBuffers);
  } catch (error) {
    return Promise.reject(error);
  }
}

function changesConnection(name: string): UsageError {
  return new UsageError(
    'USAGE',
    `${name} changes the state of its connection, and connections are shared here: use the client's options instead`,
    { command: name },
  );
}
