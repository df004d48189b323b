import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Resp2Decoder } from '../../src/protocol/resp2-decoder.ts';
import { encodeReply, errorReply, simpleReply } from './fake-reply.ts';

/** One command that a {@link FakeNode} received. */
export interface FakeRequest {
  /** Upper case. */
  readonly name: string;
  readonly args: readonly string[];
  /** Number of the connection that it came on, from 1 in order of acceptance. */
  readonly connection: number;
  /** ASKING was the command before it on its connection. */
  readonly isAsking: boolean;
}

/** Sends nothing for this command; what follows on the connection is answered all the same. */
export const silence = Symbol('silence');
/** Closes the connection instead of answering. */
export const cut = Symbol('cut');

/** What a node does about one command: these bytes, nothing, or an end. */
export type FakeAnswer = Buffer | typeof silence | typeof cut;
export type FakeScript = (request: FakeRequest) => FakeAnswer | Promise<FakeAnswer>;

/** A node as CLUSTER SLOTS lists it. */
export interface FakeEntry {
  readonly host?: string | null | undefined;
  readonly port: number;
  readonly id?: string | undefined;
}

export interface FakeRange {
  readonly start: number;
  readonly end: number;
  /** The master, then its replicas. */
  readonly nodes: readonly FakeEntry[];
}

interface Peer {
  readonly number: number;
  readonly socket: Socket;
  /** Answers leave in the order of the commands, however long one of them takes. */
  turn: Promise<void>;
  isAsking: boolean;
}

/**
 * A scripted node on a real local socket: it speaks RESP2, answers handshakes and the questions about the topology by itself, and
 * everything else as the test says. What it was not told to answer is an error reply, so that a forgotten script shows.
 */
export class FakeNode {
  readonly host: string;
  readonly port: number;
  /** Every command but those of handshakes and topology questions, in order of arrival. */
  readonly requests: FakeRequest[] = [];
  /** Connections ever accepted. */
  accepted = 0;
  /** How often CLUSTER SLOTS was asked. */
  slotsAsked = 0;
  epoch = 1;
  /** What CLUSTER SLOTS tells; all slots at this node unless told. */
  slots: readonly FakeRange[];
  readonly #server: Server;
  readonly #peers = new Set<Peer>();
  readonly #scripts = new Map<string, FakeScript>();
  readonly #once = new Map<string, FakeScript[]>();
  readonly #watchers = new Set<() => void>();
  #held: (() => void)[] | undefined;

  private constructor(server: Server, host: string, port: number) {
    this.#server = server;
    this.host = host;
    this.port = port;
    this.slots = [{ start: 0, end: 16383, nodes: [{ host, port, id: fakeId(port) }] }];
    server.on('connection', (socket) => this.#accept(socket));
    this.#standing();
  }

  /** Listens on a free port of `host` (or on `port`). */
  static async start(options: { readonly host?: string; readonly port?: number } = {}): Promise<FakeNode> {
    const host = options.host ?? '127.0.0.1';
    const server = createServer();
    server.listen(options.port ?? 0, host);
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The fake node has no port.');
    return new FakeNode(server, host, address.port);
  }

  get address(): string {
    return this.host.includes(':') ? `[${this.host}]:${this.port}` : `${this.host}:${this.port}`;
  }

  /** As CLUSTER SLOTS lists it. */
  get entry(): FakeEntry {
    return { host: this.host, port: this.port, id: fakeId(this.port) };
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#peers.size;
  }

  /** Answers every command of this name so, from now on; `'*'` for all that nothing else answers. */
  on(name: string, script: FakeScript): this {
    this.#scripts.set(name.toUpperCase(), script);
    return this;
  }

  /** Answers the next command of this name so, and once only; several wait in line. */
  next(name: string, script: FakeScript): this {
    const key = name.toUpperCase();
    const line = this.#once.get(key) ?? [];
    line.push(script);
    this.#once.set(key, line);
    return this;
  }

  /** Commands of this name that came so far. */
  received(name: string): FakeRequest[] {
    return this.requests.filter((request) => request.name === name.toUpperCase());
  }

  /** Resolves as soon as `isSo` holds, looked at again with every command and connection; rejects after `timeoutMs`. */
  async until(isSo: () => boolean, timeoutMs = 5_000): Promise<void> {
    if (isSo()) return;
    await new Promise<void>((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
      };
      const look = (): void => {
        if (!isSo()) return;
        finish();
        resolve();
      };
      const timer = setTimeout(() => {
        finish();
        reject(new Error(`The fake node ${this.address} waited ${timeoutMs} ms for what did not come.`));
      }, timeoutMs);
      this.#watchers.add(look);
    });
  }

