import type { NodeEntry } from '../admin/node-entry.ts';
import { type AccessOptions, readEntries, readFields, withLink } from '../admin/node-link.ts';
import { slotSignature } from '../admin/slot-claims.ts';
import type { TestNode } from './test-node.ts';

/** What a running node says at this moment. */
export interface LiveView {
  readonly node: TestNode;
  readonly entries: readonly NodeEntry[];
  readonly isOk: boolean;
  /** Of a replica: whether it is in step with its master. */
  readonly isLinked: boolean;
}

/** A node that answers late is left out of a view, rather than holding up the test. */
const VIEW_TIMEOUT_MS = 2_000;

/** The views of those nodes that answer. */
export async function readViews(nodes: readonly TestNode[], access: AccessOptions): Promise<LiveView[]> {
  const views = await Promise.all(
    nodes.map(async (node): Promise<LiveView | undefined> => {
      try {
        return await withLink(
          node.address,
          { ...access, connectTimeoutMs: VIEW_TIMEOUT_MS, timeoutMs: VIEW_TIMEOUT_MS },
          async (link) => {
            const [entries, cluster, replication] = await Promise.all([
              readEntries(link),
              readFields(link, 'CLUSTER', 'INFO'),
              readFields(link, 'INFO', 'replication'),
            ]);
            const isOk = cluster.get('cluster_state') === 'ok';
            return { node, entries, isOk, isLinked: replication.get('master_link_status') !== 'down' };
          },
        );
      } catch {
        return undefined;
      }
    }),
  );
  return views.filter((view) => view !== undefined);
}

/** The owner of the slot by the highest config epoch among all that anybody says: the newest claim wins in a cluster too. */
export function ownerId(views: readonly LiveView[], slot: number): string | undefined {
  let newest: NodeEntry | undefined;
  for (const entry of views.flatMap((view) => view.entries)) {
    const owns = entry.slots.some((range) => range.from <= slot && slot <= range.to);
    if (owns && (newest === undefined || entry.configEpoch > newest.configEpoch)) newest = entry;
  }
  return newest?.id;
}

/** What each node says of itself, by id. */
export function selfEntries(views: readonly LiveView[]): ReadonlyMap<string, NodeEntry> {
  const own = views.flatMap((view) => view.entries.filter((entry) => entry.isMyself));
  return new Map(own.map((entry) => [entry.id, entry]));
}

/**
 * What keeps the running nodes from being one healthy cluster, as a sentence; undefined when nothing does: every one answers,
 * serves, is connected to the others, agrees with them about slots and roles, replicas are in step with running masters, and
 * no slot belongs to a node that is not running (so after a kill it is the failover that ends the flaw).
 */
export function findFlaw(nodes: readonly TestNode[], views: readonly LiveView[]): string | undefined {
  const running = nodes.filter((node) => node.state === 'running');
  const silent = running.find((node) => !views.some((view) => view.node === node));
  if (silent !== undefined) return `${silent.address} does not answer`;
  const selves = selfEntries(views);
  const signature = views[0] === undefined ? '' : slotSignature(views[0].entries);
  for (const { node, entries, isOk, isLinked } of views) {
    if (!isOk) return `${node.address} holds that the cluster is down`;
    if (slotSignature(entries) !== signature)
      return `${node.address} sees other slot owners than ${views[0]?.node.address}`;
    const masterId = selves.get(node.id)?.masterId;
    if (!isLinked && running.some((each) => each.id === masterId))
      return `${node.address} is not in step with its master`;
    const flaw = flawOfPeers(running, selves, entries) ?? absentOwner(nodes, entries);
    if (flaw !== undefined) return `${node.address} ${flaw}`;
  }
  return undefined;
}

function flawOfPeers(
  running: readonly TestNode[],
  selves: ReadonlyMap<string, NodeEntry>,
  entries: readonly NodeEntry[],
): string | undefined {
  for (const peer of running) {
    const entry = entries.find((each) => each.id === peer.id);
    if (entry === undefined) return `does not know ${peer.address}`;
    if (!entry.isMyself && !entry.isConnected) return `is not connected to ${peer.address}`;
    if (entry.flags.some((flag) => flag.startsWith('fail'))) return `holds ${peer.address} for failed`;
    if (entry.masterId !== selves.get(peer.id)?.masterId)
      return `sees ${peer.address} in another role than itself does`;
  }
  return undefined;
}

function absentOwner(nodes: readonly TestNode[], entries: readonly NodeEntry[]): string | undefined {
  const absent = nodes.find(
    (node) => node.state !== 'running' && entries.some((entry) => entry.id === node.id && entry.slots.length > 0),
  );
  return absent && `still sees slots at ${absent.address}, which is ${absent.state}`;
}
