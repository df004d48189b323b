import Denque from 'denque';
import { BareLane } from './bare-lane.ts';
import { type WireCommand, type Wiring, wire } from './wiring.ts';
import type { Workload } from './workloads.ts';

type Resolve = () => void;

/**
 * The floor with one promise a command, for callers that await it as they would a client. What it costs above the floor is
 * what promises cost; what a client costs above it is the client's own doing.
 */
export class PromiseFloor {
  readonly #lanes: readonly BareLane[];
  readonly #calls: readonly (readonly WireCommand[])[];
  /** For each lane the resolvers of what is in flight, the oldest first. */
  readonly #waiting: readonly Denque<Resolve>[];

  static async open(host: string, port: number, workload: Workload): Promise<PromiseFloor> {
    return new PromiseFloor(await wire(host, port, workload));
  }

  private constructor({ sockets, calls }: Wiring) {
    this.#calls = calls;
    const onError = (error: unknown) => {
      throw error;
    };
    this.#waiting = sockets.map(() => new Denque<Resolve>());
    this.#lanes = sockets.map((socket, i) => {
      const waiting = this.#waiting[i] as Denque<Resolve>;
      const settle = (_: BareLane, replies: number): void => {
        for (let reply = 0; reply < replies; reply++) waiting.shift()?.();
      };
      return new BareLane(socket, settle, onError);
    });
  }

  call(i: number): Promise<unknown> {
    const commands = this.#calls[i % this.#calls.length] as readonly WireCommand[];
    return commands.length === 1 ? this.#send(commands[0] as WireCommand) : Promise.all(commands.map(this.#send, this));
  }

  #send({ lane: index, frame }: WireCommand): Promise<void> {
    const lane = this.#lanes[index] as BareLane;
    lane.send(frame);
    return new Promise((resolve) => this.#waiting[index]?.push(resolve));
  }

  close(): void {
    for (const lane of this.#lanes) lane.close();
  }
}
