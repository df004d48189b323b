import { type ChildProcess, spawn } from 'node:child_process';
import { ClusterError } from '../errors.ts';
import { watchdogSource } from './watchdog-source.ts';

/** What the watchdog can be asked; see its source for what each does. */
type Request =
  | { readonly action: 'hold'; readonly port: number }
  | { readonly action: 'removeAtEnd'; readonly folder: string }
  | { readonly action: 'keep'; readonly folders: readonly string[]; readonly grace: number }
  | {
      readonly action: 'start';
      readonly key: string;
      readonly command: string;
      readonly args: readonly string[];
      readonly cwd: string;
      readonly log: string;
    }
  | { readonly action: 'signal'; readonly key: string; readonly name: NodeJS.Signals };

interface Answer {
  readonly answer?: number;
  readonly error?: string;
  readonly value?: unknown;
  readonly ended?: string;
}

interface Asker {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A process of its own that owns servers, port reservations and temporary folders, and takes all of them down with it however
 * this process ends, SIGKILL included. It never keeps this process alive while nothing is asked of it.
 */
export class Watchdog {
  readonly #child: ChildProcess;
  readonly #askers = new Map<number, Asker>();
  readonly #endListeners = new Map<string, () => void>();
  readonly #exited: Promise<void>;
  #lastAsk = 0;
  #waits = 0;
  #isEnding = false;

  constructor() {
    const { NODE_OPTIONS: _, ...environment } = process.env;
    // Detached: Ctrl-C in a terminal goes to the whole process group, and servers must outlive it until told to stop.
    this.#child = spawn(process.execPath, ['-e', watchdogSource], {
      detached: true,
      env: environment,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child.on('message', (message) => this.#onMessage(message as Answer));
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.once('error', () => resolve());
    });
    void this.#exited.then(() => this.#onExit());
    this.#child.unref();
    this.#child.channel?.unref();
  }

  /** False from the moment in which the end was asked for: nothing may be started or written any more. */
  get isUp(): boolean {
    return this.#child.connected && !this.#isEnding;
  }

  /** @throws ClusterError with the watchdog's own words when it could not do it, or has gone. */
  ask(request: Request): Promise<unknown> {
    if (!this.isUp) return Promise.reject(stopped());
    const ask = ++this.#lastAsk;
    const answer = new Promise((resolve, reject) => this.#askers.set(ask, { resolve, reject }));
    this.#child.send({ ...request, ask });
    return this.keepAliveFor(answer);
  }

  /** Keeps this process alive until a promise is settled that only the watchdog can settle. */
  async keepAliveFor<T>(promise: Promise<T>): Promise<T> {
    this.#waits++;
    this.#child.channel?.ref();
    try {
      return await promise;
    } finally {
      this.#waits--;
      if (this.#waits === 0) this.#child.channel?.unref();
    }
  }

  /** Calls `listener` once, when the server started under this key has ended. */
  onEnded(key: string, listener: () => void): void {
    this.#endListeners.set(key, listener);
  }

  /** Ends every server, removes what is to be removed, and resolves when that is done. Safe to call again. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#child.ref();
    this.#child.channel?.ref();
    if (this.#child.connected) this.#child.send({ action: 'end' });
    await this.#exited;
  }

  #onMessage(message: Answer): void {
    if (message.ended !== undefined) {
      this.#endListeners.get(message.ended)?.();
      this.#endListeners.delete(message.ended);
      return;
    }
    if (message.answer === undefined) return;
    const asker = this.#askers.get(message.answer);
    this.#askers.delete(message.answer);
    if (message.error === undefined) asker?.resolve(message.value);
    else asker?.reject(new ClusterError('TEST_CLUSTER', message.error));
  }

  #onExit(): void {
    for (const asker of this.#askers.values()) {
      asker.reject(new ClusterError('TEST_CLUSTER', 'the process that holds the test cluster has ended'));
    }
    this.#askers.clear();
    for (const listener of this.#endListeners.values()) listener();
    this.#endListeners.clear();
  }
}

/** The error of everything that needs a server after the end. */
export function stopped(): ClusterError {
  return new ClusterError('TEST_CLUSTER', 'the test cluster is stopped');
}
