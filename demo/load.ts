import { type ClusterClient, keySlot, SlotwiseError } from 'slotwise';

/** So many commands every 5 ms, up to 5,000 a second, whatever the cluster does meanwhile. */
const TICK_MS = 5;
const PER_TICK = 25;

/** One key under load, and everything that was ever promised about it. */
interface LoadKey {
  readonly name: string;
  readonly slot: number;
  /** Highest version that has been sent in a `set`. */
  issued: number;
  /** Highest version that a server has acknowledged. */
  acknowledged: number;
}

/** One counter: `incr` must count once for each acknowledgement, and at most once more for each unknown outcome. */
interface LoadCounter {
  readonly name: string;
  acknowledged: number;
  unknown: number;
}

/** What the callers of a load have seen. */
export interface LoadReport {
  readonly commands: number;
  readonly acknowledgedWrites: number;
  /** Writes that were rejected with `executed: 'unknown'`: in flight when their connection was lost. */
  readonly unknownWrites: number;
  /** All other rejections, each as its code and message, with how often. */
  readonly errors: ReadonlyMap<string, number>;
  /** Reads that gave a version older than one that had been acknowledged before they were issued. */
  readonly staleReads: number;
}

/** What is in the cluster afterwards, compared with what was acknowledged. */
export interface Audit {
  readonly keys: number;
  readonly lostWrites: number;
  readonly countedTwice: number;
}

/**
 * A steady load of writes, reads and counters with a model of what was acknowledged. Commands are issued by the clock, not
 * when the one before is answered, as the requests of a service's users are.
 */
export class Load {
  readonly #client: ClusterClient;
  readonly #keys: readonly LoadKey[];
  readonly #bySlot = new Map<number, LoadKey[]>();
  readonly #counters: readonly LoadCounter[];
  readonly #open = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;
  #commands = 0;
  #acknowledgedWrites = 0;
  #unknownWrites = 0;
  #staleReads = 0;
  readonly #errors = new Map<string, number>();

  /** @param name begins all keys, so that loads do not share any */
  constructor(client: ClusterClient, name: string, keySlots: (slot: number) => boolean, keys: number) {
    this.#client = client;
    this.#keys = makeKeys(name, keySlots, keys);
    for (const key of this.#keys) {
      const sharing = this.#bySlot.get(key.slot);
      if (sharing === undefined) this.#bySlot.set(key.slot, [key]);
      else sharing.push(key);
    }
    this.#counters = Array.from({ length: 100 }, (_, i) => ({
      name: `${name}:counter:${i}`,
      acknowledged: 0,
      unknown: 0,
    }));
  }

  start(): void {
    this.#timer = setInterval(() => {
      for (let i = 0; i < PER_TICK; i++) this.#issueNext();
    }, TICK_MS);
  }

  /** Issues nothing more, and resolves when everything is answered. */
  async stop(): Promise<LoadReport> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    return {
      commands: this.#commands,
      acknowledgedWrites: this.#acknowledgedWrites,
      unknownWrites: this.#unknownWrites,
      errors: this.#errors,
      staleReads: this.#staleReads,
    };
  }

  /** Writes and reads a key of this slot, and resolves when both are answered. */
  async touch(slot: number): Promise<void> {
    const sharing = this.#bySlot.get(slot);
    const key = sharing?.[this.#turn++ % sharing.length];
    if (key !== undefined) await Promise.all([this.#write(key), this.#read(key)]);
  }

  /** Reads everything back. Only for a load that has stopped. */
  async audit(): Promise<Audit> {
    const audited = { keys: this.#keys.length, lostWrites: 0, countedTwice: 0 };
    await Promise.all([
      ...this.#keys.map(async (key) => {
        const version = Number((await this.#client.get(key.name)) ?? 0);
        if (version < key.acknowledged || version > key.issued) audited.lostWrites++;
      }),
      ...this.#counters.map(async (counter) => {
        const count = Number((await this.#client.get(counter.name)) ?? 0);
        if (count < counter.acknowledged) audited.lostWrites++;
        if (count > counter.acknowledged + counter.unknown) audited.countedTwice++;
      }),
    ]);
    return audited;
  }

  #issueNext(): void {
    const turn = this.#turn++;
    const key = this.#keys[Math.floor(Math.random() * this.#keys.length)];
    const counter = this.#counters[turn % this.#counters.length];
    if (key === undefined || counter === undefined) return;
    if (turn % 5 < 2) void this.#write(key);
    else if (turn % 5 < 4) void this.#read(key);
    else void this.#increment(counter);
  }

  #write(key: LoadKey): Promise<void> {
    const version = ++key.issued;
    return this.#follow(
      this.#client.set(key.name, String(version)).then(() => {
        this.#acknowledgedWrites++;
        key.acknowledged = Math.max(key.acknowledged, version);
      }),
      () => {},
    );
  }

  #read(key: LoadKey): Promise<void> {
    const expected = key.acknowledged;
    return this.#follow(
      this.#client.get(key.name).then((version) => {
        if (Number(version ?? 0) < expected) this.#staleReads++;
      }),
      () => {},
    );
  }

  #increment(counter: LoadCounter): Promise<void> {
    return this.#follow(
      this.#client.incr(counter.name).then(() => {
        this.#acknowledgedWrites++;
        counter.acknowledged++;
      }),
      () => {
        counter.unknown++;
      },
    );
  }

  /** Waits for one call and notes how it ended; never rejects. */
  #follow(call: Promise<void>, onUnknown: () => void): Promise<void> {
    this.#commands++;
    const followed = call.catch((error: unknown) => {
      if (error instanceof SlotwiseError && error.executed === 'unknown') {
        this.#unknownWrites++;
        onUnknown();
      } else {
        const text = error instanceof SlotwiseError ? `${error.code}: ${error.message}` : String(error);
        this.#errors.set(text, (this.#errors.get(text) ?? 0) + 1);
      }
    });
    const open = followed.finally(() => this.#open.delete(open));
    this.#open.add(open);
    return open;
  }
}

/** Keys whose slots are wanted, by trying numbers. */
function makeKeys(name: string, isWanted: (slot: number) => boolean, count: number): LoadKey[] {
  const keys: LoadKey[] = [];
  for (let i = 0; keys.length < count; i++) {
    const slot = keySlot(`${name}:${i}`);
    if (isWanted(slot)) keys.push({ name: `${name}:${i}`, slot, issued: 0, acknowledged: 0 });
  }
  return keys;
}
