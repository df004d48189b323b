import type { ClusterClient } from 'slotwise';

/** Counts the visits of pages, at most one per visitor and hour. Tested in visits.test.ts. */
export class Visits {
  readonly #client: ClusterClient;

  constructor(client: ClusterClient) {
    this.#client = client;
  }

  async count(page: string, visitor: string): Promise<boolean> {
    const isNew = await this.#client.set(`visitor:${page}:${visitor}`, '', 'EX', 3_600, 'NX');
    if (isNew === null) return false;
    await this.#client.incr(`visits:${page}`);
    return true;
  }

  async of(page: string): Promise<number> {
    return Number((await this.#client.get(`visits:${page}`)) ?? 0);
  }
}
