import { EventEmitter } from 'node:events';
import { Executor, type ExecutorOwner } from '../cluster/executor.ts';
import { ClientClosedError, ClusterError, type SlotwiseError } from '../errors.ts';
import type { ClientCounters } from '../observability/counters.ts';
import type { TopologyDiff } from '../topology/diff-topology.ts';
import type { NoSeedError } from '../topology/seed-race.ts';
import type { Topology } from '../topology/topology.ts';
import { type Transitions, transition } from '../util/state.ts';
import type { CallTarget } from './call.ts';
import { ClusterView } from './cluster-view.ts';
import { type ClientSettings, type ClusterClientOptions, readOptions } from './options.ts';
import type { Seed } from './seeds.ts';

/**
 * `idle`: made with `lazyConnect` and not asked to connect yet. `connecting`: looking for the cluster, for the first time or
 * again. `ready`: the topology is known. `closing`: no new commands, pending ones go on. `closed`: final.
 */
export type ClientState = 'idle' | 'connecting' | 'ready' | 'closing' | 'closed';

const transitions: Transitions<ClientState> = {
  idle: ['connecting', 'closed'],
  connecting: ['ready', 'closing', 'closed'],
  ready: ['connecting', 'closing', 'closed'],
  closing: ['closed'],
  closed: [],
};

/** What a {@link ClusterClient} emits, and what its listeners get. */
export interface ClientEvents {
  /** The topology is known; emitted again when the cluster has been out of reach altogether. */
  ready: [];
  /** Slots, nodes or roles have changed. */
  topology: [diff: TopologyDiff];
  /** No node and no seed could be asked; the client goes on trying. Never emitted without a listener. */
  error: [error: SlotwiseError];
  /** The client is closed for good. */
  close: [];
}

interface ConnectWaiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** How often a closing client looks whether everything is answered. */
const CLOSING_POLL_MS = 2;

/**
 * A client for one Redis or Valkey cluster: give it the address of any node, and use the commands as methods.
 *
 * ```ts
 * const client = new ClusterClient('127.0.0.1:7003');
 * await client.set('user:42', 'Ada', 'EX', 60);
 * const name = await client.get('user:42');
 * await client.close();
 * ```
 */
export class ClusterClient extends ClusterView implements AsyncDisposable {
  readonly #executor: Executor;
  readonly #settings: ClientSettings;
  readonly #events = new EventEmitter();
  #state: ClientState = 'idle';
  #waiters = new Set<ConnectWaiter>();
  #lastError: NoSeedError | undefined;
  #closing: Promise<void> | undefined;

  /**
   * @param seeds one or more nodes to start from, masters or replicas; the others are found by asking them
   * @throws UsageError when a seed or an option cannot be right.
   */
  constructor(seeds: Seed | readonly Seed[], options: ClusterClientOptions = {}) {
    const settings = readOptions(seeds, options);
    const owner: ExecutorOwner = {
      onTopology: (diff) => this.#onTopology(diff),
      onUnreachable: (error) => this.#onUnreachable(error),
      onStart: () => this.#onStart(),
    };
    const executor = new Executor(settings.executor, owner);
    const target: CallTarget = { executor, keyPrefix: settings.keyPrefix, scripts: settings.scripts };
    super(target, settings.call);
    this.#executor = executor;
    this.#settings = settings;
    if (!settings.isLazy) executor.start();
  }

  get status(): ClientState {
    return this.#state;
  }

  /** Commands that are not answered yet, in flight or waiting. */
  get pending(): number {
    return this.#executor.pending;
  }

  /**
   * Bytes of commands that wait in this process to be sent, about: 0 while the nodes take what they are given. When it grows the
   * nodes are slower than the caller; beyond `maxPendingBytes` new commands are rejected.
   */
  get pendingBytes(): number {
    return this.#executor.backlog.bytes + this.#executor.nodes.bufferedBytes;
  }

  /** How often redirects, retries, reconnects and refreshes have happened so far: a snapshot. */
  get counters(): ClientCounters {
    return this.#executor.counters.snapshot();
  }

  /** What is known of the cluster now: an immutable snapshot. */
  get topology(): Topology {
    return this.#executor.topology;
  }

