import { setTimeout as sleep } from 'node:timers/promises';
import { slotOf } from '../cluster/key-slots.ts';
import type { Key } from '../commands/argument-types.ts';
import { flattenArguments } from '../commands/arguments.ts';
import { type CallSettings, Command } from '../commands/command.ts';
import { CommandFlag, type CommandSpec, type WireArgument } from '../commands/command-spec.ts';
import { specNamed } from '../commands/command-table.ts';
import { prefixKeys } from '../commands/keys.ts';
import type { Lease } from '../commands/lease.ts';
import { CommandTimeoutError, type ErrorFacts, TransactionAbortedError, UsageError } from '../errors.ts';
import type { Caller } from '../pipeline/caller.ts';
import { backoffMs } from '../util/backoff.ts';
import { nowMs } from '../util/clock.ts';
import { WatchedKeys } from './watched-keys.ts';

/** What a watch does with the keys: read, then `return tx.multi()….exec()`. */
export type WatchBody<T> = (tx: WatchedKeys) => Promise<T> | T;

export interface WatchOptions {
  /** How often to begin again when somebody else has changed a watched key. Default: 16. */
  readonly retries?: number | undefined;
}

const DEFAULT_RETRIES = 16;
/** WATCH as it is treated here: it changes nothing but its own connection. */
const watchSpec: CommandSpec = { ...specNamed('WATCH'), flags: CommandFlag.readOnly };

/**
 * Runs `body` with the keys watched, again and again until nobody else has changed them between its reads and its `exec`.
 * @throws see `ClusterView.watch`.
 */
export async function runWatch<T>(
  caller: Caller,
  keys: Key | readonly Key[],
  body: WatchBody<T>,
  { retries = DEFAULT_RETRIES }: WatchOptions,
): Promise<T> {
  if (!Number.isInteger(retries) || retries < 0) throw new UsageError('USAGE', 'option retries: a whole number from 0');
  return new Watch(caller, keys, retries).run(body);
}

class Watch {
  readonly #caller: Caller;
  readonly #keys: readonly WireArgument[];
  readonly #slot: number;
  readonly #retries: number;
  readonly #startedAt = nowMs();
  #aborted = 0;
  #restarted = 0;
  #current: WatchedKeys | undefined;

  constructor(caller: Caller, keys: Key | readonly Key[], retries: number) {
    this.#caller = { ...caller, settings: onMaster(caller.settings) };
    this.#keys = prefixKeys(watchSpec, flattenArguments(watchSpec, [keys]), caller.keyPrefix);
    this.#slot = slotOf(watchSpec, this.#keys);
    this.#retries = retries;
  }

  async run<T>(body: WatchBody<T>): Promise<T> {
    const { executor, settings } = this.#caller;
    const abort = (): void => this.#current?.drop();
    settings.signal?.addEventListener('abort', abort);
    // A closing client waits for it as for any command.
    executor.pending++;
    executor.blocked.holdLease();
    try {
      for (;;) {
        const tx = await this.#begin();
        this.#current = tx;
        try {
          return await body(tx);
        } catch (error) {
          if (!tx.isCauseToRestart(error)) throw error;
          tx.end();
          await this.#waitAfter(error);
        } finally {
          tx.end();
          this.#current = undefined;
        }
      }
    } finally {
      executor.pending--;
      executor.blocked.letLeaseGo();
      settings.signal?.removeEventListener('abort', abort);
    }
  }

  /** Sends WATCH to the slot's master, wherever that takes it, and keeps the connection on which it is answered. */
  async #begin(): Promise<WatchedKeys> {
    const { executor, settings } = this.#caller;
    const watch = new Command(executor, watchSpec, this.#keys, this.#slot, settings, false, this.#startedAt);
    const held: { lease?: Lease; isAsking: boolean } = { isAsking: false };
    watch.isExclusive = true;
    watch.onLease = (lease) => {
      held.lease?.release(true);
      held.lease = lease;
      held.isAsking = watch.isAsking;
    };
    executor.issue(watch);
    try {
      await watch.promise;
    } catch (error) {
      held.lease?.release(false);
      throw error;
    }
    const { lease, isAsking } = held;
    if (lease === undefined) throw new UsageError('USAGE', 'WATCH was answered without having been sent');
    return new WatchedKeys({ caller: this.#caller, slot: this.#slot, lease, isAsking, startedAt: this.#startedAt });
  }

  async #waitAfter(error: unknown): Promise<void> {
    const { timeoutMs, signal } = this.#caller.settings;
    const isAborted = error instanceof TransactionAbortedError;
    if (isAborted && this.#aborted++ >= this.#retries) {
      const message = `watched keys of slot ${this.#slot} were changed by somebody else ${this.#aborted} times in a row`;
      throw new TransactionAbortedError('TRANSACTION_ABORTED', message, this.#facts(error));
    }
    if (nowMs() - this.#startedAt >= timeoutMs) {
      throw new CommandTimeoutError('TIMEOUT', `the watch timed out after ${timeoutMs} ms`, this.#facts(error));
    }
    const delayMs = isAborted ? backoffMs(this.#aborted - 1, 1, 50) : backoffMs(this.#restarted++, 10, 100);
    // An aborted signal shows in the WATCH that follows.
    await sleep(delayMs, undefined, signal === undefined ? {} : { signal }).catch(() => {});
  }

  #facts(cause: unknown): ErrorFacts {
    return { executed: 'no', command: 'WATCH', slot: this.#slot, elapsedMs: nowMs() - this.#startedAt, cause };
  }
}

function onMaster(settings: CallSettings): CallSettings {
  return settings.readFrom === 'master' ? settings : { ...settings, readFrom: 'master' };
}