  /** From now on nothing is answered (connections stay open and are accepted), until {@link release}. */
  hold(): void {
    this.#held ??= [];
  }

  /** Answers what was held, and goes on. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const go of held) go();
  }

  /** Writes bytes to every open connection, whether asked or not. */
  sendRaw(bytes: Buffer | string): void {
    for (const peer of this.#peers) peer.socket.write(bytes);
  }

  /** Ends every open connection at once; new ones are accepted. */
  cut(): void {
    for (const peer of this.#peers) peer.socket.resetAndDestroy();
  }

  /** Ends every connection and accepts no more. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const peer of this.#peers) peer.socket.destroy();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #standing(): void {
    const ok = (): Buffer => simpleReply('OK');
    for (const name of ['AUTH', 'CLIENT', 'READONLY', 'READWRITE', 'ASKING']) this.on(name, ok);
    this.on('HELLO', () => errorReply("ERR unknown command 'HELLO'"));
    this.on('PING', () => simpleReply('PONG'));
    this.on('CLUSTER', ({ args }) => {
      const subcommand = args[0]?.toUpperCase();
      if (subcommand === 'INFO') {
        return encodeReply(`cluster_state:ok\r\ncluster_current_epoch:${this.epoch}\r\n`);
      }
      if (subcommand !== 'SLOTS') return errorReply('ERR unknown subcommand');
      this.slotsAsked++;
      return encodeReply(this.slots.map(slotsRow));
    });
    this.on('*', ({ name }) => errorReply(`ERR the fake node has no answer to ${name}`));
  }

  #accept(socket: Socket): void {
    const peer: Peer = { number: ++this.accepted, socket, turn: Promise.resolve(), isAsking: false };
    this.#peers.add(peer);
    const decoder = new Resp2Decoder({
      onReply: (words) => this.#receive(peer, words as string[]),
      onErrorReply: () => socket.destroy(),
      onPush: () => undefined,
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        decoder.decode(chunk);
      } catch {
        socket.destroy();
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#peers.delete(peer);
      this.#notify();
    });
    this.#notify();
  }

  #receive(peer: Peer, words: readonly string[]): void {
    const name = (words[0] ?? '').toUpperCase();
    const request = { name, args: words.slice(1), connection: peer.number, isAsking: peer.isAsking };
    peer.isAsking = name === 'ASKING';
    if (!quietNames.has(name)) this.requests.push(request);
    const gate = this.#held === undefined ? undefined : new Promise<void>((go) => this.#held?.push(go));
    const previous = peer.turn;
    peer.turn = (async () => {
      await previous;
      await gate;
      // What arrives behind a command that ended the connection is never looked at, as with a server.
      if (!peer.socket.destroyed) this.#give(peer, await this.#answer(request));
    })();
    this.#notify();
  }

  async #answer(request: FakeRequest): Promise<FakeAnswer> {
    const script = this.#once.get(request.name)?.shift() ?? this.#scripts.get(request.name) ?? this.#scripts.get('*');
    return script === undefined ? silence : script(request);
  }

  #give(peer: Peer, answer: FakeAnswer): void {
    if (answer === silence || peer.socket.destroyed) return;
    if (answer === cut) peer.socket.resetAndDestroy();
    else peer.socket.write(answer);
  }

  #notify(): void {
    for (const look of [...this.#watchers]) look();
  }
}

const quietNames: ReadonlySet<string> = new Set(['HELLO', 'AUTH', 'CLIENT', 'READONLY', 'ASKING', 'CLUSTER']);

/** A node name as servers give them: forty characters, the same for the same port. */
export function fakeId(port: number): string {
  return port.toString(16).padStart(40, '0');
}

function slotsRow({ start, end, nodes }: FakeRange): unknown[] {
  return [
    start,
    end,
    ...nodes.map(({ host, port, id }) => [host === undefined ? '127.0.0.1' : host, port, id ?? fakeId(port)]),
  ];
}