  /**
   * Resolves when the client is ready. Calling it is optional: commands wait for the same moment.
   * @throws ClusterError with the reason for each address, at once when only a change of configuration can help (a wrong
   *   password, a server that is no cluster), else when `timeoutMs` has passed; the client goes on trying.
   */
  connect(): Promise<void> {
    if (this.#state === 'ready') return Promise.resolve();
    if (this.#state === 'closing' || this.#state === 'closed') return Promise.reject(closedError());
    return new Promise((resolve, reject) => {
      const limit = Math.min(this.#settings.call.timeoutMs, 2 ** 31 - 1);
      const waiter: ConnectWaiter = {
        resolve,
        reject,
        timer: setTimeout(() => {
          this.#waiters.delete(waiter);
          const message = `not connected within ${limit} ms`;
          reject(this.#lastError ?? this.#executor.seedTrouble ?? new ClusterError('NO_SEED', message));
        }, limit),
      };
      this.#waiters.add(waiter);
      this.#executor.start();
    });
  }

  on<E extends keyof ClientEvents>(event: E, listener: (...args: ClientEvents[E]) => void): this {
    this.#events.on(event, listener as (...args: unknown[]) => void);
    return this;
  }

  once<E extends keyof ClientEvents>(event: E, listener: (...args: ClientEvents[E]) => void): this {
    this.#events.once(event, listener as (...args: unknown[]) => void);
    return this;
  }

  off<E extends keyof ClientEvents>(event: E, listener: (...args: ClientEvents[E]) => void): this {
    this.#events.off(event, listener as (...args: unknown[]) => void);
    return this;
  }

  /** Accepts no more commands, waits until all pending ones are answered (or past their deadline), then closes. */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#executor.refuse(closedError());
      if (this.#state !== 'idle' && this.#state !== 'closed')
        this.#state = transition(transitions, this.#state, 'closing');
      this.#closing = this.#drain();
    }
    return this.#closing;
  }

  async #drain(): Promise<void> {
    while (this.#executor.pending > 0 && this.#state !== 'closed') {
      await new Promise((resolve) => setTimeout(resolve, CLOSING_POLL_MS));
    }
    this.destroy();
  }

  /** Closes at once: everything that is pending is rejected with ClientClosedError. */
  destroy(): void {
    if (this.#state === 'closed') return;
    this.#state = transition(transitions, this.#state, 'closed');
    this.#executor.destroy(closedError());
    this.#settleWaiters(closedError());
    this.#emit('close');
  }

  /** {@link close}, by the name that users of ioredis know. */
  async quit(): Promise<'OK'> {
    await this.close();
    return 'OK';
  }

  /** {@link destroy}, by the name that users of ioredis know. */
  disconnect(): void {
    this.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #onStart(): void {
    if (this.#state === 'idle') this.#state = transition(transitions, this.#state, 'connecting');
  }

  #onTopology(diff: TopologyDiff): void {
    if (this.#state === 'connecting') {
      this.#state = transition(transitions, this.#state, 'ready');
      this.#lastError = undefined;
      this.#settleWaiters();
      this.#emit('ready');
    }
    this.#emit('topology', diff);
  }

  #onUnreachable(error: NoSeedError): void {
    this.#lastError = error;
    if (this.#state === 'ready') this.#state = transition(transitions, this.#state, 'connecting');
    if (error.isPermanent) this.#settleWaiters(error);
    this.#emit('error', error);
  }

  #settleWaiters(error?: Error): void {
    for (const { timer, resolve, reject } of this.#waiters) {
      clearTimeout(timer);
      if (error === undefined) resolve();
      else reject(error);
    }
    this.#waiters.clear();
  }

  /** A listener's throw is the listener's problem: it surfaces as an uncaught exception of its own, not inside the client. */
  #emit<E extends keyof ClientEvents>(event: E, ...args: ClientEvents[E]): void {
    if (this.#events.listenerCount(event) === 0) return;
    queueMicrotask(() => {
      if (this.#events.listenerCount(event) > 0) this.#events.emit(event, ...args);
    });
  }
}

function closedError(): ClientClosedError {
  return new ClientClosedError('CLOSED', 'the client is closed');
}
