import { UsageError } from '../errors.ts';
import type { HalfMove, PassRecord } from './slot-pass.ts';
import { SlotPass } from './slot-pass.ts';
import { SlotSet } from './slot-set.ts';
import type { WalkRecord } from './walk.ts';

/** A pass that is under way. */
export interface PassState {
  readonly host: string;
  readonly port: number;
  readonly pass: PassRecord;
  readonly walk: WalkRecord;
}

/** Where a scan of the whole cluster stands between two calls: all that there is to know, so that any process can go on. */
export interface ScanState {
  /** Slots that are not proved yet, those of the pass under way included. */
  readonly open: SlotSet;
  readonly halves: Map<number, HalfMove>;
  readonly current: PassState | undefined;
}

/** The text of a cursor is ours to change: its first character tells the versions apart. */
const VERSION = 'a';

export function encodeCursor({ open, halves, current }: ScanState): string {
  if (open.size === 0) return '0';
  const plain = { open: String(open), halves: [...halves], current };
  return VERSION + Buffer.from(JSON.stringify(plain)).toString('base64url');
}

/** @throws UsageError when it is none of ours. */
export function decodeCursor(text: string): ScanState {
  const state = text.startsWith(VERSION) ? readState(text.slice(VERSION.length)) : undefined;
  if (state === undefined) {
    throw new UsageError('USAGE', `SCAN: the cursor is neither '0' nor one that a scan of this client has given`, {
      command: 'SCAN',
    });
  }
  return state;
}

function readState(text: string): ScanState | undefined {
  let plain: unknown;
  try {
    plain = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
  if (!isRecord(plain) || typeof plain['open'] !== 'string') return undefined;
  const open = SlotSet.parse(plain['open']);
  const halves = readHalves(plain['halves']);
  const { current } = plain;
  if (open === undefined || halves === undefined) return undefined;
  if (current === undefined) return { open, halves, current };
  return isPassState(current) ? { open, halves, current } : undefined;
}

function readHalves(value: unknown): Map<number, HalfMove> | undefined {
  if (!Array.isArray(value)) return undefined;
  const halves = new Map<number, HalfMove>();
  for (const entry of value as unknown[]) {
    if (!Array.isArray(entry)) return undefined;
    const [slot, move] = entry as unknown[];
    if (typeof slot !== 'number' || !isRecord(move)) return undefined;
    const { from, to, at } = move;
    if (typeof from !== 'string' || typeof to !== 'string') return undefined;
    const where = isRecord(at) && typeof at['host'] === 'string' && typeof at['port'] === 'number' ? at : undefined;
    halves.set(slot, {
      from,
      to,
      at: where === undefined ? undefined : { host: String(where['host']), port: Number(where['port']) },
    });
  }
  return halves;
}

function isPassState(value: unknown): value is PassState {
  if (!isRecord(value) || typeof value['host'] !== 'string' || typeof value['port'] !== 'number') return false;
  const { pass, walk } = value;
  if (!isRecord(walk) || typeof walk['cursor'] !== 'string' || typeof walk['slot'] !== 'number') return false;
  if (walk['by'] !== 'SCAN' && walk['by'] !== 'CLUSTERSCAN') return false;
  return isPassRecord(pass) && SlotPass.fromRecord(pass) !== undefined;
}

function isPassRecord(value: unknown): value is PassRecord {
  if (!isRecord(value)) return false;
  const texts = ['id', 'run', 'owned', 'resting'].map((name) => value[name]);
  if (!texts.every((text) => typeof text === 'string') || typeof value['epoch'] !== 'number') return false;
  return isPairs(value['leaving']) && isPairs(value['arriving']);
}

function isPairs(value: unknown): boolean {
  const isPair = (pair: unknown): boolean =>
    Array.isArray(pair) && typeof pair[0] === 'number' && typeof pair[1] === 'string';
  return Array.isArray(value) && value.every(isPair);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
