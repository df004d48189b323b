import { crossSlot } from '../cluster/key-slots.ts';
import { Command } from '../commands/command.ts';
import { factsOf } from '../commands/command-error.ts';
import { CommandFlag, type CommandSpec } from '../commands/command-spec.ts';
import { findCommand, unknownSpec } from '../commands/command-table.ts';
import { CommandMethods } from '../commands/generated/methods.ts';
import type { Lease } from '../commands/lease.ts';
import { plainSpec } from '../commands/plain-spec.ts';
import type { PromiseShape } from '../commands/shapes.ts';
import { TransactionAbortedError, UsageError } from '../errors.ts';
import { Call } from '../pipeline/call.ts';
import type { CallArray } from '../pipeline/call-chain.ts';
import type { Caller } from '../pipeline/caller.ts';
import type { Outcome } from '../pipeline/outcome.ts';
import { addScriptMethods, type ScriptMethods } from '../scripting/script-methods.ts';
import { nowMs } from '../util/clock.ts';
import { AttemptOwner } from './attempt-owner.ts';
import { commonSlot, prepareCall } from './prepared-call.ts';
import { Transaction } from './transaction.ts';
import { TransactionUnit } from './transaction-unit.ts';

const unwatchSpec = plainSpec('UNWATCH');

/** What one attempt of a watch runs on. */
export interface WatchAttempt {
  readonly caller: Caller;
  readonly slot: number;
  readonly lease: Lease;
  /** The slot is on its way, and this node the one that it is going to. */
  readonly isAsking: boolean;
  /** When the watch began: its deadline is that of every command in it. */
  readonly startedAt: number;
}

export interface WatchedKeys extends ScriptMethods<PromiseShape> {}

/**
 * One attempt of `client.watch`: the reading commands as methods, on the connection that watches the keys, and `multi` for
 * what is to be written if none of them changes.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are there as soon as somebody may have declared them.
export class WatchedKeys extends CommandMethods<PromiseShape> {
  readonly #attempt: WatchAttempt;
  readonly #owner: AttemptOwner;
  #isWatching = true;
  #isOver = false;

  /** @internal */
  constructor(attempt: WatchAttempt) {
    super();
    this.#attempt = attempt;
    this.#owner = new AttemptOwner(attempt.caller.settings);
    for (const [name, script] of attempt.caller.scripts) {
      addScriptMethods(this, name, script, (call) => this.#read(call));
    }
  }

  protected send(spec: CommandSpec, args: unknown[], asBuffers: boolean): Promise<unknown> {
    return this.#read(new Call(spec, args, asBuffers));
  }

  /** Any reading command by its name. */
  call(name: string, ...args: unknown[]): Promise<unknown> {
    return this.send(findCommand(name) ?? unknownSpec(name), args, false);
  }

  /** {@link call}, with the strings of the reply as Buffers. */
  callBuffer(name: string, ...args: unknown[]): Promise<unknown> {
    return this.send(findCommand(name) ?? unknownSpec(name), args, true);
  }

  /**
   * Commands to be executed together if no watched key has changed. If one has, `exec` rejects, and the watch begins again:
   * let its error pass.
   */
  multi(calls: readonly CallArray[] = []): Transaction {
    return new Transaction(this.#attempt.caller, calls, (taken) => this.#execute(taken));
  }

  /** @internal Whether the error means that the watch is to begin again: nothing has been executed. */
  isCauseToRestart(error: unknown): boolean {
    return this.#owner.restarts.has(error);
  }

  /** @internal Gives the connection back, watching nothing any more. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { lease } = this.#attempt;
    if (!lease.isOpen || !this.#isWatching) {
      lease.release(true);
      return;
    }
    const release = (): void => lease.release(true);
    const drop = (): void => lease.release(false);
    const { settings } = this.#attempt.caller;
    // Commands that the caller did not await are answered before this one.
    lease.dispatch(new Command(this.#owner, unwatchSpec, [], -1, settings, false, nowMs(), release, drop));
  }

  /** @internal Gives the connection up, whatever happens on it: its commands fail from now on. */
  drop(): void {
    this.#attempt.lease.release(false);
  }

  async #read(call: Call): Promise<unknown> {
    const { caller, slot, startedAt } = this.#attempt;
    this.#checkOpen();
    const { spec, args, slot: own, asBuffers } = prepareCall(call, caller.keyPrefix);
    if ((spec.flags & CommandFlag.write) !== 0) {
      throw new UsageError('USAGE', `${spec.name} writes: in a watch what writes goes into tx.multi()`, {
        command: spec.name,
      });
    }
    if (own !== -1 && own !== slot) throw crossSlot(spec.name, slot, own);
    const command = new Command(this.#owner, spec, args, own, caller.settings, asBuffers, startedAt);
    command.isAsking = this.#attempt.isAsking && own !== -1;
    this.#attempt.lease.dispatch(command);
    return command.promise;
  }

  async #execute(calls: readonly Call[]): Promise<Outcome[]> {
    const { caller, slot, startedAt, lease, isAsking } = this.#attempt;
    this.#checkOpen();
    if (!this.#isWatching) throw new UsageError('USAGE', 'a watch ends with its first exec(): begin another one');
    const prepared = calls.map((call) => prepareCall(call, caller.keyPrefix));
    const unit = new TransactionUnit(prepared, commonSlot('MULTI', prepared, slot));
    const exec = unit.makeExec(this.#owner, caller.settings, startedAt);
    exec.isAsking = isAsking;
    this.#isWatching = false;
    lease.dispatch(exec);
    const reply = await exec.promise;
    if (reply !== null) return unit.outcomesOf(reply);
    const message = 'a watched key was changed by somebody else, so nothing was executed';
    const error = new TransactionAbortedError('TRANSACTION_ABORTED', message, factsOf(exec, 'no', lease.address));
    this.#owner.restarts.add(error);
    throw error;
  }

  #checkOpen(): void {
    if (this.#isOver) throw new UsageError('USAGE', 'the watch is over: its commands have to be awaited inside it');
  }
}
