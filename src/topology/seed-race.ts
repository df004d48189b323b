import type { ConnectionOptions } from '../connection/connection-options.ts';
import { resolveSeed } from '../connection/connector.ts';
import { type OpeningLink, startLink } from '../connection/link.ts';
import { ClusterError, SlotwiseError } from '../errors.ts';
import { type Address, formatAddress } from '../util/address.ts';
import type { MapAddress } from './parse-slots.ts';
import { askView, type View } from './view.ts';

/** A seed that has not answered after this long no longer holds up the next one. */
const NEXT_SEED_AFTER_MS = 250;

/** One address that was tried, and why it gave no view. */
interface SeedFailure {
  readonly address: string;
  readonly error: Error;
}

/** Codes of failures that waiting does not cure: the caller has to change something. */
const permanentCodes: ReadonlySet<string> = new Set(['NOAUTH', 'WRONGPASS', 'NOPERM', 'CLUSTER_DISABLED']);

/** No seed gave a view. `message` lists each address with its reason. */
export class NoSeedError extends ClusterError {
  /** Every failure is one that only a change of configuration can cure. */
  readonly isPermanent: boolean;

  constructor(failures: readonly SeedFailure[]) {
    const reasons = failures.map(({ address, error }) => {
      const { message } = error;
      return message.startsWith(address) ? message : `${address}: ${message}`;
    });
    super('NO_SEED', `no seed gave the cluster's slots: ${reasons.join('; ') || 'no seeds'}`, {
      cause: new AggregateError(failures.map((failure) => failure.error)),
    });
    this.isPermanent =
      failures.length > 0 &&
      failures.every(({ error }) => error instanceof SlotwiseError && permanentCodes.has(error.code));
  }
}

/**
 * Finds the first view that one of the seeds gives. They are tried in order, each a little after the one before, or at once
 * when that has failed; nobody waits for a dead one. All other attempts are dropped when one succeeds; when none does, `view`
 * rejects with a {@link NoSeedError}.
 */
export class SeedRace {
  readonly view: Promise<View>;
  readonly #options: ConnectionOptions;
  readonly #mapAddress: MapAddress | undefined;
  readonly #isPreferred: (view: View) => boolean;
  #declined: View | undefined;
  readonly #queue: Address[];
  readonly #failures: SeedFailure[] = [];
  readonly #links = new Set<OpeningLink>();
  /** Seeds that were asked and have not answered. */
  readonly #unanswered = new Set<string>();
  #running = 0;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;
  #resolve!: (view: View) => void;
  #reject!: (error: Error) => void;

  /** Views that `isPreferred` declines count only when no other is found. */
  constructor(
    seeds: readonly Address[],
    options: ConnectionOptions,
    mapAddress: MapAddress | undefined,
    isPreferred: (view: View) => boolean = () => true,
  ) {
    this.#isPreferred = isPreferred;
    this.#options = options;
    this.#mapAddress = mapAddress;
    this.#queue = [...seeds];
    this.view = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#next();
  }

  /** Why there is no view yet: the failures so far, and who has not answered. */
  get trouble(): NoSeedError {
    const waiting = [...this.#unanswered].map((address) => ({
      address,
      error: new Error(`${address}: no answer yet`),
    }));
    return new NoSeedError([...this.#failures, ...waiting]);
  }

  /** Drops all attempts; `view` is rejected. */
  cancel(): void {
    this.#finish();
    this.#reject(new NoSeedError(this.#failures));
  }

  #end(): void {
    if (this.#declined === undefined) this.cancel();
    else this.#succeed(this.#declined);
  }

  #succeed(view: View): void {
    this.#finish();
    this.#resolve(view);
  }

  #next(): void {
    clearTimeout(this.#timer);
    const seed = this.#queue.shift();
    if (seed === undefined) {
      if (this.#running === 0 && !this.#isOver) this.#end();
      return;
    }
    this.#running++;
    this.#timer = setTimeout(() => this.#next(), NEXT_SEED_AFTER_MS);
    void this.#try(seed);
  }

  async #try(seed: Address): Promise<void> {
    const address = formatAddress(seed.host, seed.port);
    this.#unanswered.add(address);
    try {
      const [first = seed, ...others] = await resolveSeed(seed);
      // The other addresses of a name take their turns right after the first.
      this.#queue.unshift(...others.filter((other) => other.host !== first.host));
      await this.#ask(first);
    } catch (error) {
      this.#failures.push({ address, error: error as Error });
    }
    this.#unanswered.delete(address);
    this.#running--;
    if (!this.#isOver) this.#next();
  }

  async #ask(seed: Address): Promise<void> {
    if (this.#isOver) return;
    const opening = startLink(seed, this.#options, this.#options.connectTimeoutMs);
    this.#links.add(opening);
    try {
      const link = await opening.opened;
      const view = await askView(
        (subcommand) => link.call('CLUSTER', subcommand),
        seed.host,
        link.address,
        this.#mapAddress,
      );
      if (this.#isOver) return;
      if (this.#isPreferred(view)) this.#succeed(view);
      else this.#declined ??= view;
    } finally {
      opening.destroy();
      this.#links.delete(opening);
    }
  }

  #finish(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    for (const link of this.#links) link.destroy();
  }
}
