import { type Link, openLink } from '../../src/connection/link.ts';
import { Latencies } from './latencies.ts';

const EVERY_MS = 5;

/**
 * PING to one node after the other over a bare connection of its own, all the time: how slow node, machine and this process are
 * at a moment, without the client that is being tested.
 */
export class ControlPings {
  readonly latencies = new Latencies();
  readonly #link: Link;
  #isOver = false;

  private constructor(link: Link) {
    this.#link = link;
  }

  static async start(address: string): Promise<ControlPings> {
    const pings = new ControlPings(await openLink(address));
    void pings.#run();
    return pings;
  }

  stop(): void {
    this.#isOver = true;
    this.#link.destroy();
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const sentAt = performance.now();
      try {
        await this.#link.call('PING');
      } catch {
        // The node is gone, or frozen past all deadlines: its story is not the control's.
        return;
      }
      const now = performance.now();
      this.latencies.add(now, now - sentAt);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }
}
