import { lookup } from 'node:dns/promises';
import type { Link } from '../connection/link.ts';
import { ClusterError, ReplyError } from '../errors.ts';
import { parseAddress } from '../util/address.ts';
import type { NodeEntry } from './node-entry.ts';
import { type AccessOptions, complaintOf, inParallel, linkTo, readEntries, readFields } from './node-link.ts';

/** A node that is fit to become part of a new cluster, with an open link to it. */
export interface NewNode {
  readonly address: string;
  readonly link: Link;
  readonly id: string;
  /** How other nodes reach it: CLUSTER MEET takes numbers only, so a name is resolved here. */
  readonly ip: string;
  readonly port: number;
  readonly busPort: number;
  readonly configEpoch: number;
}

/**
 * Opens a link to every node and makes sure that each is reachable, in cluster mode, empty and alone.
 * @throws ClusterError (`NODES_UNFIT`) that lists every unfit node with the reason and what to do; all links are closed then.
 */
export async function openNewNodes(addresses: readonly string[], access: AccessOptions): Promise<NewNode[]> {
  const opened: Link[] = [];
  const outcomes = await inParallel(addresses, async (address) => {
    try {
      const link = await linkTo(address, access);
      opened.push(link);
      return await inspect(address, link);
    } catch (error) {
      return complaintOf(address, error);
    }
  });
  const nodes = outcomes.filter((outcome) => typeof outcome !== 'string');
  const complaints = [...outcomes.filter((outcome) => typeof outcome === 'string'), ...sameNodeTwice(nodes)];
  if (complaints.length === 0) return nodes;
  for (const link of opened) link.destroy();
  const list = complaints.map((complaint) => `\n  ${complaint}`).join('');
  throw new ClusterError('NODES_UNFIT', `the cluster cannot be created with these nodes, nothing was changed:${list}`);
}

/** The node, or the sentence that says why it is unfit. */
async function inspect(address: string, link: Link): Promise<NewNode | string> {
  const server = await readFields(link, 'INFO');
  if (server.get('cluster_enabled') !== '1') {
    return `${address}: is not in cluster mode (start it with "cluster-enabled yes")`;
  }
  const entries = await readEntries(link);
  const self = entries.find((entry) => entry.isMyself);
  if (self === undefined) return `${address}: does not name itself in CLUSTER NODES`;
  if (entries.length > 1) {
    return `${address}: already knows ${entries.length - 1} other nodes (FLUSHALL and CLUSTER RESET on it take it out)`;
  }
  const databases = [...server.keys()].filter((name) => /^db\d+$/.test(name));
  if (databases.length > 0) return `${address}: is not empty (it holds keys: use another node or FLUSHALL it)`;
  if (self.slots.length > 0) return `${address}: already owns slots (CLUSTER RESET on it gives them up)`;
  return { address, link, id: self.id, ...(await endpointOf(address, self)), configEpoch: self.configEpoch };
}

async function endpointOf(address: string, self: NodeEntry): Promise<Pick<NewNode, 'ip' | 'port' | 'busPort'>> {
  const { host, port } = parseAddress(address);
  // Of a name with addresses of both families the one that servers bind by themselves: IPv4 first.
  const { address: ip } = await lookup(host, { verbatim: false });
  return { ip, port, busPort: self.busPort === 0 ? port + 10_000 : self.busPort };
}

function sameNodeTwice(nodes: readonly NewNode[]): string[] {
  return nodes.flatMap((node, i) => {
    const first = nodes.slice(0, i).find((other) => other.id === node.id);
    if (first === undefined) return [];
    return [
      `${node.address}: has the node id of ${first.address} (the same node under two addresses, or a copied ` +
        'cluster-config-file: remove the copy and restart)',
    ];
  });
}

/** Tells a node about another; the bus port is named only when it is not the usual one, for servers before 4.0. */
export async function meet(from: Link, other: Pick<NewNode, 'ip' | 'port' | 'busPort'>): Promise<void> {
  const usualBusPort = other.port + 10_000;
  const extra = other.busPort === usualBusPort ? [] : [other.busPort];
  await from.call('CLUSTER', 'MEET', other.ip, other.port, ...extra);
}

/** Gives a range to the node in one command where the server knows how (Redis 7), else slot by slot in large commands. */
export async function addSlots(link: Link, range: { readonly from: number; readonly to: number }): Promise<void> {
  try {
    await link.call('CLUSTER', 'ADDSLOTSRANGE', range.from, range.to);
  } catch (error) {
    // Only the server's word can tell why; ADDSLOTS repeats every complaint but the one about an unknown subcommand.
    if (!(error instanceof ReplyError)) throw error;
    const slots = Array.from({ length: range.to - range.from + 1 }, (_, i) => range.from + i);
    await link.call('CLUSTER', 'ADDSLOTS', ...slots);
  }
}
