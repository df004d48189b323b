import { connect, type Socket } from 'node:net';
import Denque from 'denque';
import { keySlot } from '../src/slots/key-slot.ts';
import type { Figures } from './figures.ts';
import { LatencySample } from './figures.ts';
import { readSlotOwners } from './fixtures.ts';
import type { Workload } from './workloads.ts';

/*
 * What the same work costs without a client: one bare socket a master, commands encoded before the clock starts, each to
 * the right node, one write a socket and turn of the event loop, replies split and counted but not turned into values, no
 * promise a command. Nothing that keeps Node's sockets can be cheaper than this, up to noise.
 */

/** Counts the replies in a stream of RESP2 bytes, however it is cut. */
export class ReplyCounter {
  /** Bytes of a bulk string, line end included, that are still to come. */
  #toSkip = 0;
  /** Type byte of the line being read; 0 between lines. */
  #type = 0;
  #number = 0;
  #isNegative = false;
  /** Elements that the current reply still lacks. */
  #open = 1;

  /** How many replies end within `chunk`. @throws Error on an error reply: then there is nothing to measure. */
  count(chunk: Buffer): number {
    let replies = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.#toSkip > 0) {
        const step = Math.min(this.#toSkip, chunk.length - at);
        at += step;
        this.#toSkip -= step;
        if (this.#toSkip === 0) replies += this.#endElement();
        continue;
      }
      const byte = chunk[at++] as number;
      if (this.#type === 0) {
        if (byte === 0x2d) throw new Error(`the server said ${chunk.toString('latin1', at, at + 100)}`);
        this.#type = byte;
        this.#number = 0;
        this.#isNegative = false;
      } else if (byte === 0x0a) replies += this.#endLine();
      else if (byte === 0x2d) this.#isNegative = true;
      else if (byte !== 0x0d) this.#number = this.#number * 10 + byte - 0x30;
    }
    return replies;
  }

  #endLine(): number {
    const type = this.#type;
    this.#type = 0;
    if (this.#isNegative) return this.#endElement();
    if (type === 0x24) {
      this.#toSkip = this.#number + 2;
      return 0;
    }
    if (type === 0x2a && this.#number > 0) {
      this.#open += this.#number - 1;
      return 0;
    }
    return this.#endElement();
  }

  #endElement(): number {
    if (--this.#open > 0) return 0;
    this.#open = 1;
    return 1;
  }
}

type Frame = string | Buffer;

interface WireCommand {
  readonly lane: number;
  readonly frame: Frame;
}

