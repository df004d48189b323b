import type { Link } from '../connection/link.ts';
import { ReplyError } from '../errors.ts';
import { type AccessOptions, readEntries } from './node-link.ts';
import { ownersOf } from './slot-claims.ts';

/** A master that gives or takes a slot. */
export interface MoveEnd {
  readonly id: string;
  readonly link: Link;
  /** Where the other end's server reaches it. */
  readonly ip: string;
  readonly port: number;
}

/** The way of a slot from one master to another, with everyone who is told of it. */
export interface SlotRoute {
  readonly source: MoveEnd;
  readonly target: MoveEnd;
  /** The other masters; they would learn it from gossip too, only later. */
  readonly others: readonly Link[];
}

/**
 * Where a slot is on its way, each reported when it has been reached:
 * `importing`, the target accepts commands that come with ASKING; `migrating`, the source answers ASK for keys that it does not
 * hold; `keys`, one more batch has moved (repeated, not at all for an empty slot); `taken`, the target owns the slot;
 * `given`, the source knows that; `done`, the other masters know it.
 */
export type SlotMoveStep = 'importing' | 'migrating' | 'keys' | 'taken' | 'given' | 'done';

export interface SlotMoveProgress {
  readonly slot: number;
  readonly step: SlotMoveStep;
  /** Keys of this slot that have moved so far. */
  readonly keysMoved: number;
}

export interface SlotMoveOptions {
  /** Awaited between the steps: the slot stays where it is until it resolves. */
  readonly onStep?: ((progress: SlotMoveProgress) => void | Promise<void>) | undefined;
  /** Keys in one MIGRATE; 100 unless told. */
  readonly keysPerBatch?: number | undefined;
  readonly credentials?: Pick<AccessOptions, 'username' | 'password'> | undefined;
}

const MIGRATE_TIMEOUT_MS = 15_000;

/**
 * Moves one slot with its keys while clients go on using it, by the sequence that the cluster specification describes. The
 * target is told of its new slot before the source: were it the other way round, and this process died in between, nobody
 * would own the slot.
 *
 * If it fails half-way the slot stays open between both; moving it again continues where it stopped.
 * @see {@link https://redis.io/docs/latest/commands/cluster-setslot/}
 */
export async function moveSlot(slot: number, route: SlotRoute, options: SlotMoveOptions = {}): Promise<void> {
  const { source, target, others } = route;
  let keysMoved = 0;
  const reached = async (step: SlotMoveStep): Promise<void> => options.onStep?.({ slot, step, keysMoved });

  await target.link.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', source.id);
  await reached('importing');
  await source.link.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', target.id);
  await reached('migrating');
  for (;;) {
    const keys = await source.link.call('CLUSTER', 'GETKEYSINSLOT', slot, options.keysPerBatch ?? 100);
    if (!Array.isArray(keys) || keys.length === 0) break;
    await migrateKeys(route, keys.map(String), options.credentials);
    keysMoved += keys.length;
    await reached('keys');
  }
  await target.link.call('CLUSTER', 'SETSLOT', slot, 'NODE', target.id);
  await reached('taken');
  await give(slot, source, target.id);
  await reached('given');
  await Promise.all(others.map((link) => tell(link, slot, target.id)));
  await reached('done');
}

/**
 * Tells the source. When gossip was faster and this was its last slot, it has made itself a replica in the meantime and refuses
 * to be told (or, Valkey, waits in vain for its replicas, which follow the new owner too): then its own view decides.
 */
async function give(slot: number, source: MoveEnd, ownerId: string): Promise<void> {
  try {
    await source.link.call('CLUSTER', 'SETSLOT', slot, 'NODE', ownerId);
  } catch (error) {
    if (!(error instanceof ReplyError)) throw error;
    if (ownersOf(await readEntries(source.link))[slot] !== ownerId) throw error;
  }
}

/** A master that cannot be told hears it from the others. */
async function tell(link: Link, slot: number, ownerId: string): Promise<void> {
  try {
    await link.call('CLUSTER', 'SETSLOT', slot, 'NODE', ownerId);
  } catch {
    // The new owner's epoch is the highest: gossip brings it.
  }
}

async function migrateKeys(
  route: SlotRoute,
  keys: readonly string[],
  credentials: SlotMoveOptions['credentials'],
): Promise<void> {
  const { ip, port } = route.target;
  const auth = authWords(credentials);
  const migrate = (...flags: string[]): Promise<unknown> =>
    route.source.link.call('MIGRATE', ip, port, '', 0, MIGRATE_TIMEOUT_MS, ...flags, ...auth, 'KEYS', ...keys);
  try {
    await migrate();
  } catch (error) {
    if (!(error instanceof ReplyError) || error.code !== 'BUSYKEY') throw error;
    // The target holds a copy from an earlier attempt whose acknowledgement was lost. The source's is the current one: as
    // long as it holds a key, it alone serves it.
    await migrate('REPLACE');
  }
}

function authWords(credentials: SlotMoveOptions['credentials']): string[] {
  if (credentials?.password === undefined) return [];
  const { username, password } = credentials;
  return username === undefined ? ['AUTH', password] : ['AUTH2', username, password];
}
