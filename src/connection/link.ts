import { Command } from '../commands/command.ts';
import { DirectOwner } from '../commands/direct-owner.ts';
import { plainSpec } from '../commands/plain-spec.ts';
import { ConnectionError, type SlotwiseError, UsageError } from '../errors.ts';
import { type Address, parseAddress } from '../util/address.ts';
import { nowMs } from '../util/clock.ts';
import { Connection, type ConnectionOwner } from './connection.ts';
import { type ConnectionOptions, defaultConnectionOptions } from './connection-options.ts';
import type { TlsOptions } from './connector.ts';

export interface LinkOptions {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: boolean | TlsOptions | undefined;
  /** Until the link is usable, in milliseconds; 5000 unless told. */
  readonly connectTimeoutMs?: number | undefined;
  /** For each command, in milliseconds; 30000 unless told. */
  readonly timeoutMs?: number | undefined;
  readonly clientName?: string | undefined;
}

/** One connection to one node, for commands that mean that node and no other: administration, and asking seeds. */
export interface Link {
  readonly address: string;
  /**
   * Sends one command and resolves with its RESP2 reply.
   * @throws ReplyError if the server answers with an error; ConnectionError if the connection is lost (nothing is retried).
   */
  call(...args: (string | number | Uint8Array)[]): Promise<unknown>;
  /** Answers what is in flight, then closes. */
  close(): Promise<void>;
  destroy(): void;
}

/** A link that is being opened. */
export interface OpeningLink {
  /** @throws ConnectionError saying why the node cannot be used. */
  readonly opened: Promise<Link>;
  destroy(): void;
}

/** Begins to connect to one node. */
export function startLink(where: Address, options: ConnectionOptions, timeoutMs: number): OpeningLink {
  let link: SingleLink | undefined;
  const opened = new Promise<Link>((resolve, reject) => {
    link = new SingleLink(where, options, timeoutMs, resolve, reject);
  });
  return { opened, destroy: () => link?.destroy() };
}

/** Connects to one node. @throws ConnectionError saying why the node cannot be used. */
export async function openLink(address: string, options: LinkOptions = {}): Promise<Link> {
  const { username, password } = options;
  const connectionOptions: ConnectionOptions = {
    ...defaultConnectionOptions,
    connectTimeoutMs: options.connectTimeoutMs ?? defaultConnectionOptions.connectTimeoutMs,
    tls: options.tls,
    credentials: password === undefined ? undefined : { username, password },
    clientName: options.clientName,
  };
  return startLink(parseAddress(address), connectionOptions, options.timeoutMs ?? 30_000).opened;
}

class SingleLink implements Link, ConnectionOwner {
  readonly #connection: Connection;
  readonly #commands = new DirectOwner();
  readonly #timeoutMs: number;
  readonly #onOpen: (link: Link) => void;
  readonly #onFailed: (error: SlotwiseError) => void;
  #onEnd: (() => void) | undefined;

  constructor(
    where: Address,
    options: ConnectionOptions,
    timeoutMs: number,
    onOpen: (link: Link) => void,
    onFailed: (error: SlotwiseError) => void,
  ) {
    this.#timeoutMs = timeoutMs;
    this.#onOpen = onOpen;
    this.#onFailed = onFailed;
    this.#connection = new Connection(where, options, this, false);
  }

  get address(): string {
    return this.#connection.address;
  }

  async call(...args: (string | number | Uint8Array)[]): Promise<unknown> {
    const [name, ...rest] = args.map((arg) => (typeof arg === 'number' ? String(arg) : arg));
    if (typeof name !== 'string') throw new UsageError('USAGE', 'call() needs the name of a command first');
    const settings = { timeoutMs: this.#timeoutMs, signal: undefined, readFrom: 'master', idempotent: false } as const;
    const spec = plainSpec(name.toUpperCase());
    const command = new Command(this.#commands, spec, rest, -1, settings, false, nowMs());
    if (this.#connection.isReady) this.#connection.dispatch(command);
    else command.reject(this.#connection.closeCause ?? new ConnectionError('CONNECTION_LOST', 'the link is closed'));
    return command.promise;
  }

  close(): Promise<void> {
    if (this.#connection.state === 'closed') return Promise.resolve();
    return new Promise((resolve) => {
      this.#onEnd = resolve;
      this.#connection.close();
    });
  }

  destroy(): void {
    this.#connection.destroy(new ConnectionError('CONNECTION_LOST', `${this.address}: the link was destroyed`));
  }

  onReady(): void {
    this.#onOpen(this);
  }

  onClosed(_connection: Connection, cause: SlotwiseError): void {
    this.#onFailed(cause);
    this.#onEnd?.();
  }

  onDrain(): void {}
  onStalled(): void {}
  onPush(): void {}
  onIdle(): void {}
  onExpired(): void {}
}