/** One socket. Text frames are gathered and written at once; Buffers are written as they are, corked together. */
class BareLane {
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

function encode(parts: readonly (string | Buffer)[]): Frame {
  const pieces: Buffer[] = [Buffer.from(`*${parts.length}\r\n`)];
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    pieces.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  const whole = Buffer.concat(pieces);
  return parts.some((part) => typeof part !== 'string') ? whole : whole.toString('latin1');
}

async function dial(address: string): Promise<Socket> {
  const [host, port] = address.split(':');
  const socket = connect({ host: host ?? '', port: Number(port) });
  socket.setNoDelay(true);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

/** One socket a master, and the calls of one cycle encoded, each as its commands; longer runs start again from the first. */
interface Wiring {
  readonly sockets: readonly Socket[];
  readonly calls: readonly (readonly WireCommand[])[];
}

async function wire(host: string, port: number, workload: Workload): Promise<Wiring> {
  const ownerOf = await readSlotOwners(`${host}:${port}`);
  const addresses = [...new Set(Array.from({ length: 16384 }, (_, slot) => ownerOf(slot)))];
  const sockets = await Promise.all(addresses.map(dial));
  let lane = -1;
  // Every benchmark key says so. MULTI and EXEC have none and go where the keys of their call go.
  const laneOf = (parts: readonly (string | Buffer)[] | undefined): number => {
    const key = parts?.find((part) => typeof part === 'string' && part.includes('bench:'));
    return key === undefined ? lane : addresses.indexOf(ownerOf(keySlot(key)));
  };
  const encodeCall = (commands: readonly (readonly (string | Buffer)[])[]): WireCommand[] => {
    lane = laneOf(commands.find((parts) => parts.length > 1));
    return commands.map((parts) => ({ lane: laneOf(parts), frame: encode(parts) }));
  };
  const isLarge = (workload.valueBytes ?? 0) > 100_000;
  const cycle = isLarge ? 16 : Math.max(16, Math.ceil(8192 / workload.commandsPerCall));
  return { sockets, calls: Array.from({ length: cycle }, (_, i) => encodeCall(workload.wire?.(i) ?? [])) };
}

/** Runs one workload over bare sockets. */
export class Floor {
  readonly #workload: Workload;
  readonly #lanes: readonly BareLane[];
  readonly #calls: readonly (readonly WireCommand[])[];
  readonly #repliesPerCall: number;
  #latencies = new LatencySample();
  #toIssue = 0;
  #issued = 0;
  #outstanding = 0;
  #batchSince = 0;
  #finish: (error?: unknown) => void = () => {};

  static async open(host: string, port: number, workload: Workload): Promise<Floor> {
    return new Floor(workload, await wire(host, port, workload));
  }

  private constructor(workload: Workload, { sockets, calls }: Wiring) {
    this.#workload = workload;
    this.#calls = calls;
    this.#repliesPerCall = calls[0]?.length ?? 1;
    const isSpread = calls.some((commands) => commands.some(({ lane }) => lane !== commands[0]?.lane));
    const onReplies = isSpread ? this.#onBatchReplies.bind(this) : this.#onReplies.bind(this);
    const onError = (error: unknown) => this.#finish(error);
    this.#lanes = sockets.map((socket) => new BareLane(socket, onReplies, onError));
  }

  async run(calls: number, sampleEvery: number): Promise<Figures> {
    this.#latencies = new LatencySample(sampleEvery);
    this.#toIssue = calls;
    this.#issued = 0;
    this.#outstanding = 0;
    const ended = new Promise<void>((resolve, reject) => {
      this.#finish = (error) => (error === undefined ? resolve() : reject(error));
    });
    const cpu = process.cpuUsage();
    const start = performance.now();
    for (let i = 0; i < this.#workload.inFlight && this.#issued < calls; i++) this.#issue();
    await ended;
    const elapsedMs = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    return this.#latencies.figures(calls, elapsedMs, (user + system) / 1000);
  }

  #issue(): void {
    const commands = this.#calls[this.#issued % this.#calls.length] as readonly WireCommand[];
    const isTimed = this.#latencies.isDue(this.#issued);
    this.#issued++;
    this.#outstanding += commands.length;
    for (let i = 0; i < commands.length; i++) {
      const { lane: index, frame } = commands[i] as WireCommand;
      const lane = this.#lanes[index] as BareLane;
      lane.send(frame);
      if (!isTimed || i > 0 || lane.timedAt >= 0) continue;
      lane.timedAt = lane.sent + commands.length - 1;
      lane.timedSince = performance.now();
    }
  }

  /** Calls whose commands all go to one node: each answered call makes room for the next. */
  #onReplies(lane: BareLane, replies: number): void {
    lane.received += replies;
    if (lane.timedAt >= 0 && lane.received >= lane.timedAt) {
      this.#latencies.add(performance.now() - lane.timedSince);
      lane.timedAt = -1;
    }
    this.#outstanding -= replies;
    lane.unmatched += replies;
    for (; lane.unmatched >= this.#repliesPerCall; lane.unmatched -= this.#repliesPerCall) {
      if (this.#issued < this.#toIssue) this.#issue();
    }
    if (this.#outstanding === 0) this.#finish();
  }

  /** Calls whose commands go to several nodes, one at a time: the next begins when all are answered. */
  #onBatchReplies(lane: BareLane, replies: number): void {
    lane.received += replies;
    lane.timedAt = -1;
    this.#outstanding -= replies;
    if (this.#outstanding > 0) return;
    if (this.#batchSince > 0) this.#latencies.add(performance.now() - this.#batchSince);
    this.#batchSince = performance.now();
    if (this.#issued < this.#toIssue) this.#issue();
    else {
      this.#batchSince = 0;
      this.#finish();
    }
  }

  close(): void {
    for (const lane of this.#lanes) lane.close();
  }
}

type Resolve = () => void;

/**
 * The floor with one promise a command, for callers that await it as they would a client. What it costs above the floor is
 * what promises cost; what a client costs above it is the client's own doing.
 */
export class PromiseFloor {
  readonly #lanes: readonly BareLane[];
  readonly #calls: readonly (readonly WireCommand[])[];
  /** Per lane: the resolvers of what is in flight, the oldest first. */
  readonly #waiting = new Map<BareLane, Denque<Resolve>>();

  static async open(host: string, port: number, workload: Workload): Promise<PromiseFloor> {
    return new PromiseFloor(await wire(host, port, workload));
  }

  private constructor({ sockets, calls }: Wiring) {
    this.#calls = calls;
    const onError = (error: unknown) => {
      throw error;
    };
    this.#lanes = sockets.map((socket) => new BareLane(socket, this.#onReplies.bind(this), onError));
    for (const lane of this.#lanes) this.#waiting.set(lane, new Denque());
  }

  call(i: number): Promise<unknown> {
    const commands = this.#calls[i % this.#calls.length] as readonly WireCommand[];
    return commands.length === 1 ? this.#send(commands[0] as WireCommand) : Promise.all(commands.map(this.#send, this));
  }

  #send({ lane: index, frame }: WireCommand): Promise<void> {
    const lane = this.#lanes[index] as BareLane;
    lane.send(frame);
    return new Promise((resolve) => this.#waiting.get(lane)?.push(resolve));
  }

  #onReplies(lane: BareLane, replies: number): void {
    const waiting = this.#waiting.get(lane);
    for (let i = 0; i < replies; i++) waiting?.shift()?.();
  }

  close(): void {
    for (const lane of this.#lanes) lane.close();
  }
}
