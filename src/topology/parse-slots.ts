import { ProtocolError } from '../errors.ts';
import { SLOT_COUNT } from '../slots/key-slot.ts';
import type { Address } from '../util/address.ts';
import { type ShardRange, type TopologyNode, topologyNode } from './topology.ts';

/** Replaces an address that servers announce by the one under which this client reaches it (tunnels, containers). */
export type MapAddress = (address: string) => Address | undefined;

/** More nodes than any cluster has: its servers are made for about a thousand. */
const MAX_NODES = 16_384;

/**
 * Reads a CLUSTER SLOTS reply as `askedHost` gave it. Ranges whose master has no usable address are left out (their slots are
 * uncovered), so are replicas without one.
 *
 * - host null or empty: the node is where this reply came from (an unknown endpoint: same host as the one asked);
 * - host `?`: the server prefers host names and has none for this node; its metadata may still name an `ip`;
 * - port 0: no port of the kind that we use.
 *
 * {@link https://redis.io/docs/latest/commands/cluster-slots/}
 * @throws ProtocolError when the reply is no such reply: no array, a range outside 0 to 16383, more than a cluster can have.
 */
export function parseSlots(reply: unknown, askedHost: string, mapAddress?: MapAddress): ShardRange[] {
  if (!Array.isArray(reply)) throw malformed('not an array');
  if (reply.length > SLOT_COUNT) throw malformed('more ranges than there are slots');
  const nodes = new Map<string, TopologyNode>();
  const ranges: ShardRange[] = [];
  for (const entry of reply as unknown[]) {
    if (!Array.isArray(entry)) throw malformed('an entry is not an array');
    const [start, end, master, ...rest] = entry as unknown[];
    if (!isSlot(start) || !isSlot(end) || start > end) throw malformed('a slot range outside 0 to 16383');
    const masterNode = parseNode(master, askedHost, mapAddress, nodes);
    if (masterNode === undefined) continue;
    const replicas: TopologyNode[] = [];
    for (const replica of rest) {
      const node = parseNode(replica, askedHost, mapAddress, nodes);
      if (node !== undefined && node !== masterNode && !replicas.includes(node)) replicas.push(node);
    }
    ranges.push({ start, end, shard: { master: masterNode, replicas } });
  }
  return ranges;
}

function isSlot(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < SLOT_COUNT;
}

function parseNode(
  entry: unknown,
  askedHost: string,
  mapAddress: MapAddress | undefined,
  known: Map<string, TopologyNode>,
): TopologyNode | undefined {
  if (!Array.isArray(entry)) return undefined;
  const [announced, port, id, metadata] = entry as unknown[];
  const host = hostOf(announced, metadata, askedHost);
  if (host === undefined || typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65535) {
    return undefined;
  }
  let node = topologyNode(host, port, typeof id === 'string' ? id : '');
  const mapped = mapAddress?.(node.address);
  if (mapped !== undefined) node = topologyNode(mapped.host, mapped.port, node.id);
  const same = known.get(node.address);
  if (same !== undefined) return same;
  known.set(node.address, node);
  if (known.size > MAX_NODES) throw malformed('more nodes than a cluster can have');
  return node;
}

function hostOf(announced: unknown, metadata: unknown, askedHost: string): string | undefined {
  if (announced === null || announced === '') return askedHost;
  if (typeof announced !== 'string') return undefined;
  if (announced !== '?') return announced;
  if (!Array.isArray(metadata)) return undefined;
  const at = metadata.indexOf('ip');
  const ip: unknown = at === -1 ? undefined : metadata[at + 1];
  return typeof ip === 'string' && ip !== '' ? ip : undefined;
}

function malformed(what: string): ProtocolError {
  return new ProtocolError('PROTOCOL', `malformed reply to CLUSTER SLOTS: ${what}`, { command: 'CLUSTER SLOTS' });
}
