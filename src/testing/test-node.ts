import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type AccessOptions, readEntries, readFields, withLink } from '../admin/node-link.ts';
import { ClusterError } from '../errors.ts';
import { formatAddress } from '../util/address.ts';
import { type NodeConfig, nodeConfigText } from './node-config.ts';
import { stopped, type Watchdog } from './watchdog.ts';

/** `running` answers (or loads its data), `paused` is frozen by SIGSTOP, `stopped` has no process. */
export type TestNodeState = 'running' | 'paused' | 'stopped';

/** What all nodes of one test cluster have in common. */
export interface NodeSurroundings {
  readonly watchdog: Watchdog;
  readonly serverPath: string;
  /** Absolute, without symbolic links; each node has a folder in it, named by its port. */
  readonly dir: string;
  readonly access: AccessOptions;
}

const START_TIMEOUT_MS = 30_000;
const SHUTDOWN_TIMEOUT_MS = 15_000;
const POLL_MS = 10;

/** One server of a test cluster. What changes it is done through the cluster: `cluster.kill(node)`. */
export class TestNode {
  readonly host = '127.0.0.1';
  readonly port: number;
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** Everything that the server has printed, in all its lives. */
  readonly logFile: string;
  readonly busPort: number;
  readonly #config: NodeConfig;
  readonly #surroundings: NodeSurroundings;
  #state: TestNodeState = 'stopped';
  #pid: number | undefined;
  #id = '';
  #lives = 0;
  #ended: Promise<void> = Promise.resolve();

  /** @internal Nodes are made by {@link startCluster} and `addNode`. */
  constructor(config: NodeConfig, surroundings: NodeSurroundings) {
    this.#config = config;
    this.#surroundings = surroundings;
    this.port = config.port;
    this.busPort = config.busPort;
    this.address = formatAddress(this.host, this.port);
    this.logFile = join(this.folder, `${this.port}.log`);
  }

  /** The cluster's 40-character name of the node. */
  get id(): string {
    return this.#id;
  }

  get state(): TestNodeState {
    return this.#state;
  }

  /** Of the server process; undefined when it is stopped. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** Where the node keeps its configuration, data and log. */
  get folder(): string {
    return join(this.#surroundings.dir, String(this.port));
  }

  /**
   * Sends one command to this node over a connection of its own and resolves with the RESP2 reply: for looking behind the
   * client that is being tested.
   * @throws ReplyError, ConnectionError
   */
  call(...args: (string | number | Uint8Array)[]): Promise<unknown> {
    return withLink(this.address, this.#surroundings.access, (link) => link.call(...args));
  }

  /**
   * Starts the server on the files that are there and resolves once it answers with its data loaded. True if it does, false
   * if it ended before (its ports were taken, its configuration refused): {@link logTail} says why.
   * @internal
   */
  async start(): Promise<boolean> {
    if (this.#state !== 'stopped') return true;
    const { watchdog } = this.#surroundings;
    // Files written now would stay behind.
    if (!watchdog.isUp) throw stopped();
    await mkdir(this.folder, { recursive: true });
    await writeFile(join(this.folder, this.#configName), nodeConfigText(this.#config));
    const key = `${this.port}#${++this.#lives}`;
    const life = new Promise<void>((resolve) => watchdog.onEnded(key, resolve));
    this.#ended = life.then(() => {
      this.#state = 'stopped';
      this.#pid = undefined;
    });
    // Before it is asked for: a server that ends at once may have ended by the time its start is confirmed.
    this.#state = 'running';
    const pid = await this.#launch(key);
    if (this.#hasProcess) this.#pid = pid;
    return this.#untilAnswering(START_TIMEOUT_MS);
  }

  get #hasProcess(): boolean {
    return this.#state !== 'stopped';
  }

  async #launch(key: string): Promise<number> {
    const { watchdog, serverPath: command } = this.#surroundings;
    const args = [this.#configName];
    try {
      return Number(await watchdog.ask({ action: 'start', key, command, args, cwd: this.folder, log: this.logFile }));
    } catch (error) {
      this.#state = 'stopped';
      throw error;
    }
  }

  /** SIGKILL, and resolves when the process is gone. @internal */
  async kill(): Promise<void> {
    if (this.#state === 'stopped') return;
    await this.#signal('SIGKILL');
    await this.#surroundings.watchdog.keepAliveFor(this.#ended);
  }

  /** SIGTERM, as a service manager would; a server that does not end in time, or cannot because it is paused, is killed. @internal */
  async shutDown(): Promise<void> {
    if (this.#state === 'running') {
      await this.#signal('SIGTERM');
      const patience = new AbortController();
      await Promise.race([this.#ended, delay(SHUTDOWN_TIMEOUT_MS, undefined, patience).catch(() => {})]);
      patience.abort();
    }
    await this.kill();
  }

  /** @internal */
  async pause(): Promise<void> {
    if (this.#state !== 'running') throw this.#wrongState('pause', 'running');
    await this.#signal('SIGSTOP');
    this.#state = 'paused';
  }

  /** @internal */
  async resume(): Promise<void> {
    if (this.#state !== 'paused') throw this.#wrongState('resume', 'paused');
    await this.#signal('SIGCONT');
    this.#state = 'running';
  }

  /** @internal */
  async removeFolder(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The last lines that the server printed. @internal */
  async logTail(): Promise<string> {
    try {
      const file = await open(this.logFile);
      try {
        const { size } = await file.stat();
        const length = Math.min(size, 2_000);
        const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
        return buffer.toString('utf8').trimEnd().split('\n').slice(-8).join('\n');
      } finally {
        await file.close();
      }
    } catch {
      return '(it printed nothing)';
    }
  }

  get #configName(): string {
    return `${this.port}.conf`;
  }

  #signal(name: NodeJS.Signals): Promise<unknown> {
    return this.#surroundings.watchdog.ask({ action: 'signal', key: `${this.port}#${this.#lives}`, name });
  }

  #wrongState(verb: string, needed: TestNodeState): ClusterError {
    return new ClusterError('TEST_CLUSTER', `${this.address} is ${this.#state}: only a ${needed} node can ${verb}`);
  }

  async #untilAnswering(timeoutMs: number): Promise<boolean> {
    const startedAt = performance.now();
    for (;;) {
      if (!this.#hasProcess) return false;
      let reason: unknown;
      try {
        if (await withLink(this.address, this.#surroundings.access, (link) => this.#isReady(link))) return true;
      } catch (error) {
        reason = error;
      }
      if (performance.now() - startedAt > timeoutMs) {
        throw new ClusterError(
          'TEST_CLUSTER',
          `${this.address} does not answer ${timeoutMs / 1000} s after its start. It printed:\n${await this.logTail()}`,
          { address: this.address, cause: reason },
        );
      }
      await delay(POLL_MS);
    }
  }

  /** Whether it is this server that answers there (not one that had taken the port), with its data loaded. */
  async #isReady(link: Parameters<typeof readEntries>[0]): Promise<boolean> {
    const fields = await readFields(link, 'INFO');
    if (fields.get('config_file') !== join(this.folder, this.#configName)) return false;
    if (fields.get('loading') !== '0') return false;
    this.#id = (await readEntries(link)).find((entry) => entry.isMyself)?.id ?? '';
    return true;
  }
}
