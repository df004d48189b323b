import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

// Plain JavaScript, as a worker has no TypeScript: a node that owns all slots, is asked nothing difficult, and
// answers no GET once it is told to be silent.
const source = `
const { createServer } = require('node:net');
const { parentPort } = require('node:worker_threads');
const bulk = (text) => '$' + text.length + '\\r\\n' + text + '\\r\\n';
let port = 0;
let isSilent = false;
const answers = {
  HELLO: () => '-ERR unknown command\\r\\n',
  GET: (args) => bulk('value of ' + args[1]),
  MGET: (args) => '*' + (args.length - 1) + '\\r\\n' + args.slice(1).map((key) => bulk('value of ' + key)).join(''),
  CLUSTER: (args) => args[1] === 'SLOTS'
    ? '*1\\r\\n*3\\r\\n:0\\r\\n:16383\\r\\n*3\\r\\n' + bulk('127.0.0.1') + ':' + port + '\\r\\n' + bulk('a'.repeat(40))
    : bulk('cluster_current_epoch:1'),
};
const server = createServer((socket) => {
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    const lines = text.split('\\r\\n');
    let replies = '';
    let at = 0;
    for (;;) {
      const count = Number((lines[at] ?? '').slice(1));
      if (!(count > 0) || at + 2 * count + 1 >= lines.length) break;
      const args = Array.from({ length: count }, (_, i) => lines[at + 2 + 2 * i]);
      at += 1 + 2 * count;
      const answer = answers[args[0].toUpperCase()];
      if (!isSilent || answer !== answers.GET) replies += answer === undefined ? '+OK\\r\\n' : answer(args);
    }
    text = lines.slice(at).join('\\r\\n');
    if (replies !== '') socket.write(replies, 'latin1');
  });
});
server.listen(0, '127.0.0.1', () => {
  port = server.address().port;
  parentPort.postMessage(port);
});
parentPort.on('message', () => {
  isSilent = true;
  parentPort.postMessage('silent');
});
`;

/**
 * A cluster of one node in a thread of its own, so that what is counted in the test's thread (promises, timers, writes, heap) is
 * the client's alone.
 */
export class QuietNode {
  readonly #worker: Worker;
  readonly port: number;

  private constructor(worker: Worker, port: number) {
    this.#worker = worker;
    this.port = port;
  }

  static async start(): Promise<QuietNode> {
    const worker = new Worker(source, { eval: true });
    const [port] = (await once(worker, 'message')) as [number];
    return new QuietNode(worker, port);
  }

  /** It answers no GET any more. */
  async fallSilent(): Promise<void> {
    this.#worker.postMessage('silence');
    await once(this.#worker, 'message');
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
