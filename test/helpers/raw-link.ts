import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { ReplyError } from '../../src/errors.ts';
import type { ReplyDecoder, ReplySink } from '../../src/protocol/decoder.ts';
import { Resp2Decoder } from '../../src/protocol/resp2-decoder.ts';
import { Resp3Decoder } from '../../src/protocol/resp3-decoder.ts';

export type RawArgument = string | number | Buffer;

/** Encodes one command as the array of bulk strings that servers expect. */
export function encodeCall(args: readonly RawArgument[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = Buffer.isBuffer(arg) ? arg : Buffer.from(String(arg));
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(parts);
}

interface Waiting {
  resolve(reply: unknown): void;
  reject(error: Error): void;
}

/** A socket and a decoder, nothing else: what a server really answers, before any client has had a hand in it. */
export class RawLink implements ReplySink {
  /** RESP3 pushes that came, oldest first. */
  readonly pushes: (readonly unknown[])[] = [];
  readonly #socket: Socket;
  #decoder: ReplyDecoder;
  readonly #waiting: Waiting[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#decoder = new Resp2Decoder(this);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      try {
        this.#decoder.decode(chunk);
      } catch (error) {
        this.#fail(error instanceof Error ? error : new Error(String(error)));
        socket.destroy();
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.#fail(new Error('The connection was closed.')));
  }

  /** @throws Error when nothing listens there, or the server refuses the protocol. */
  static async open(port: number, protocol: 2 | 3 = 2): Promise<RawLink> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const link = new RawLink(socket);
    if (protocol === 3) {
      link.#decoder = new Resp3Decoder(link);
      await link.call('HELLO', 3);
    }
    return link;
  }

  /** Whether strings in the replies to come are Buffers. */
  set asBuffers(value: boolean) {
    this.#decoder.asBuffers = value;
  }

  /** Sends one command; rejects with the ReplyError if the server answers with one. */
  call(...args: RawArgument[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#socket.write(encodeCall(args));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  onReply(reply: unknown): void {
    this.#waiting.shift()?.resolve(reply);
  }

  onErrorReply(error: ReplyError): void {
    this.#waiting.shift()?.reject(error);
  }

  onPush(push: readonly unknown[]): void {
    this.pushes.push(push);
  }

  #fail(error: Error): void {
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }
}
