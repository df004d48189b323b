import type { CallSettings } from '../commands/command.ts';
import type { CommandSpec } from '../commands/command-spec.ts';
import { findCommand, unknownSpec } from '../commands/command-table.ts';
import { CommandMethods } from '../commands/generated/methods.ts';
import type { PromiseShape } from '../commands/shapes.ts';
import { ClusterError } from '../errors.ts';
import { keySlot } from '../slots/key-slot.ts';
import { awaitTopology, type CallTarget, sendCall } from './call.ts';
import { NodeHandle, type NodeRole, settleAll } from './node-handle.ts';
import { type CallOptions, callSettings } from './options.ts';

/**
 * The commands of a cluster under certain call settings: what {@link ClusterClient} is, and what `with` gives. A view costs one
 * small object; it shares connections, order and topology with its client.
 */
export class ClusterView extends CommandMethods<PromiseShape> {
  readonly #target: CallTarget;
  readonly #settings: CallSettings;

  /** @internal */
  constructor(target: CallTarget, settings: CallSettings) {
    super();
    this.#target = target;
    this.#settings = settings;
  }

  protected send(spec: CommandSpec, args: unknown[], asBuffers: boolean): Promise<unknown> {
    return sendCall(this.#target, spec, args, this.#settings, asBuffers);
  }

  /**
   * The same client with other settings for the calls made through it.
   *
   * ```ts
   * const quick = client.with({ timeoutMs: 200 });
   * await quick.get('user:42');
   * ```
   * @throws UsageError naming the setting that cannot be right.
   */
  with(options: CallOptions): ClusterView {
    return new ClusterView(this.#target, callSettings(this.#settings, options));
  }

  /**
   * Sends any command by its name, with its arguments in the order of its documentation. A command that slotwise knows goes
   * where its keys belong; one that it does not know goes to any node.
   *
   * ```ts
   * await client.call('OBJECT', 'ENCODING', 'user:42');
   * ```
   */
  call(name: string, ...args: unknown[]): Promise<unknown> {
    return this.send(findCommand(name) ?? unknownSpec(name), args, false);
  }

  /** {@link call}, with the strings of the reply as Buffers. */
  callBuffer(name: string, ...args: unknown[]): Promise<unknown> {
    return this.send(findCommand(name) ?? unknownSpec(name), args, true);
  }

  /**
   * Nodes as the cluster has them now, each with every command as a method for that node alone.
   *
   * ```ts
   * for (const node of client.nodes('master')) console.log(node.address, await node.info('memory'));
   * ```
   * @param role masters or replicas only; all unless told
   * @throws ClusterError while the cluster is not known yet: `await client.connect()` first.
   */
  nodes(role?: NodeRole): NodeHandle[] {
    const { topology } = this.#target.executor;
    if (topology.isEmpty) throw notConnected();
    return topology.shards.flatMap(({ master, replicas }) => [
      ...(role === 'replica' ? [] : [this.#handle(master.address, false)]),
      ...(role === 'master' ? [] : replicas.map((replica) => this.#handle(replica.address, true))),
    ]);
  }

  /**
   * The node that serves a key now: the master of its slot, or one of the replicas.
   *
   * ```ts
   * await client.nodeFor('user:42').call('DEBUG', 'SLEEP', 0);
   * ```
   * @throws ClusterError while the cluster is not known yet, or if no such node serves the key's slot.
   */
  nodeFor(key: string | Uint8Array, role: NodeRole = 'master'): NodeHandle {
    const { topology } = this.#target.executor;
    if (topology.isEmpty) throw notConnected();
    const { keyPrefix } = this.#target;
    const slot = keySlot(typeof key === 'string' ? keyPrefix + key : Buffer.concat([Buffer.from(keyPrefix), key]));
    const shard = topology.shardOf(slot);
    const candidates = role === 'master' ? (shard === undefined ? [] : [shard.master]) : (shard?.replicas ?? []);
    const node = candidates[Math.floor(Math.random() * candidates.length)];
    if (node === undefined) {
      throw new ClusterError('SLOT_UNCOVERED', `no ${role} serves slot ${slot}`, { executed: 'no', slot });
    }
    return this.#handle(node.address, role === 'replica');
  }

  /**
   * Calls `use` with each node at the same time and resolves with what it gave for each, by address. Waits for the cluster to
   * be known.
   *
   * ```ts
   * const keys = await client.onAll('master', (node) => node.dbsize());
   * ```
   * @throws FanOutError, whose `outcomes` tell of every node, if it fails for any of them.
   */
  async onAll<T>(role: NodeRole | 'all', use: (node: NodeHandle) => Promise<T> | T): Promise<Map<string, T>> {
    await awaitTopology(this.#target.executor, this.#settings);
    const handles = this.nodes(role === 'all' ? undefined : role);
    return settleAll(handles, use);
  }

  #handle(address: string, isReplica: boolean): NodeHandle {
    return new NodeHandle(this.#target, this.#settings, address, isReplica);
  }
}

function notConnected(): ClusterError {
  return new ClusterError('NOT_CONNECTED', 'the nodes are not known yet: await client.connect() first');
}
