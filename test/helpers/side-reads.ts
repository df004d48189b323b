import type { ReadFrom } from '../../src/commands/command.ts';

interface ReadingClient {
  with(options: { readonly readFrom: ReadFrom }): { get(key: string): Promise<string | null> };
}

/** Reads that go on beside the load, over all shards, one every two milliseconds. */
export class SideReads {
  readonly failures: string[] = [];
  answered = 0;
  readonly #running: Promise<void>;
  #isOver = false;

  constructor(client: ReadingClient, readFrom: ReadFrom) {
    this.#running = this.#run(client.with({ readFrom }));
  }

  /** Resolves when the last one has been answered. */
  end(): Promise<void> {
    this.#isOver = true;
    return this.#running;
  }

  async #run(view: { get(key: string): Promise<string | null> }): Promise<void> {
    for (let n = 0; !this.#isOver; n++) {
      try {
        await view.get(`read:${n % 64}`);
        this.answered++;
      } catch (error) {
        this.failures.push(String(error));
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}
