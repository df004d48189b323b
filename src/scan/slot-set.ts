import { SLOT_COUNT } from '../slots/key-slot.ts';

/** A set of slots that can be walked in order and written as text: `0-5460 9000`. */
export class SlotSet {
  readonly #flags = new Uint8Array(SLOT_COUNT);
  #size = 0;

  static all(): SlotSet {
    const slots = new SlotSet();
    for (let slot = 0; slot < SLOT_COUNT; slot++) slots.add(slot);
    return slots;
  }

  static of(...slots: readonly number[]): SlotSet {
    const set = new SlotSet();
    for (const slot of slots) set.add(slot);
    return set;
  }

  /** Reads {@link SlotSet.toString}; undefined if the text is none. */
  static parse(text: string): SlotSet | undefined {
    const slots = new SlotSet();
    for (const item of text === '' ? [] : text.split(' ')) {
      const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(item);
      const start = Number(match?.[1]);
      const end = Number(match?.[2] ?? match?.[1]);
      if (match === null || end >= SLOT_COUNT || start > end) return undefined;
      for (let slot = start; slot <= end; slot++) slots.add(slot);
    }
    return slots;
  }

  get size(): number {
    return this.#size;
  }

  has(slot: number): boolean {
    return this.#flags[slot] === 1;
  }

  add(slot: number): void {
    if (this.#flags[slot] === 1) return;
    this.#flags[slot] = 1;
    this.#size++;
  }

  delete(slot: number): void {
    if (this.#flags[slot] !== 1) return;
    this.#flags[slot] = 0;
    this.#size--;
  }

  /** The first slot of the set that is not below `from`; -1 if there is none. */
  firstFrom(from: number): number {
    return this.#flags.indexOf(1, from);
  }

  *[Symbol.iterator](): Generator<number> {
    for (let slot = this.firstFrom(0); slot !== -1; slot = this.firstFrom(slot + 1)) yield slot;
  }

  toString(): string {
    const ranges: string[] = [];
    for (let start = this.firstFrom(0); start !== -1; ) {
      let end = start;
      while (this.has(end + 1)) end++;
      ranges.push(start === end ? `${start}` : `${start}-${end}`);
      start = this.firstFrom(end + 1);
    }
    return ranges.join(' ');
  }
}
