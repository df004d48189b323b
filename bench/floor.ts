import { BareLane } from './bare-lane.ts';
import { type Figures, LatencySample } from './figures.ts';
import { type WireCommand, type Wiring, wire } from './wiring.ts';
import type { Workload } from './workloads.ts';

/*
 * What the same work costs without a client: one bare socket a master, commands encoded before the clock starts, each to
 * the right node, one write a socket and turn of the event loop, replies split and counted but not turned into values, no
 * promise a command. It reads by 'data' events, as programs do; by `onread`, as slotwise does, it would take about a sixth less.
 */

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
