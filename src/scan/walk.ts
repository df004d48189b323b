import type { CommandSpec, WireArgument } from '../commands/command-spec.ts';
import { specNamed } from '../commands/command-table.ts';
import { ReplyError } from '../errors.ts';
import { kindOfReplyError } from '../protocol/server-error.ts';
import { keySlot } from '../slots/key-slot.ts';
import { tagOfSlot } from '../slots/slot-tag.ts';
import { textOf } from '../util/text-of.ts';
import type { SlotPass } from './slot-pass.ts';

const SCAN = specNamed('SCAN');
const CLUSTERSCAN = specNamed('CLUSTERSCAN');

/** Where a walk stands, as plain values. */
export interface WalkRecord {
  readonly by: 'SCAN' | 'CLUSTERSCAN';
  readonly cursor: string;
  readonly slot: number;
}

/** Asks the node that is walked. */
export type Ask = (spec: CommandSpec, args: readonly WireArgument[], asBuffers: boolean) => Promise<unknown>;

export type ScannedKey = string | Buffer;

/** The way over the keys of one node, page by page. */
export interface Walk {
  readonly isDone: boolean;
  /** The next page; it may hold keys of any slot of the node. `args` are the options of the scan. */
  step(ask: Ask, args: readonly WireArgument[], asBuffers: boolean): Promise<ScannedKey[]>;
  toRecord(): WalkRecord;
}

/** By SCAN, which every server has: over all that the node holds. */
export class ScanWalk implements Walk {
  #cursor: string;
  isDone = false;

  constructor(cursor = '0') {
    this.#cursor = cursor;
  }

  async step(ask: Ask, args: readonly WireArgument[], asBuffers: boolean): Promise<ScannedKey[]> {
    const [cursor, keys] = pageOf(await ask(SCAN, [this.#cursor, ...args], asBuffers));
    this.#cursor = cursor;
    this.isDone = cursor === '0';
    return keys;
  }

  toRecord(): WalkRecord {
    return { by: 'SCAN', cursor: this.#cursor, slot: 0 };
  }
}

/**
 * By CLUSTERSCAN: slot after slot, only those that the pass is about, and the server itself begins a slot again if its memory is
 * not the one that the cursor was made in. It does not show keys that stayed behind in a slot that is being moved away: such
 * slots are given up, to be walked by SCAN.
 */
export class ClusterScanWalk implements Walk {
  readonly #pass: SlotPass;
  /** Of the server; empty where the next slot has to be found. */
  #cursor: string;
  /** Where the walk is: what lies below is done. */
  #slot: number;

  constructor(pass: SlotPass, cursor = '', slot = 0) {
    this.#pass = pass;
    this.#cursor = cursor;
    this.#slot = slot;
  }

  get isDone(): boolean {
    return this.#cursor === '' && this.#pass.firstRestingFrom(this.#slot) === -1;
  }

  async step(ask: Ask, args: readonly WireArgument[], asBuffers: boolean): Promise<ScannedKey[]> {
    if (this.#cursor === '') {
      this.#slot = this.#pass.firstRestingFrom(this.#slot);
      this.#cursor = `0-{${tagOfSlot(this.#slot)}}-0`;
    }
    let page: [cursor: string, keys: ScannedKey[]];
    try {
      page = pageOf(await ask(CLUSTERSCAN, [this.#cursor, ...args], asBuffers));
    } catch (error) {
      if (!isElsewhere(error)) throw error;
      this.#pass.giveUp(this.#slot);
      this.#leaveFor(this.#slot + 1);
      return [];
    }
    const [cursor, keys] = page;
    const slot = cursor === '0' ? Number.POSITIVE_INFINITY : keySlot(cursor);
    if (slot === this.#slot || (slot > this.#slot && this.#pass.isLive(slot))) {
      this.#cursor = cursor;
      this.#slot = slot;
    } else {
      this.#leaveFor(slot > this.#slot ? slot : Number.POSITIVE_INFINITY);
    }
    return keys;
  }

  #leaveFor(slot: number): void {
    this.#cursor = '';
    this.#slot = slot;
  }

  toRecord(): WalkRecord {
    return { by: 'CLUSTERSCAN', cursor: this.#cursor, slot: Math.min(this.#slot, 0xffff) };
  }
}

function isElsewhere(error: unknown): boolean {
  if (!(error instanceof ReplyError)) return false;
  const kind = kindOfReplyError(error);
  return kind === 'moved' || kind === 'ask';
}

function pageOf(reply: unknown): [cursor: string, keys: ScannedKey[]] {
  const [cursor, keys] = reply as [unknown, ScannedKey[]];
  return [textOf(cursor), keys];
}
