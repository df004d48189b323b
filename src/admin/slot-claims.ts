import { SLOT_COUNT } from '../slots/key-slot.ts';
import type { NodeEntry } from './node-entry.ts';
import { formatRanges, type SlotRange, slotsOf, toRanges } from './slot-ranges.ts';

/** One text for who owns which slots, so that two views agree exactly when their texts are equal. */
export function slotSignature(entries: readonly NodeEntry[]): string {
  return entries
    .filter((entry) => entry.slots.length > 0)
    .map((entry) => `${entry.id}:${formatRanges(entry.slots)}`)
    .sort()
    .join(' ');
}

/** Like {@link slotSignature}, and also for who follows whom and who is a member at all. */
export function clusterSignature(entries: readonly NodeEntry[]): string {
  const roles = entries.map((entry) => `${entry.id}<${entry.masterId ?? ''}`).sort();
  return `${roles.join(' ')} ${slotSignature(entries)}`;
}

/** The owner's id of each slot, as these entries have it; undefined where nobody owns it. */
export function ownersOf(entries: readonly NodeEntry[]): (string | undefined)[] {
  const owners = new Array<string | undefined>(SLOT_COUNT).fill(undefined);
  for (const entry of entries) for (const slot of slotsOf(entry.slots)) owners[slot] = entry.id;
  return owners;
}

/** Slots of which two views say different things, with both owners. */
export interface ClaimDifference {
  readonly slots: readonly SlotRange[];
  readonly mine: string | undefined;
  readonly theirs: string | undefined;
}

/** Where the views differ, one entry for each pair of owners. */
export function diffClaims(mine: readonly NodeEntry[], theirs: readonly NodeEntry[]): ClaimDifference[] {
  const myOwners = ownersOf(mine);
  const theirOwners = ownersOf(theirs);
  const differing = new Map<string, { slots: number[]; mine: string | undefined; theirs: string | undefined }>();
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    if (myOwners[slot] === theirOwners[slot]) continue;
    const pair = `${myOwners[slot]} ${theirOwners[slot]}`;
    const known = differing.get(pair) ?? { slots: [], mine: myOwners[slot], theirs: theirOwners[slot] };
    known.slots.push(slot);
    differing.set(pair, known);
  }
  return [...differing.values()].map((each) => ({ ...each, slots: toRanges(each.slots) }));
}
