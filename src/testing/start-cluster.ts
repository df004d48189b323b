import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type CreateProgress, createCluster } from '../admin/create-cluster.ts';
import { MIN_MASTERS } from '../admin/create-plan.ts';
import type { AccessOptions } from '../admin/node-link.ts';
import { UsageError } from '../errors.ts';
import { type ClusterFolder, prepareFolder, recordCluster } from './cluster-folder.ts';
import type { NodeConfig, ServerDirectives } from './node-config.ts';
import { BlockPorts, GivenPorts, isFree, type PortPair, type PortSource } from './ports.ts';
import { findServer, type ServerProgram } from './server-program.ts';
import { TestCluster } from './test-cluster.ts';
import { type NodeSurroundings, TestNode } from './test-node.ts';
import { Watchdog } from './watchdog.ts';

export interface StartClusterOptions {
  /** Masters; 3 unless told, and not fewer. */
  readonly masters?: number | undefined;
  /** Replicas of each master; 1 unless told. */
  readonly replicas?: number | undefined;
  /** The server program; else SLOTWISE_SERVER, else redis-server or valkey-server from the PATH. */
  readonly serverPath?: string | undefined;
  /** cluster-node-timeout, in milliseconds: how long a silent node is waited for before it is failed over; 2000 unless told. */
  readonly nodeTimeoutMs?: number | undefined;
  /**
   * More directives for every node's configuration file: `{ 'cluster-require-full-coverage': 'no' }`. With `requirepass`,
   * `masterauth` follows by itself, and the cluster's own questions use that password.
   */
  readonly config?: ServerDirectives | undefined;
  /** Where the files go: absent, empty, or holding a kept cluster. A temporary folder unless told. */
  readonly dir?: string | undefined;
  /** The first node's port, the others following; free ports unless told. */
  readonly basePort?: number | undefined;
  /** Keeps `dir` at the end, and uses the cluster that is found in it at the start. */
  readonly persist?: boolean | undefined;
  readonly onProgress?: ((progress: StartProgress) => void) | undefined;
}

/** How far a start has come: servers running, then the steps of creating the cluster, or `rejoining` for a kept one. */
export type StartProgress =
  | { readonly step: 'started'; readonly server: string; readonly dir: string; readonly addresses: readonly string[] }
  | { readonly step: 'rejoining' }
  | CreateProgress;

const DEFAULT_NODE_TIMEOUT_MS = 2_000;
/** How long servers that persist have to shut down in good order. */
const GRACE_MS = 5_000;
const BIND_ATTEMPTS = 5;

/**
 * Starts real servers on this machine and joins them to one cluster. It resolves when every node serves, all agree, and the
 * replicas are in step.
 *
 * ```ts
 * await using cluster = await startCluster({ masters: 3, replicas: 1 });
 * const client = new ClusterClient(cluster.addresses);
 * await cluster.kill(await cluster.masterOf(0));
 * ```
 *
 * @throws UsageError for options that cannot be met, also when there is no server program (and how to get one);
 * ClusterError when servers do not start or do not join. Nothing is left behind then.
 */
export async function startCluster(options: StartClusterOptions = {}): Promise<TestCluster> {
  checkShape(options);
  const server = await findServer(options.serverPath);
  const folder = await prepareFolder(options.dir, options.persist ?? false);
  checkKept(options, folder);
  const watchdog = new Watchdog();
  try {
    if (folder.isOwn) await watchdog.ask({ action: 'removeAtEnd', folder: folder.path });
    return await new ClusterStart(options, server, folder, watchdog).run();
  } catch (error) {
    await watchdog.end();
    throw error;
  }
}

function checkShape(options: StartClusterOptions): void {
  const { masters = MIN_MASTERS, replicas = 1 } = options;
  if (!Number.isInteger(masters) || masters < MIN_MASTERS) {
    throw new UsageError('USAGE', `masters must be a whole number from ${MIN_MASTERS} on, not ${masters}`);
  }
  if (!Number.isInteger(replicas) || replicas < 0) {
    throw new UsageError('USAGE', `replicas must be a whole number from 0 on, not ${replicas}`);
  }
}

/** A kept cluster is what it is: options that say something else are an error, not a silent surprise. */
function checkKept(options: StartClusterOptions, folder: ClusterFolder): void {
  const { kept, path } = folder;
  if (kept === undefined) return;
  const complaints = [
    ...(options.masters !== undefined && options.masters !== kept.masters ? [`${kept.masters} masters`] : []),
    ...(options.replicas !== undefined && options.replicas !== kept.replicas ? [`${kept.replicas} replicas each`] : []),
    ...(options.basePort !== undefined && options.basePort !== kept.nodes[0]?.port
      ? [`base port ${kept.nodes[0]?.port}`]
      : []),
  ];
  if (complaints.length === 0) return;
  throw new UsageError(
    'FOLDER_IN_USE',
    `the cluster kept in ${path} was started with ${complaints.join(' and ')}: ask for the same, or choose another folder`,
  );
}

