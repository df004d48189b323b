import type { Address } from '../util/address.ts';
import type { NodeLook } from './node-look.ts';
import { SlotSet } from './slot-set.ts';

/** A slot of which one half has been walked at the node it leaves, and the other is to be walked at the node it comes to. */
export interface HalfMove {
  /** Ids of both nodes. */
  readonly from: string;
  readonly to: string;
  /** Where the second one is, for as long as it is in no topology; undefined if nobody said so. */
  readonly at?: Address | undefined;
}

/** What a pass has shown. Of all its other slots it has shown nothing: they need another one, at whoever has them then. */
export interface PassOutcome {
  /** Every key that was in these slots throughout has been met. */
  readonly proved: SlotSet;
  /** Slots whose keys were moving away during the whole pass: what has not been met here is at the other node from now on. */
  readonly half: ReadonlyMap<number, HalfMove>;
}

/** A pass as plain values, for a cursor that is text. */
export interface PassRecord {
  readonly id: string;
  readonly run: string;
  readonly epoch: number;
  readonly owned: string;
  readonly resting: string;
  readonly leaving: readonly (readonly [number, string])[];
  readonly arriving: readonly (readonly [number, string])[];
}

/**
 * Judges what one complete walk over the keys of one server process proves.
 *
 * The servers promise of SCAN: an element that is there from the beginning of a full iteration to its end is returned. That is
 * a promise about one process and its memory, so a key is covered if it did not leave this process' memory during the walk. The
 * pass looks at the node before the first page, between pages, and after the last one, and calls a slot *proved* only if
 * 1. it is the same process (run id), and a master, at every look;
 * 2. the node owned the slot at every look and was not moving its keys away (*resting*): keys come and go only with migrations;
 * 3. it has not lost its slots and regained them in between: winning an election, or getting back a slot from a node that had
 *    it later, raises the node's configuration epoch. A raised epoch is accepted only if slots have arrived that explain it.
 *
 * Slots whose keys are moving from A to B get two walks in this order. One at A while A owns the slot and only gives keys away:
 * a key that it misses has gone to B before that walk ended. Then one at B, begun after the first has ended, while B only gets
 * keys of it: whatever was at B before that walk began, stays there and is met. A key that moves between the two walks was at A
 * throughout the first. So each key is met at A, or at B; this also holds while a move rests half-done for as long as it likes.
 *
 * All else needs another pass. Only a move that is taken back between two looks (keys that leave and return, the slot looking at
 * rest both times) would escape; no tool does that while all is well, and the looks are a quarter of a second apart.
 *
 * {@link https://redis.io/docs/latest/commands/scan/#scan-guarantees}
 */
export class SlotPass {
  readonly #id: string;
  readonly #runId: string;
  #epoch: number;
  #owned: SlotSet;
  readonly #resting: SlotSet;
  /** Slot to the node that its keys go to. */
  readonly #leaving: Map<number, string>;
  /** Slot to the node where the other half has been walked already. */
  readonly #arriving: Map<number, string>;

  private constructor(
    look: Pick<NodeLook, 'id' | 'runId' | 'epoch' | 'owned'>,
    resting: SlotSet,
    leaving: Map<number, string>,
    arriving: Map<number, string>,
  ) {
    this.#id = look.id;
    this.#runId = look.runId;
    this.#epoch = look.epoch;
    this.#owned = look.owned;
    this.#resting = resting;
    this.#leaving = leaving;
    this.#arriving = arriving;
  }

  /**
   * Begins a pass over a node's slots with the look taken before the first page.
   * @param slots those to be walked here
   * @param arriving those of which the other half has been walked, with the id of the node where
   */
  static begin(look: NodeLook, slots: Iterable<number>, arriving: ReadonlyMap<number, string>): SlotPass {
    const resting = new SlotSet();
    for (const slot of slots) resting.add(slot);
    const pass = new SlotPass(look, resting, new Map(), new Map(arriving));
    pass.observe(look);
    return pass;
  }

  /** Takes note of a further look. */
  observe(look: NodeLook): void {
    if (!this.#isUninterrupted(look)) {
      this.abandon();
      return;
    }
    this.#epoch = look.epoch;
    this.#owned = look.owned;
    for (const slot of this.#resting) {
      const to = look.migrating.get(slot);
      if (look.owned.has(slot) && to === undefined) continue;
      this.#resting.delete(slot);
      if (look.owned.has(slot) && to !== undefined) this.#leaving.set(slot, to);
    }
    for (const [slot, to] of this.#leaving) {
      if (look.owned.has(slot) && look.migrating.get(slot) === to) continue;
      this.#leaving.delete(slot);
    }
    for (const [slot, from] of this.#arriving) {
      const isHere = look.owned.has(slot) && !look.migrating.has(slot);
      if (isHere || look.importing.get(slot) === from) continue;
      this.#arriving.delete(slot);
    }
  }

  #isUninterrupted(look: NodeLook): boolean {
    if (!look.isMaster || look.id !== this.#id || look.runId !== this.#runId) return false;
    if (look.epoch === this.#epoch) return true;
    for (const slot of look.owned) if (!this.#owned.has(slot)) return true;
    return false;
  }

  /** Nothing that was met counts: the walk cannot be ended. */
  abandon(): void {
    for (const slot of this.#resting) this.giveUp(slot);
    for (const slot of [...this.#leaving.keys(), ...this.#arriving.keys()]) this.giveUp(slot);
  }

  giveUp(slot: number): void {
    this.#resting.delete(slot);
    this.#leaving.delete(slot);
    this.#arriving.delete(slot);
  }

  /** Whether the walk still says something about the slot: its keys are given out. */
  isLive(slot: number): boolean {
    return this.#resting.has(slot) || this.#leaving.has(slot) || this.#arriving.has(slot);
  }

  /** Whether there is a reason to go on. */
  get hasLive(): boolean {
    return this.#resting.size > 0 || this.#leaving.size > 0 || this.#arriving.size > 0;
  }

  get isAnyMoving(): boolean {
    return this.#leaving.size > 0 || this.#arriving.size > 0;
  }

  /** The first slot at rest that is not below `from`; -1 if there is none. */
  firstRestingFrom(from: number): number {
    return this.#resting.firstFrom(from);
  }

  /** The walk has come to its end, and the look after it has been observed. */
  finish(): PassOutcome {
    const proved = this.#resting;
    for (const slot of this.#arriving.keys()) proved.add(slot);
    const half = new Map<number, HalfMove>();
    for (const [slot, to] of this.#leaving) half.set(slot, { from: this.#id, to });
    return { proved, half };
  }

  toRecord(): PassRecord {
    return {
      id: this.#id,
      run: this.#runId,
      epoch: this.#epoch,
      owned: String(this.#owned),
      resting: String(this.#resting),
      leaving: [...this.#leaving],
      arriving: [...this.#arriving],
    };
  }

  /** Undefined if the record is none. */
  static fromRecord(record: PassRecord): SlotPass | undefined {
    const owned = SlotSet.parse(record.owned);
    const resting = SlotSet.parse(record.resting);
    if (owned === undefined || resting === undefined) return undefined;
    const look = { id: record.id, runId: record.run, epoch: record.epoch, owned };
    return new SlotPass(look, resting, new Map(record.leaving), new Map(record.arriving));
  }
}
