import type { CommandSpec, WireArgument } from '../commands/command-spec.ts';
import { keySlot, SLOT_COUNT } from '../slots/key-slot.ts';
import { textOf } from '../util/text-of.ts';
import { aggregateReplies } from './aggregate-replies.ts';
import type { FanOutPart } from './fan-out.ts';
import { crossSlot } from './key-slots.ts';

/** The keys of one slot out of a command with keys of several, as a command of its own. */
export interface SlotPart extends FanOutPart {
  readonly args: WireArgument[];
  /** Where each of its keys stands among the keys of the whole call. */
  readonly positions: number[];
}

/** How the arguments of a multi-key command are laid out: what stands before the keys, each key with what belongs to it, the rest. */
interface KeyLayout {
  /** The first argument is the number of keys. */
  readonly isCounted: boolean;
  /** Arguments a key: 1, or 2 if each has a value. */
  readonly step: number;
  readonly keyCount: number;
}

/**
 * Splits a call whose keys may lie in any slots: its parts in the order in which their slots first appear, or the one slot if
 * there is only one. -1 for arguments that make no sense, which a server will say better.
 * @throws CrossSlotError when it is all or nothing (MSETEX with NX or XX) and its keys lie in several slots.
 */
export function splitBySlot(spec: CommandSpec, args: readonly WireArgument[]): SlotPart[] | number {
  const layout = layoutOf(spec, args);
  const { keyCount, step, isCounted } = layout;
  const firstKey = isCounted ? 1 : 0;
  if (keyCount < 1 || firstKey + keyCount * step > args.length)
    return args.length > firstKey ? slotAt(args, firstKey) : -1;
  const slot = slotAt(args, firstKey);
  let same = 1;
  while (same < keyCount && slotAt(args, firstKey + same * step) === slot) same++;
  if (same === keyCount) return slot;
  const options = args.slice(firstKey + keyCount * step);
  if (options.some(isCondition)) throw crossSlot(spec.name, slot, slotAt(args, firstKey + same * step));
  const split = groupBySlot(args, layout, firstKey);
  if (isCounted) {
    for (const part of split) {
      part.args[0] = String(part.positions.length);
      part.args.push(...options);
    }
  }
  return split;
}

/** Position, plus one, of a slot's part among the parts of the call being split; all zero between calls. */
const partNumbers = new Uint16Array(SLOT_COUNT);

/** One part a slot. Most parts have a single key: each array begins with just that, as a push into an empty one sets 17 places aside. */
function groupBySlot(
  args: readonly WireArgument[],
  { isCounted, step, keyCount }: KeyLayout,
  firstKey: number,
): SlotPart[] {
  const parts: SlotPart[] = [];
  for (let key = 0; key < keyCount; key++) {
    const at = firstKey + key * step;
    const slot = slotAt(args, at);
    const number = partNumbers[slot] as number;
    if (number > 0) {
      const part = parts[number - 1] as SlotPart;
      part.positions.push(key);
      for (let i = at; i < at + step; i++) part.args.push(args[i] as WireArgument);
      continue;
    }
    const own = step === 1 ? [args[at] as WireArgument] : args.slice(at, at + step);
    if (isCounted) own.unshift('');
    partNumbers[slot] = parts.push({ args: own, slot, route: undefined, address: undefined, positions: [key] });
  }
  for (const { slot } of parts) partNumbers[slot] = 0;
  return parts;
}

function layoutOf(spec: CommandSpec, args: readonly WireArgument[]): KeyLayout {
  const find = spec.keySpecs[0]?.find;
  if (find?.type === 'keynum')
    return { isCounted: true, step: find.step, keyCount: Math.floor(Number(textOf(args[0]))) || 0 };
  const step = find?.type === 'range' ? find.step : 1;
  return { isCounted: false, step, keyCount: Math.ceil(args.length / step) };
}

function slotAt(args: readonly WireArgument[], position: number): number {
  return keySlot(args[position] as WireArgument);
}

/** NX or XX: then either all keys are set or none. */
function isCondition(option: WireArgument): boolean {
  const word = textOf(option).toUpperCase();
  return option.length === 2 && (word === 'NX' || word === 'XX');
}

/**
 * One reply of the parts': arrays put together in the order of the call's keys, anything else by the command's policy.
 * @throws TypeError when a part has not one value a key.
 */
export function joinSlots(spec: CommandSpec, parts: readonly SlotPart[], replies: readonly unknown[]): unknown {
  if (spec.responsePolicy !== 'default') return aggregateReplies(spec.responsePolicy, replies);
  let keyCount = 0;
  for (const { positions } of parts) keyCount += positions.length;
  const joined: unknown[] = new Array(keyCount);
  for (let i = 0; i < parts.length; i++) {
    const { positions } = parts[i] as SlotPart;
    const reply = replies[i];
    if (!Array.isArray(reply) || reply.length !== positions.length) throw new TypeError('not one value a key');
    for (let key = 0; key < positions.length; key++) joined[positions[key] as number] = reply[key];
  }
  return joined;
}
