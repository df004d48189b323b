import { nowMs } from './clock.ts';

/** Timers fire at most this often: deadlines that lie closer together are met in one go, this much late at worst. */
const GRAIN_MS = 10;

/**
 * One timer for many deadlines: it fires when the earliest that it was told of is due. It keeps the process alive only if told
 * to: for what somebody waits for and nothing else would bring about.
 */
export class DeadlineTimer {
  readonly #onDue: (now: number) => number;
  readonly #keepsAlive: boolean;
  #timer: NodeJS.Timeout | undefined;
  #earliest = Number.POSITIVE_INFINITY;

  /** `onDue` deals with what is due and returns the next deadline, or Infinity. */
  constructor(onDue: (now: number) => number, options: { readonly keepsAlive?: boolean } = {}) {
    this.#onDue = onDue;
    this.#keepsAlive = options.keepsAlive ?? false;
  }

  /** Makes sure that the timer fires by `deadline` (on the clock of `nowMs()`). */
  note(deadline: number): void {
    if (deadline >= this.#earliest || deadline === Number.POSITIVE_INFINITY) return;
    this.#earliest = deadline;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fire(), Math.min(2 ** 31 - 1, Math.max(GRAIN_MS, deadline - nowMs())));
    if (!this.#keepsAlive) this.#timer.unref();
  }

  #fire(): void {
    this.#timer = undefined;
    this.#earliest = Number.POSITIVE_INFINITY;
    this.note(this.#onDue(nowMs()));
  }

  stop(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#earliest = Number.POSITIVE_INFINITY;
  }
}
