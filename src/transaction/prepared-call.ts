import { crossSlot, slotOf } from '../cluster/key-slots.ts';
import { flattenArguments } from '../commands/arguments.ts';
import { CommandFlag, type CommandSpec, type WireArgument } from '../commands/command-spec.ts';
import { resolveSpec } from '../commands/command-table.ts';
import { prefixKeys } from '../commands/keys.ts';
import { UsageError } from '../errors.ts';
import type { Call } from '../pipeline/call.ts';

/** A call that is ready for one certain connection: its arguments as they are written, and the slot of its keys. */
export interface PreparedCall {
  readonly spec: CommandSpec;
  readonly args: readonly WireArgument[];
  /** -1 if it has no keys. */
  readonly slot: number;
  readonly asBuffers: boolean;
}

/**
 * Checks a call and makes it ready. A script goes with its text: nothing can be loaded once a transaction has begun, and a
 * script that is missing would fail when the rest has been executed.
 * @throws UsageError or CrossSlotError as the client's method would.
 */
export function prepareCall(call: Call, keyPrefix: string): PreparedCall {
  const { spec: base, args: given, asBuffers } = call.script === undefined ? call : call.script.withText(call);
  const spec = base.subcommands === undefined ? base : resolveSpec(base, given);
  if ((spec.flags & CommandFlag.connectionState) !== 0) {
    throw new UsageError(
      'USAGE',
      `${spec.name} has no place in a transaction: it changes the state of the connection`,
      {
        command: spec.name,
      },
    );
  }
  let args: readonly WireArgument[] = flattenArguments(spec, given);
  if (keyPrefix !== '') args = prefixKeys(spec, args, keyPrefix);
  return { spec, args, slot: slotOf(spec, args), asBuffers };
}

/** The one slot of all keys, -1 if there are none. @throws CrossSlotError naming two slots if there are several. */
export function commonSlot(name: string, calls: readonly PreparedCall[], expected = -1): number {
  let slot = expected;
  for (const call of calls) {
    if (call.slot === -1 || call.slot === slot) continue;
    if (slot !== -1) throw crossSlot(name, slot, call.slot);
    slot = call.slot;
  }
  return slot;
}
