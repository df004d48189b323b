import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** Nothing passes any more, in either direction, and neither side is told. */
  isDead: boolean;
}

/** What a proxy does with replies: hands them on, or keeps the next one and cuts its connection. */
type Replies = 'passed' | 'lost';

/**
 * A TCP proxy before one server, for what happens to connections on their way: cut, gone silent, replies lost. The client reaches
 * servers through proxies with its option `natMap`; see {@link proxyAll}.
 */
export class TcpProxy {
  readonly port: number;
  readonly address: string;
  /** Connections ever accepted. */
  accepted = 0;
  /** Replies that were kept from the client. */
  lost = 0;
  readonly #target: number;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #replies: Replies = 'passed';
  #isReading = true;

  private constructor(server: Server, port: number, target: number) {
    this.#server = server;
    this.port = port;
    this.address = `127.0.0.1:${port}`;
    this.#target = target;
    server.on('connection', (socket) => this.#accept(socket));
  }

  /** Listens on a free port of 127.0.0.1 and carries everything to `target`, a port of 127.0.0.1. */
  static async start(target: number): Promise<TcpProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
    return new TcpProxy(server, address.port, target);
  }

  /** Connections that are open now, dead ones included. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** As a NAT that forgets: open connections carry nothing any more and stay open; new ones work. */
  forget(): void {
    for (const pair of this.#pairs) pair.isDead = true;
  }

  /** Bytes that clients send stay in the kernel, then with the client, until {@link resume}. */
  stopReading(): void {
    this.#isReading = false;
    for (const { client } of this.#pairs) client.pause();
  }

  resume(): void {
    this.#isReading = true;
    for (const { client } of this.#pairs) client.resume();
  }

  /** The server executes what comes next and answers; the answer is kept, and the connection cut in its place. */
  loseNextReply(): void {
    this.#replies = 'lost';
  }

  /** Ends every open connection at once. */
  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy();
      server.destroy();
    }
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }

  #accept(client: Socket): void {
    this.accepted++;
    const server = connect({ host: '127.0.0.1', port: this.#target, noDelay: true });
    client.setNoDelay(true);
    const pair: Pair = { client, server, isDead: false };
    this.#pairs.add(pair);
    client.on('data', (bytes) => {
      if (!pair.isDead) server.write(bytes);
    });
    server.on('data', (bytes) => this.#onReply(pair, bytes));
    if (!this.#isReading) client.pause();
    for (const [side, other] of [
      [client, server],
      [server, client],
    ] as const) {
      side.on('error', () => undefined);
      side.on('close', () => {
        if (!pair.isDead || side === client) other.destroy();
        if (client.destroyed) this.#pairs.delete(pair);
      });
    }
  }

  #onReply(pair: Pair, bytes: Buffer): void {
    if (pair.isDead) return;
    if (this.#replies === 'passed') {
      pair.client.write(bytes);
      return;
    }
    this.#replies = 'passed';
    this.lost++;
    pair.client.resetAndDestroy();
    pair.server.destroy();
  }
}

/** A proxy before each of these servers, by the server's address, and the `natMap` that leads a client through them. */
export interface ProxiedServers {
  readonly proxies: ReadonlyMap<string, TcpProxy>;
  readonly natMap: Readonly<Record<string, string>>;
  /** The proxy before the server at this address. */
  before(server: { readonly address: string }): TcpProxy;
  stop(): Promise<void>;
}

export async function proxyAll(
  servers: readonly { readonly address: string; readonly port: number }[],
): Promise<ProxiedServers> {
  const proxies = new Map<string, TcpProxy>();
  for (const { address, port } of servers) proxies.set(address, await TcpProxy.start(port));
  const natMap = Object.fromEntries([...proxies].map(([address, proxy]) => [address, proxy.address]));
  return {
    proxies,
    natMap,
    before({ address }) {
      const proxy = proxies.get(address);
      if (proxy === undefined) throw new Error(`There is no proxy before ${address}.`);
      return proxy;
    },
    async stop() {
      await Promise.all([...proxies.values()].map((proxy) => proxy.stop()));
    },
  };
}
