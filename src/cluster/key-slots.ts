import type { CommandSpec, WireArgument } from '../commands/command-spec.ts';
import { keyPositions } from '../commands/keys.ts';
import { CrossSlotError } from '../errors.ts';
import { keySlot } from '../slots/key-slot.ts';

/**
 * The slot that a command belongs to, or -1 if it has no keys.
 * @throws CrossSlotError when its keys lie in several slots.
 */
export function slotOf(spec: CommandSpec, args: readonly WireArgument[]): number {
  const at = spec.onlyKeyAt;
  if (at >= 0 && at < args.length) return keySlot(args[at] as WireArgument);
  if (spec.keySpecs.length === 0) return -1;
  let slot = -1;
  for (const position of keyPositions(spec, args)) {
    const other = keySlot(args[position] as WireArgument);
    if (slot === -1) slot = other;
    else if (slot !== other) throw crossSlot(spec.name, slot, other);
  }
  return slot;
}

export function crossSlot(name: string, slot: number, other: number): CrossSlotError {
  return new CrossSlotError(
    'CROSSSLOT',
    `${name}: its keys lie in several slots (${slot} and ${other}); give them one hash tag, as in {user:42}:name`,
    { executed: 'no', command: name, slot },
  );
}
