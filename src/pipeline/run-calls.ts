import type { Call } from './call.ts';
import type { Caller } from './caller.ts';
import { issueCall } from './issue-call.ts';
import type { Outcome } from './outcome.ts';

/** Calls of one run that are issued and not answered: beyond these numbers the next ones wait until half of them are. */
const MAX_UNANSWERED = 8192;
const MAX_UNANSWERED_BYTES = 4 * 1024 * 1024;

/**
 * Makes calls, each for itself, and resolves with their outcomes in the same order; never rejects.
 *
 * They are issued in order and, up to a limit, all in the same turn, so that they leave in one write a node. Beyond the limit
 * they follow as others are answered: any number of calls takes a bounded part of `maxPending` and of what is written at a time.
 */
export function runCalls(caller: Caller, calls: readonly Call[]): Promise<Outcome[]> {
  if (calls.length === 0) return Promise.resolve([]);
  return new Promise((resolve) => new CallRun(caller, calls, resolve).advance());
}

class CallRun {
  readonly #caller: Caller;
  readonly #calls: readonly Call[];
  readonly #onEnd: (outcomes: Outcome[]) => void;
  readonly #outcomes: Outcome[];
  #issued = 0;
  #unanswered = 0;
  /** Issued since the last pause. */
  #bytes = 0;
  /** The pause ends when no more than so many are unanswered. */
  #resumeAt = 0;
  #isIssuing = false;

  constructor(caller: Caller, calls: readonly Call[], onEnd: (outcomes: Outcome[]) => void) {
    this.#caller = caller;
    this.#calls = calls;
    this.#onEnd = onEnd;
    this.#outcomes = new Array(calls.length);
  }

  advance(): void {
    this.#isIssuing = true;
    while (this.#issued < this.#calls.length && this.#hasRoom()) this.#issue(this.#issued++);
    this.#isIssuing = false;
    this.#bytes = 0;
    this.#resumeAt = this.#unanswered >> 1;
    if (this.#unanswered === 0) this.#onEnd(this.#outcomes);
  }

  /** With nothing of its own on the way there is nothing to wait for: then the client's own bound decides. */
  #hasRoom(): boolean {
    if (this.#unanswered === 0) return true;
    if (this.#unanswered >= MAX_UNANSWERED || this.#bytes >= MAX_UNANSWERED_BYTES) return false;
    return !this.#caller.executor.isFull;
  }

  #issue(index: number): void {
    this.#unanswered++;
    this.#bytes += issueCall(
      this.#caller,
      this.#calls[index] as Call,
      (reply) => this.#settle(index, [null, reply]),
      (error) => this.#settle(index, [error, undefined]),
    );
  }

  #settle(index: number, outcome: Outcome): void {
    this.#outcomes[index] = outcome;
    this.#unanswered--;
    if (this.#isIssuing) return;
    const isOver = this.#issued === this.#calls.length;
    if (isOver ? this.#unanswered === 0 : this.#unanswered <= this.#resumeAt) this.advance();
  }
}