/** One start, from an empty or kept folder to a running cluster. */
class ClusterStart {
  readonly #options: StartClusterOptions;
  readonly #server: ServerProgram;
  readonly #folder: ClusterFolder;
  readonly #watchdog: Watchdog;
  readonly #directives: ServerDirectives;
  readonly #access: AccessOptions;
  readonly #masters: number;
  readonly #replicas: number;
  #ports: PortSource;

  constructor(options: StartClusterOptions, server: ServerProgram, folder: ClusterFolder, watchdog: Watchdog) {
    this.#options = options;
    this.#server = server;
    this.#folder = folder;
    this.#watchdog = watchdog;
    this.#masters = folder.kept?.masters ?? options.masters ?? MIN_MASTERS;
    this.#replicas = folder.kept?.replicas ?? options.replicas ?? 1;
    const config = options.config ?? {};
    const password = config['requirepass'];
    this.#access = { password: password === undefined ? undefined : String(password) };
    this.#directives = password === undefined ? config : { masterauth: password, ...config };
    const basePort = options.basePort;
    this.#ports = basePort === undefined ? new BlockPorts(watchdog) : new GivenPorts(basePort);
  }

  async run(): Promise<TestCluster> {
    const kept = this.#folder.kept;
    const nodes = kept === undefined ? await this.#startNew() : await this.#startKept(kept.nodes);
    this.#progress({
      step: 'started',
      server: this.#server.name,
      dir: this.#folder.path,
      addresses: nodes.map((node) => node.address),
    });
    const cluster = new TestCluster({
      watchdog: this.#watchdog,
      nodes,
      access: this.#access,
      startNode: () => this.#startOne(),
      onMembers: (members) => this.#record(members),
    });
    if (kept === undefined) {
      await createCluster(cluster.addresses, {
        ...this.#access,
        replicas: this.#replicas,
        onProgress: this.#options.onProgress,
      });
    } else {
      this.#progress({ step: 'rejoining' });
    }
    await cluster.untilOk();
    await this.#record(nodes);
    return cluster;
  }

  #progress(progress: StartProgress): void {
    this.#options.onProgress?.(progress);
  }

  #startNew(): Promise<TestNode[]> {
    const count = this.#masters * (this.#replicas + 1);
    return allOrFirstError(Array.from({ length: count }, () => this.#startOne()));
  }

  async #startKept(pairs: readonly PortPair[]): Promise<TestNode[]> {
    for (const pair of pairs) {
      if (await isFree(pair)) continue;
      throw new UsageError(
        'PORT_IN_USE',
        `port ${pair.port} or ${pair.busPort} of the kept cluster is in use: does it run already? Stop what listens there`,
      );
    }
    const highest = Math.max(...pairs.map((pair) => pair.port));
    this.#ports = new GivenPorts(highest + 1);
    return allOrFirstError(pairs.map((pair) => this.#startAt(pair)));
  }

  /** A server on the next free ports; if somebody else takes these in the meantime, on others. */
  async #startOne(): Promise<TestNode> {
    for (let attempt = 1; ; attempt++) {
      const pair = await this.#ports.next();
      const folder = join(this.#folder.path, String(pair.port));
      await this.#watchdog.ask({ action: 'removeAtEnd', folder });
      try {
        return await this.#startAt(pair);
      } catch (error) {
        // Where its ports are free the server ended for a reason of its own, and would do so again.
        if (attempt === BIND_ATTEMPTS || (await isFree(pair))) throw error;
        await rm(folder, { recursive: true, force: true });
      }
    }
  }

  async #startAt(pair: PortPair): Promise<TestNode> {
    const config: NodeConfig = {
      ...pair,
      nodeTimeoutMs: this.#options.nodeTimeoutMs ?? DEFAULT_NODE_TIMEOUT_MS,
      directives: this.#directives,
    };
    const surroundings: NodeSurroundings = {
      watchdog: this.#watchdog,
      serverPath: this.#server.path,
      dir: this.#folder.path,
      access: this.#access,
    };
    const node = new TestNode(config, surroundings);
    if (await node.start()) return node;
    throw new UsageError(
      'SERVER_ENDED',
      `${this.#server.path} ended at its start on port ${pair.port}. It printed:\n${await node.logTail()}`,
    );
  }

  /** From here on the files of a cluster that persists are kept, and a later start finds them. */
  async #record(nodes: readonly TestNode[]): Promise<void> {
    if (!this.#options.persist) return;
    const pairs = nodes.map(({ port, busPort }) => ({ port, busPort }));
    await recordCluster(this.#folder.path, { masters: this.#masters, replicas: this.#replicas, nodes: pairs });
    const folders = [this.#folder.path, ...nodes.map((node) => node.folder)];
    await this.#watchdog.ask({ action: 'keep', folders, grace: GRACE_MS });
  }
}

/** All, or the first error once every one has ended: nothing is started behind the back of the clean-up. */
async function allOrFirstError<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(promises);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
}
