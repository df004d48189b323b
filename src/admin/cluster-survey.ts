import { type Address, formatAddress, parseAddress } from '../util/address.ts';
import { addressOf, type NodeEntry } from './node-entry.ts';
import { type AccessOptions, complaintOf, inParallel, readEntries, readFields, withLink } from './node-link.ts';

/** What a node that answered says of itself and of the others. */
export interface NodeView {
  readonly self: NodeEntry;
  /** Every node that it knows, itself included. */
  readonly entries: readonly NodeEntry[];
  readonly keys: number;
  /** CLUSTER INFO. */
  readonly cluster: ReadonlyMap<string, string>;
  /** INFO. */
  readonly server: ReadonlyMap<string, string>;
}

export interface SurveyedNode {
  readonly id: string;
  /** Where it was asked, or where the others say that it is. */
  readonly address: string;
  /** As another node describes it; for a node that answered, as it describes itself. */
  readonly entry: NodeEntry;
  /** Undefined when it could not be asked; `reason` says why. */
  readonly view: NodeView | undefined;
  readonly reason: string | undefined;
}

/** Every node that is known to any node reached from the address, asked once. The first is the node at the address. */
export interface ClusterSurvey {
  readonly nodes: readonly SurveyedNode[];
}

/**
 * Asks the node at `address`, then every node that it or any other knows of, until no new one turns up. A node that cannot be
 * asked is in the survey with the reason.
 * @throws the first node's own error when it cannot be asked or is not in cluster mode.
 */
export async function surveyCluster(address: string, access: AccessOptions): Promise<ClusterSurvey> {
  const first = await withLink(address, access, readView);
  const nodes = new Map<string, SurveyedNode>([
    [first.self.id, { id: first.self.id, address, entry: first.self, view: first, reason: undefined }],
  ]);
  const seedHost = parseAddress(address).host;
  let waiting = newEntries(first, nodes);
  while (waiting.length > 0) {
    const asked = await inParallel(waiting, (entry) => surveyNode(entry, seedHost, access));
    for (const node of asked) nodes.set(node.id, node);
    const found = asked.flatMap((node) => (node.view === undefined ? [] : newEntries(node.view, nodes)));
    waiting = [...new Map(found.map((entry) => [entry.id, entry])).values()];
  }
  return { nodes: [...nodes.values()] };
}

function newEntries(view: NodeView, known: ReadonlyMap<string, unknown>): NodeEntry[] {
  return view.entries.filter((entry) => !known.has(entry.id) && !entry.flags.includes('handshake'));
}

async function surveyNode(entry: NodeEntry, seedHost: string, access: AccessOptions): Promise<SurveyedNode> {
  const address = reachableAddress(entry, seedHost, access);
  if (address === undefined) {
    return {
      id: entry.id,
      address: entry.id,
      entry,
      view: undefined,
      reason: `${entry.id}: no node knows its address`,
    };
  }
  try {
    const view = await withLink(address, access, readView);
    return { id: entry.id, address, entry: view.self, view, reason: undefined };
  } catch (error) {
    return { id: entry.id, address, entry, view: undefined, reason: complaintOf(address, error) };
  }
}

/** Certificates are made out to names, so with TLS an announced name comes before the number. */
function reachableAddress(entry: NodeEntry, seedHost: string, access: AccessOptions): string | undefined {
  const usesTls = access.tls !== undefined && access.tls !== false;
  const known = addressOf(entry, usesTls);
  if (known !== undefined || entry.port === 0) return known;
  const self: Address = { host: seedHost, port: entry.port };
  return entry.isMyself ? formatAddress(self.host, self.port) : undefined;
}

async function readView(link: Parameters<typeof readEntries>[0]): Promise<NodeView> {
  const [entries, keys, cluster, server] = await Promise.all([
    readEntries(link),
    link.call('DBSIZE'),
    readFields(link, 'CLUSTER', 'INFO'),
    readFields(link, 'INFO'),
  ]);
  const self = entries.find((entry) => entry.isMyself);
  if (self === undefined) throw new Error(`${link.address} does not name itself in CLUSTER NODES`);
  return { self, entries, keys: Number(keys), cluster, server };
}
