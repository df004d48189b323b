import { awaitMembers } from '../admin/cluster-agreement.ts';
import { untilNothingMissing } from '../admin/deadline.ts';
import { meet, type NewNode } from '../admin/new-node.ts';
import { type AccessOptions, linkTo } from '../admin/node-link.ts';
import { type MoveEnd, moveSlot, type SlotMoveProgress } from '../admin/slot-move.ts';
import { type SlotRange, slotsOf } from '../admin/slot-ranges.ts';
import type { Link } from '../connection/link.ts';
import { ClusterError, UsageError } from '../errors.ts';
import { findFlaw, ownerId, readViews, selfEntries } from './cluster-views.ts';
import type { TestNode } from './test-node.ts';
import type { Watchdog } from './watchdog.ts';

/** What a cluster is made of; see {@link startCluster}. */
export interface ClusterParts {
  readonly watchdog: Watchdog;
  readonly nodes: readonly TestNode[];
  readonly access: AccessOptions;
  /** Makes and starts one more server. */
  readonly startNode: () => Promise<TestNode>;
  /** Called when nodes have come or gone. */
  readonly onMembers: (nodes: readonly TestNode[]) => Promise<void>;
}

export interface MoveSlotsOptions {
  /**
   * Awaited after every step of every slot: the slot stays half-moved until it resolves. Steps of one slot: `importing`,
   * `migrating`, `keys` (once a batch), `taken`, `given`, `done`.
   */
  readonly onStep?: (progress: SlotMoveProgress) => void | Promise<void>;
  /** Keys that move at once; 100 unless told. With 1, `onStep` can hold a slot with any number of keys on each side. */
  readonly keysPerBatch?: number;
}

export interface FailoverOptions {
  /** `force`: without the master's agreement, for one that is down; `takeover`: without any vote. */
  readonly mode?: 'force' | 'takeover';
}

const OK_TIMEOUT_MS = 60_000;
const FAILOVER_TIMEOUT_MS = 30_000;
/** A manual failover that the master did not finish is given up by the servers after five seconds. */
const FAILOVER_AGAIN_MS = 6_000;

/**
 * A real cluster of local servers. Everything that it tells is asked of the servers at that moment: after a failover
 * `masterOf` names the new master.
 *
 * Ends with `stop()`, `await using`, or this process, however that ends: no server and no temporary file stays behind.
 */
export class TestCluster {
  readonly #watchdog: Watchdog;
  readonly #access: AccessOptions;
  readonly #parts: ClusterParts;
  #nodes: readonly TestNode[];

  /** @internal */
  constructor(parts: ClusterParts) {
    this.#watchdog = parts.watchdog;
    this.#nodes = parts.nodes;
    this.#access = parts.access;
    this.#parts = parts;
  }

  /** Every node, also paused and stopped ones, in the order in which they came. */
  get nodes(): readonly TestNode[] {
    return this.#nodes;
  }

  /** `host:port` of every node: seeds for a client. */
  get addresses(): string[] {
    return this.#nodes.map((node) => node.address);
  }

