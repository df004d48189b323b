import { ProtocolError } from '../errors.ts';
import { SLOT_COUNT } from '../slots/key-slot.ts';
import { formatAddress } from '../util/address.ts';
import { countSlots, type SlotRange } from './slot-ranges.ts';

/** A slot on its way: it leaves for, or comes from, the node with this id. */
export interface OpenSlot {
  readonly slot: number;
  readonly direction: 'migrating' | 'importing';
  /** The node at the other end. */
  readonly peerId: string;
}

/** What one node says of one node (itself or another): a line of CLUSTER NODES. */
export interface NodeEntry {
  readonly id: string;
  /** Empty when the node does not know it (its own before it has met another). */
  readonly host: string;
  readonly port: number;
  /** The port of the cluster bus; 0 if the server does not tell. */
  readonly busPort: number;
  /** The name that the node announces, if it does (Redis 7). */
  readonly hostname: string | undefined;
  readonly flags: readonly string[];
  readonly role: 'master' | 'replica';
  /** The master of a replica. */
  readonly masterId: string | undefined;
  readonly configEpoch: number;
  readonly isMyself: boolean;
  /** Whether the bus connection to it stands. */
  readonly isConnected: boolean;
  readonly slots: readonly SlotRange[];
  /** Only a node's line about itself has these. */
  readonly openSlots: readonly OpenSlot[];
}

/**
 * Reads the reply of CLUSTER NODES, from Redis 3 to 8 and Valkey.
 * @throws ProtocolError when a line is not one.
 * @see {@link https://redis.io/docs/latest/commands/cluster-nodes/}
 */
export function parseNodeEntries(reply: unknown): NodeEntry[] {
  if (typeof reply !== 'string') throw new ProtocolError('PROTOCOL', 'CLUSTER NODES was not answered with text');
  return reply
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => parseEntry(line.trim()));
}

/** `host:port`, by the announced name if `byName` and there is one; undefined when the entry has no address. */
export function addressOf(entry: NodeEntry, byName = false): string | undefined {
  if (entry.port === 0) return undefined;
  if (byName && entry.hostname !== undefined) return formatAddress(entry.hostname, entry.port);
  return entry.host === '' ? undefined : formatAddress(entry.host, entry.port);
}

/** The slots that the entry owns. */
export function slotCountOf(entry: NodeEntry): number {
  return countSlots(entry.slots);
}

function parseEntry(line: string): NodeEntry {
  const [id, endpoint, flagWords, masterId, , , epoch, link, ...slotWords] = line.split(' ');
  if (id === undefined || endpoint === undefined || flagWords === undefined || link === undefined) {
    throw new ProtocolError('PROTOCOL', `a line of CLUSTER NODES has ${line.split(' ').length} fields instead of 8`);
  }
  const flags = flagWords.split(',');
  const isReplica = flags.includes('slave') || flags.includes('replica');
  return {
    id,
    ...parseEndpoint(endpoint),
    flags,
    role: isReplica ? 'replica' : 'master',
    masterId: isReplica && masterId !== '-' ? masterId : undefined,
    configEpoch: Number(epoch),
    isMyself: flags.includes('myself'),
    isConnected: link === 'connected',
    slots: slotWords.filter((word) => !word.startsWith('[')).map(parseRange),
    openSlots: slotWords.filter((word) => word.startsWith('[')).map(parseOpenSlot),
  };
}

/** `host:port@busPort,hostname,key=value…`; the bus port came with Redis 4, the rest with Redis 7. */
function parseEndpoint(endpoint: string): Pick<NodeEntry, 'host' | 'port' | 'busPort' | 'hostname'> {
  const [location = '', ...extras] = endpoint.split(',');
  const [hostAndPort = '', busPort] = location.split('@');
  const colon = hostAndPort.lastIndexOf(':');
  const host = hostAndPort.slice(0, Math.max(colon, 0)).replace(/^\[(.*)\]$/, '$1');
  const hostname = extras[0];
  return {
    host: host === '?' ? '' : host,
    port: Number(hostAndPort.slice(colon + 1)),
    busPort: busPort === undefined ? 0 : Number(busPort),
    hostname: hostname === undefined || hostname === '' || hostname.includes('=') ? undefined : hostname,
  };
}

function parseRange(word: string): SlotRange {
  const [from, to = from] = word.split('-').map(Number);
  if (!isSlot(from) || !isSlot(to) || from > to) {
    throw new ProtocolError('PROTOCOL', `CLUSTER NODES names slots that do not exist: ${word}`);
  }
  return { from, to };
}

function isSlot(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value < SLOT_COUNT;
}

/** `[93->-id]`: migrating to; `[77-<-id]`: importing from. */
function parseOpenSlot(word: string): OpenSlot {
  const match = /^\[(\d+)-([<>])-([^\]]+)\]$/.exec(word);
  const slot = Number(match?.[1]);
  if (match === null || !isSlot(slot)) {
    throw new ProtocolError('PROTOCOL', `CLUSTER NODES has an open slot that cannot be read: ${word}`);
  }
  return { slot, direction: match[2] === '>' ? 'migrating' : 'importing', peerId: match[3] ?? '' };
}
