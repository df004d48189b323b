import type { Key } from '../commands/argument-types.ts';
import type { CallSettings } from '../commands/command.ts';
import type { CommandSpec } from '../commands/command-spec.ts';
import { findCommand, unknownSpec } from '../commands/command-table.ts';
import type { PromiseShape } from '../commands/shapes.ts';
import { ClusterError } from '../errors.ts';
import { runBatch } from '../pipeline/batch.ts';
import type { Call, RepliesOf } from '../pipeline/call.ts';
import type { CallArray } from '../pipeline/call-chain.ts';
import type { Caller } from '../pipeline/caller.ts';
import { Pipeline } from '../pipeline/pipeline.ts';
import { ScanMethods, type ScanSource } from '../scan/scan-methods.ts';
import { type CustomCommandOptions, customCommand, nameTaken } from '../scripting/custom-command.ts';
import { callOnce, type DefinedScript, defineScript, type ScriptOptions } from '../scripting/defined-script.ts';
import type { Script } from '../scripting/script.ts';
import { addScriptMethods, type ScriptMethods } from '../scripting/script-methods.ts';
import { keySlot } from '../slots/key-slot.ts';
import { runTransaction, runTypedTransaction } from '../transaction/run-transaction.ts';
import { Transaction } from '../transaction/transaction.ts';
import { runWatch, type WatchBody, type WatchOptions } from '../transaction/watch.ts';
import { awaitTopology, type CallTarget, sendCall } from './call.ts';
import { NodeHandle, type NodeRole, settleAll } from './node-handle.ts';
import { type CallOptions, callSettings } from './options.ts';

export interface ClusterView extends ScriptMethods<PromiseShape> {}

/**
 * The commands of a cluster under certain call settings: what {@link ClusterClient} is, and what `with` gives. A view costs one
 * small object; it shares connections, order and topology with its client.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are there as soon as somebody may have declared them.
export class ClusterView extends ScanMethods {
  readonly #target: CallTarget;
  readonly #settings: CallSettings;

  /** @internal */
  constructor(target: CallTarget, settings: CallSettings) {
    super();
    this.#target = target;
    this.#settings = settings;
    for (const [name, script] of target.scripts) this.#addMethods(name, script);
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
   * Begins a pipeline: commands with keys of any slots that leave together at its `exec`, which resolves with
   * `[error, reply]` for each. It may be given its commands as arrays: `pipeline([['set', 'a', '1'], ['get', 'a']])`.
   *
   * ```ts
   * const [[, name], [, visits]] = await client.pipeline().get('user:42:name').incr('visits').exec();
   * ```
   */
  pipeline(): Pipeline;
  pipeline(calls: readonly CallArray[]): Pipeline<unknown[]>;
  pipeline(calls: readonly CallArray[] = []): Pipeline<unknown[]> {
    return new Pipeline(this.#caller, calls);
  }

  /**
   * Sends calls of any slots together and resolves with their replies, typed and in order. They are noted down with `command`.
   *
   * ```ts
   * const [name, visits] = await client.batch([command.get('user:42:name'), command.incr('visits')]);
   * ```
   * @throws BatchError when any of them fails; its `outcomes` tell of every one.
   */
  batch<const Calls extends readonly Call[]>(calls: Calls): Promise<RepliesOf<Calls>> {
    return runBatch(this.#caller, calls);
  }

  /**
   * Begins a transaction (MULTI): commands of one slot that the server executes as one at its `exec`, which resolves with
   * `[error, reply]` for each. Nothing is sent before.
   *
   * ```ts
   * await client.multi().incrby('{cart:7}:total', 250).rpush('{cart:7}:items', 'tea').exec();
   * ```
   */
  multi(): Transaction;
  multi(calls: readonly CallArray[]): Transaction<unknown[]>;
  multi(calls: readonly CallArray[] = []): Transaction<unknown[]> {
    const caller = this.#caller;
    return new Transaction(caller, calls, (taken) => runTransaction(caller, taken));
  }

  /**
   * Executes calls of one slot as one transaction and resolves with their replies, typed and in order.
   *
   * ```ts
   * const [total, length] = await client.transaction([
   *   command.incrby('{cart:7}:total', 250),
   *   command.rpush('{cart:7}:items', 'tea'),
   * ]);
   * ```
   * @throws CrossSlotError before anything is sent; BatchError when a command failed while the others were executed; else as
   *   {@link Transaction.exec} does.
   */
  transaction<const Calls extends readonly Call[]>(calls: Calls): Promise<RepliesOf<Calls>> {
    return runTypedTransaction(this.#caller, calls);
  }

  /**
   * Reads keys and writes only if none of them has changed meanwhile; begins again if one has. `body` may run several times, so
   * it should do nothing else than read with `tx` and write with `tx.multi()`.
   *
   * ```ts
   * await client.watch('account:7', async (tx) => {
   *   const balance = Number(await tx.get('account:7'));
   *   if (balance < 30) throw new Error('too poor');
   *   return tx.multi().set('account:7', balance - 30).exec();
   * });
   * ```
   * @throws TransactionAbortedError when the keys have been changed too often; what `body` throws, as it is, at once.
   */
  watch<T>(keys: Key | readonly Key[], body: WatchBody<T>, options: WatchOptions = {}): Promise<T> {
    return runWatch(this.#caller, keys, body, options);
  }

  /**
   * Makes a function of a Lua script: it runs by its hash, and every node is given the text when it first needs it.
   *
   * ```ts
   * const transfer = client.defineScript(lua, { keys: 2, parse: Number });
   * const left = await transfer('{bank}:ada', '{bank}:bob', 30);
   * ```
   * @throws UsageError when an option cannot be right.
   */
  defineScript<Reply = unknown, Keys extends number | undefined = undefined>(
    lua: string,
    options: ScriptOptions<Reply, Keys> = {},
  ): DefinedScript<Reply, Keys> {
    return defineScript(this.#caller, lua, options);
  }

  /**
   * Makes a method of a Lua script, here and on the pipelines, transactions and views that are made from now on, and a second
   * one whose name ends in `Buffer`. {@link defineScript} does the same with types of its own.
   *
   * ```ts
   * client.defineCommand('transfer', { numberOfKeys: 2, lua });
   * ```
   * @throws UsageError when there is a method of that name already, or an option cannot be right.
   */
  defineCommand(name: string, options: CustomCommandOptions): void {
    const script = customCommand(name, options);
    this.#addMethods(name, script);
    this.#target.scripts.set(name, script);
  }

  #addMethods(name: string, script: Script): void {
    if (name in this && !Object.hasOwn(this, name)) throw nameTaken(name);
    addScriptMethods(this, name, script, (call) => callOnce(this.#caller, call));
  }

  /** @internal */
  protected get scanSource(): ScanSource {
    const { executor, keyPrefix } = this.#target;
    const settings = this.#settings;
    return { executor, keyPrefix, settings, untilKnown: () => awaitTopology(executor, settings) };
  }

  get #caller(): Caller {
    const { executor, keyPrefix, scripts } = this.#target;
    const send = (spec: CommandSpec, args: unknown[], asBuffers: boolean): Promise<unknown> =>
      this.send(spec, args, asBuffers);
    return { executor, keyPrefix, scripts, settings: this.#settings, send };
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