  /** The nodes that are masters now, by their own word. */
  async masters(): Promise<TestNode[]> {
    const selves = selfEntries(await this.#views());
    return this.#nodes.filter((node) => selves.get(node.id)?.role === 'master');
  }

  /**
   * The node that owns the slot now. While a dead or paused master has no successor yet, it is still that master.
   * @throws ClusterError when no node owns the slot.
   */
  async masterOf(slot: number): Promise<TestNode> {
    const id = ownerId(await this.#views(), slot);
    const node = this.#nodes.find((each) => each.id === id);
    if (node === undefined) throw new ClusterError('SLOT_UNCOVERED', `no node owns slot ${slot}`, { slot });
    return node;
  }

  /** The nodes that follow this one now, as those that run see it. */
  async replicasOf(master: TestNode): Promise<TestNode[]> {
    const views = await this.#views();
    const selves = selfEntries(views);
    const follows = (node: TestNode): boolean => {
      const heard = views.flatMap((view) => view.entries).find((entry) => entry.id === node.id);
      return (selves.get(node.id) ?? heard)?.masterId === master.id;
    };
    return this.#nodes.filter(follows);
  }

  /**
   * Resolves when every running node serves, is connected to all other running ones, agrees with them about slots and roles,
   * every replica is in step with its master (if that runs), and no slot belongs to a node that is paused or stopped: after
   * a kill it thus waits for the failover.
   * @throws ClusterError saying what is still wrong after `timeoutMs` (60000).
   */
  async untilOk(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    const timeoutMs = options.timeoutMs ?? OK_TIMEOUT_MS;
    const flaw = await untilNothingMissing(async () => findFlaw(this.#nodes, await this.#views()), timeoutMs);
    if (flaw !== undefined)
      throw new ClusterError('TEST_CLUSTER', `the cluster is not ok after ${timeoutMs} ms: ${flaw}`);
  }

  /** Ends the server at once, as a crash would (SIGKILL). Its data stays for `restart`. */
  async kill(node: TestNode): Promise<void> {
    await this.#own(node).kill();
  }

  /** Freezes the server (SIGSTOP): connections stay open, the kernel goes on accepting bytes, nothing is answered. */
  async pause(node: TestNode): Promise<void> {
    await this.#own(node).pause();
  }

  /** Lets a paused server go on (SIGCONT). */
  async resume(node: TestNode): Promise<void> {
    await this.#own(node).resume();
  }

  /**
   * Starts the server again on its data, after shutting it down in good order (SIGTERM) if it runs. Resolves when it answers;
   * `untilOk` waits until it is a full member again.
   */
  async restart(node: TestNode): Promise<void> {
    await this.#own(node).shutDown();
    if (await node.start()) return;
    throw new ClusterError('TEST_CLUSTER', `${node.address} did not start again. It printed:\n${await node.logTail()}`);
  }

  /**
   * Makes the replica the master of its shard and resolves when every running node sees it so, the old master as its replica
   * included (if that runs).
   * @throws UsageError when the node is no replica; ClusterError when it does not succeed in 30 s.
   */
  async failover(replica: TestNode, options: FailoverOptions = {}): Promise<void> {
    const views = await this.#views();
    const oldMaster = selfEntries(views).get(this.#own(replica).id)?.masterId;
    if (oldMaster === undefined) throw new UsageError('USAGE', `${replica.address} is not a running replica`);
    const start = (): Promise<unknown> =>
      replica.call('CLUSTER', 'FAILOVER', ...(options.mode === undefined ? [] : [options.mode]));
    await start();
    let againMs = FAILOVER_AGAIN_MS;
    const missing = await untilNothingMissing(
      async () => this.#unaware(replica, oldMaster),
      FAILOVER_TIMEOUT_MS,
      async (waitedMs) => {
        if (waitedMs < againMs) return;
        againMs = waitedMs + FAILOVER_AGAIN_MS;
        if (selfEntries(await this.#views()).get(replica.id)?.role === 'replica') await start();
      },
    );
    if (missing === undefined) return;
    throw new ClusterError('TEST_CLUSTER', `${replica.address} did not take over in 30 s: ${missing} does not see it`);
  }

  /** A running node that does not see the failover completed, if there is one. */
  async #unaware(newMaster: TestNode, oldMasterId: string): Promise<string | undefined> {
    const views = await this.#views();
    const oldRuns = this.#running().some((node) => node.id === oldMasterId);
    const missing = this.#running().find((node) => {
      const entries = views.find((view) => view.node === node)?.entries ?? [];
      const promoted = entries.find((entry) => entry.id === newMaster.id);
      const demoted = entries.find((entry) => entry.id === oldMasterId);
      if (promoted?.role !== 'master' || promoted.slots.length === 0) return true;
      return oldRuns && demoted?.masterId !== newMaster.id;
    });
    return missing?.address;
  }

  /**
   * Moves slots with their keys from one master to another while clients go on, slot after slot.
   * @param slots slot numbers, or ranges with both ends included.
   */
  async moveSlots(
    from: TestNode,
    to: TestNode,
    slots: Iterable<number | SlotRange>,
    options: MoveSlotsOptions = {},
  ): Promise<void> {
    const masters = (await this.masters()).filter((node) => node !== from && node !== to && node.state === 'running');
    await this.#withLinks([this.#own(from), this.#own(to), ...masters], async ([source, target, ...others]) => {
      if (source === undefined || target === undefined) return;
      const route = { source: endOf(from, source), target: endOf(to, target), others };
      for (const item of slots) {
        for (const slot of typeof item === 'number' ? [item] : slotsOf([item])) {
          await moveSlot(slot, route, { ...options, credentials: this.#access });
        }
      }
    });
  }

  /**
   * Starts one more server and joins it: as a master without slots (give it some with `moveSlots`), or as a replica, in step
   * with its master when this resolves.
   */
  async addNode(options: { readonly replicaOf?: TestNode } = {}): Promise<TestNode> {
    const master = options.replicaOf === undefined ? undefined : this.#own(options.replicaOf);
    const members = this.#running();
    const node = await this.#parts.startNode();
    this.#nodes = [...this.#nodes, node];
    await this.#withLinks([...members, node], async (links) => {
      const all = [...members, node].map((each, i) => newNodeOf(each, links[i]));
      const [first] = all;
      const added = all.at(-1);
      if (first === undefined || added === undefined) return;
      await meet(first.link, added);
      await awaitMembers(all, OK_TIMEOUT_MS, () => {});
      if (master !== undefined) await added.link.call('CLUSTER', 'REPLICATE', master.id);
    });
    await this.untilOk();
    await this.#parts.onMembers(this.#nodes);
    return node;
  }

  /**
   * Makes all other nodes forget the node, ends its server and removes its data.
   * @throws UsageError when it still owns slots or has replicas: move or remove these first.
   */
  async removeNode(node: TestNode): Promise<void> {
    const views = await this.#views();
    const own = selfEntries(views).get(this.#own(node).id);
    const heard = views.flatMap((view) => view.entries).filter((entry) => entry.id === node.id);
    // Its own word comes first: the others may not have heard yet that its last slot has moved.
    if ((own === undefined ? heard : [own]).some((entry) => entry.slots.length > 0)) {
      throw new UsageError('USAGE', `${node.address} owns slots: move them to another master first`);
    }
    const [replica] = await this.replicasOf(node);
    if (replica !== undefined)
      throw new UsageError('USAGE', `${replica.address} follows ${node.address}: remove it first`);
    await node.kill();
    await Promise.all(this.#running().map((other) => other.call('CLUSTER', 'FORGET', node.id)));
    this.#nodes = this.#nodes.filter((each) => each !== node);
    await node.removeFolder();
    await this.#parts.onMembers(this.#nodes);
  }

  /** Ends all servers, paused ones too, and removes their files (unless they persist). Safe to call again. */
  async stop(): Promise<void> {
    await this.#watchdog.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #running(): TestNode[] {
    return this.#nodes.filter((node) => node.state === 'running');
  }

  #views(): ReturnType<typeof readViews> {
    return readViews(this.#running(), this.#access);
  }

  #own(node: TestNode): TestNode {
    if (this.#nodes.includes(node)) return node;
    throw new UsageError('USAGE', `${node.address} is not a node of this cluster`);
  }

  async #withLinks<T>(nodes: readonly TestNode[], use: (links: readonly Link[]) => Promise<T>): Promise<T> {
    const links: Link[] = [];
    try {
      for (const node of nodes) links.push(await linkTo(node.address, { ...this.#access, timeoutMs: OK_TIMEOUT_MS }));
      return await use(links);
    } finally {
      for (const link of links) link.destroy();
    }
  }
}

function endOf(node: TestNode, link: Link): MoveEnd {
  return { id: node.id, link, ip: node.host, port: node.port };
}

function newNodeOf(node: TestNode, link: Link | undefined): NewNode {
  if (link === undefined) throw new ClusterError('TEST_CLUSTER', `there is no link to ${node.address}`);
  const { address, id, port, busPort } = node;
  return { address, link, id, ip: node.host, port, busPort, configEpoch: 0 };
}
