import type { ClusterClient } from '../../src/client/cluster-client.ts';
import { SlotwiseError } from '../../src/errors.ts';

const TURN_MS = 10;
const KEYS = 200;

/**
 * What a service does beside its plain reads and writes: calls over several slots, reads from replicas, calls that are aborted
 * or have little time. Failures of the latter are wanted; any error that is not ours, or tells nonsense, is a violation.
 */
export class SideLoad {
  readonly violations: string[] = [];
  settled = 0;
  failed = 0;
  readonly #client: ClusterClient;
  readonly #pending = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #turn = 0;

  constructor(client: ClusterClient) {
    this.#client = client;
    this.#timer = setInterval(() => this.#issue(), TURN_MS);
  }

  /** Issues no more and resolves when everything is settled. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
  }

  #issue(): void {
    if (this.#pending.size > 2_000) return;
    const client = this.#client;
    const turn = this.#turn++;
    const keys = [0, 1, 2, 3].map((i) => `side:${(turn * 7 + i * 31) % KEYS}`);
    const [key = 'side'] = keys;
    switch (turn % 8) {
      case 0:
        this.#watch(client.mset(Object.fromEntries(keys.map((each) => [each, each]))));
        break;
      case 1:
        this.#watch(client.mget(keys), (values) => this.#checkValues(keys, values));
        break;
      case 2:
        this.#watch(client.with({ readFrom: 'replica' }).get(key), (value) => this.#checkValues([key], [value]));
        break;
      case 3:
        this.#watch(client.with({ readFrom: 'preferReplica' }).exists(...keys));
        break;
      case 4:
        this.#watch(client.with({ timeoutMs: 20 }).set(key, key));
        break;
      case 5: {
        const controller = new AbortController();
        setTimeout(() => controller.abort(), 2);
        this.#watch(client.with({ signal: controller.signal }).mget(keys));
        break;
      }
      case 6:
        this.#watch(client.hset(`${key}:hash`, { a: turn, b: 'x'.repeat(2_000) }));
        break;
      default:
        this.#watch(client.with({ idempotent: true }).del(keys));
    }
  }

  #watch<T>(reply: Promise<T>, check?: (value: T) => void): void {
    const done: Promise<void> = reply
      .then(
        (value) => check?.(value),
        (error: unknown) => this.#checkError(error),
      )
      .then(() => {
        this.settled++;
        this.#pending.delete(done);
      });
    this.#pending.add(done);
  }

  #checkValues(keys: readonly string[], values: readonly (string | null)[]): void {
    for (const [i, key] of keys.entries()) {
      const value = values[i];
      if (value !== null && value !== key) this.violations.push(`${key} was answered ${String(value)}`);
    }
  }

  #checkError(error: unknown): void {
    this.failed++;
    if (!(error instanceof SlotwiseError)) this.violations.push(`an error that is not ours: ${String(error)}`);
    else if (error.message.includes('side:')) this.violations.push(`an error that tells a key: ${error.message}`);
  }
}
