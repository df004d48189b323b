import { connect, type Socket } from 'node:net';
import { ReplyCounter } from './reply-counter.ts';

export type Frame = string | Buffer;

/** One socket. Text frames are gathered and written at once; Buffers are written as they are, corked together. */
export class BareLane {
  readonly #socket: Socket;
  readonly #counter = new ReplyCounter();
  #text = '';
  #isWaiting = false;
  sent = 0;
  received = 0;
  /** Replies of a call of which others are still to come. */
  unmatched = 0;
  /** At most one command a lane is timed at a time: the one that is answered as the `timedAt`th. */
  timedAt = -1;
  timedSince = 0;

  constructor(socket: Socket, onReplies: (lane: BareLane, replies: number) => void, onError: (error: unknown) => void) {
    this.#socket = socket;
    socket.on('error', onError);
    socket.on('data', (chunk: Buffer) => {
      try {
        const replies = this.#counter.count(chunk);
        if (replies > 0) onReplies(this, replies);
      } catch (error) {
        onError(error);
      }
    });
  }

  send(frame: Frame): void {
    this.sent++;
    if (!this.#isWaiting) {
      this.#isWaiting = true;
      setImmediate(() => this.#flush());
    }
    if (typeof frame === 'string') {
      this.#text += frame;
      return;
    }
    if (this.#text === '' && this.#socket.writableCorked === 0) this.#socket.cork();
    this.#socket.write(frame);
  }

  #flush(): void {
    this.#isWaiting = false;
    if (this.#text !== '') {
      this.#socket.write(this.#text, 'latin1');
      this.#text = '';
    }
    while (this.#socket.writableCorked > 0) this.#socket.uncork();
  }

  close(): void {
    this.#socket.destroy();
  }
}

export async function dial(address: string): Promise<Socket> {
  const [host, port] = address.split(':');
  const socket = connect({ host: host ?? '', port: Number(port) });
  socket.setNoDelay(true);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}
