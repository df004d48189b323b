import type { Socket } from 'node:net';
import Denque from 'denque';
import RedisParser from 'redis-parser';
import { keySlot } from '../src/slots/key-slot.ts';
import { dial } from './bare-lane.ts';
import { readSlotOwners } from './fixtures.ts';
import type { Operations } from './operations.ts';

function unable(): never {
  throw new Error('the prototype knows GET and SET only');
}

type Resolve = (reply: unknown) => void;

/** One socket with the simplest client around it: text to write, promises to resolve, redis-parser. */
class PrototypeLane {
  readonly #socket: Socket;
  readonly #inFlight = new Denque<Resolve>();
  #text = '';

  constructor(socket: Socket) {
    this.#socket = socket;
    const fail = (error: Error): never => {
      throw error;
    };
    const parser = new RedisParser({
      returnReply: (reply: unknown) => this.#inFlight.shift()?.(reply),
      returnError: fail,
      returnFatalError: fail,
    });
    socket.on('data', (chunk: Buffer) => parser.execute(chunk));
  }

  send(encoded: string): Promise<unknown> {
    if (this.#text === '') setImmediate(() => this.#flush());
    this.#text += encoded;
    return new Promise((resolve) => this.#inFlight.push(resolve));
  }

  #flush(): void {
    this.#socket.write(this.#text, 'latin1');
    this.#text = '';
  }

  close(): void {
    this.#socket.destroy();
  }
}

/**
 * The least that gives a caller the value of a key of any slot: CRC16, a table, one promise, one string, one flush a turn,
 * redis-parser. ASCII only, and without all that a client is for: errors, redirects, order, deadlines, bounds, reconnects.
 */
export class Prototype implements Operations {
  readonly #lanes: readonly PrototypeLane[];
  readonly #laneOfSlot: readonly PrototypeLane[];

  static async open(host: string, port: number): Promise<Prototype> {
    const ownerOf = await readSlotOwners(`${host}:${port}`);
    const owners = Array.from({ length: 16384 }, (_, slot) => ownerOf(slot));
    const lanes = new Map<string, PrototypeLane>();
    for (const address of new Set(owners)) lanes.set(address, new PrototypeLane(await dial(address)));
    return new Prototype(owners.map((address) => lanes.get(address) as PrototypeLane));
  }

  private constructor(laneOfSlot: readonly PrototypeLane[]) {
    this.#laneOfSlot = laneOfSlot;
    this.#lanes = [...new Set(laneOfSlot)];
  }

  get(key: string): Promise<unknown> {
    return this.#laneOf(key).send(`*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`);
  }

  set(key: string, value: string | Buffer): Promise<unknown> {
    if (typeof value !== 'string') unable();
    return this.#laneOf(key).send(`*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${value.length}\r\n${value}\r\n`);
  }

  readonly getBuffer = unable;
  readonly mget = unable;
  readonly incr = unable;
  readonly lrange = unable;
  readonly hgetall = unable;
  readonly xrange = unable;

  #laneOf(key: string): PrototypeLane {
    return this.#laneOfSlot[keySlot(key)] as PrototypeLane;
  }

  close(): void {
    for (const lane of this.#lanes) lane.close();
  }
}
