import { keySlot, SLOT_COUNT } from './key-slot.ts';

const tags: string[] = new Array(SLOT_COUNT).fill('');
let tried = 0;

/** A short text whose slot is this one, to name a slot where a hash tag is wanted. Each is looked for once a process. */
export function tagOfSlot(slot: number): string {
  for (; tags[slot] === ''; tried++) {
    const text = tried.toString(36);
    const found = keySlot(text);
    if (tags[found] === '') tags[found] = text;
  }
  return tags[slot] as string;
}
