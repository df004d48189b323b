import { SlotwiseError } from '../../src/errors.ts';

/** What the load did to one key, and what that allows the key to hold. One family of commands a cell. */
export interface LoadCell {
  readonly key: string;
  readonly slot: number;
  /** Address of the master that served the key when the load began: the name of its shard throughout. */
  readonly shard: string;
  /** Issues one command of the cell's family. @returns its name and the reply; reports violations itself. */
  issue(): { readonly name: string; readonly reply: Promise<unknown> } | undefined;
  /** What is wrong with the value that the servers hold in the end; undefined if the model allows it. */
  judge(value: unknown): string | undefined;
}

/** The commands that a cell needs: those of a client or of one of its views. */
export interface LoadCommands {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<unknown>;
  incr(key: string): Promise<number | bigint>;
  mget(...keys: string[]): Promise<(string | null)[]>;
  mset(...pairs: string[]): Promise<unknown>;
}

/** Where a cell reports what a client must never do. */
export type ReportViolation = (what: string) => void;

interface CellPlace {
  readonly key: string;
  readonly slot: number;
  readonly shard: string;
}

/** `executed` as a failed command's error says it. */
export function executedOf(error: unknown): string {
  return error instanceof SlotwiseError ? error.executed : `none (${String(error)})`;
}

/**
 * SET of ever higher numbers, several in flight, and GET. An acknowledged number must stay or be followed by a higher one; a
 * number whose SET failed as not executed must never be seen.
 */
export class ValueCell implements LoadCell {
  readonly key: string;
  readonly slot: number;
  readonly shard: string;
  readonly #client: LoadCommands;
  readonly #report: ReportViolation;
  readonly #refused = new Set<number>();
  readonly #seen = new Set<number>();
  #issued = 0;
  #acknowledged = 0;
  #turn = 0;

  constructor(place: CellPlace, client: LoadCommands, report: ReportViolation) {
    ({ key: this.key, slot: this.slot, shard: this.shard } = place);
    this.#client = client;
    this.#report = report;
  }

  issue(): { name: string; reply: Promise<unknown> } {
    return this.#turn++ % 2 === 0 ? { name: 'SET', reply: this.#write() } : { name: 'GET', reply: this.#read() };
  }

  async #write(): Promise<void> {
    const value = ++this.#issued;
    try {
      await this.#client.set(this.key, String(value));
      if (value > this.#acknowledged) this.#acknowledged = value;
    } catch (error) {
      if (executedOf(error) === 'no') this.#refused.add(value);
      throw error;
    }
  }

  async #read(): Promise<void> {
    const atLeast = this.#acknowledged;
    const atMost = this.#issued;
    const value = Number(await this.#client.get(this.key));
    if (value < atLeast) this.#report(`GET ${this.key} gave ${value} after SET ${atLeast} was acknowledged`);
    if (value > atMost) this.#report(`GET ${this.key} gave ${value}, which was issued after it (then at ${atMost})`);
    if (value > 0) this.#seen.add(value);
  }

  judge(value: unknown): string | undefined {
    const last = Number(value ?? 0);
    if (last < this.#acknowledged) return `${this.key} holds ${last}, and SET ${this.#acknowledged} was acknowledged`;
    if (last > this.#issued) return `${this.key} holds ${last}, and only ${this.#issued} were issued`;
    for (const seen of [...this.#seen, last]) {
      if (this.#refused.has(seen)) return `${this.key} held ${seen}, whose SET failed as not executed`;
    }
    return undefined;
  }
}

/** INCR, several in flight. Each acknowledged one counts exactly once; those that ended as unknown at most once. */
export class CounterCell implements LoadCell {
  readonly key: string;
  readonly slot: number;
  readonly shard: string;
  readonly #client: LoadCommands;
  readonly #report: ReportViolation;
  #acknowledged = 0;
  #unknown = 0;
  #highest = 0;

  constructor(place: CellPlace, client: LoadCommands, report: ReportViolation) {
    ({ key: this.key, slot: this.slot, shard: this.shard } = place);
    this.#client = client;
    this.#report = report;
  }

  issue(): { name: string; reply: Promise<unknown> } {
    return { name: 'INCR', reply: this.#count() };
  }

  async #count(): Promise<void> {
    try {
      const count = Number(await this.#client.incr(this.key));
      this.#acknowledged++;
      if (count <= this.#highest) this.#report(`INCR ${this.key} gave ${count} after ${this.#highest}`);
      this.#highest = Math.max(this.#highest, count);
    } catch (error) {
      if (executedOf(error) === 'unknown') this.#unknown++;
      throw error;
    }
  }

  judge(value: unknown): string | undefined {
    const count = Number(value ?? 0);
    if (count < this.#acknowledged) return `${this.key} is ${count}, and ${this.#acknowledged} INCR were acknowledged`;
    const most = this.#acknowledged + this.#unknown;
    if (count > most) return `${this.key} is ${count}: ${this.#acknowledged} acknowledged, ${this.#unknown} unknown`;
    return undefined;
  }
}

/**
 * MSET of one number to two keys of one slot, and MGET of both, one at a time (TRYAGAIN does not keep order): never one key
 * without the other.
 */
export class PairCell implements LoadCell {
  readonly key: string;
  readonly slot: number;
  readonly shard: string;
  readonly #client: LoadCommands;
  readonly #report: ReportViolation;
  readonly #second: string;
  #issued = 0;
  #acknowledged = 0;
  #isBusy = false;
  #isWriting = false;

  /** The second key is the first one with `:b` behind it: the place's key must carry a hash tag. */
  constructor(place: CellPlace, client: LoadCommands, report: ReportViolation) {
    ({ key: this.key, slot: this.slot, shard: this.shard } = place);
    this.#second = `${place.key}:b`;
    this.#client = client;
    this.#report = report;
  }

  issue(): { name: string; reply: Promise<unknown> } | undefined {
    if (this.#isBusy) return undefined;
    this.#isBusy = true;
    this.#isWriting = !this.#isWriting;
    return this.#isWriting ? { name: 'MSET', reply: this.#write() } : { name: 'MGET', reply: this.#read() };
  }

  async #write(): Promise<void> {
    const value = ++this.#issued;
    try {
      await this.#client.mset(this.key, String(value), this.#second, String(value));
      this.#acknowledged = value;
    } finally {
      this.#isBusy = false;
    }
  }

  async #read(): Promise<void> {
    try {
      const [first, second] = await this.#client.mget(this.key, this.#second);
      if (first !== second) this.#report(`MGET ${this.key} gave ${first} and ${second}, which were set together`);
      if (Number(first ?? 0) < this.#acknowledged) {
        this.#report(`MGET ${this.key} gave ${first} after MSET ${this.#acknowledged} was acknowledged`);
      }
    } finally {
      this.#isBusy = false;
    }
  }

  judge(value: unknown): string | undefined {
    const last = Number(value ?? 0);
    if (last >= this.#acknowledged && last <= this.#issued) return undefined;
    return `${this.key} holds ${last}; acknowledged ${this.#acknowledged}, issued ${this.#issued}`;
  }
}
