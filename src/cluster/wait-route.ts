import { randomUUID } from 'node:crypto';
import { foreverSettings } from '../commands/call-settings.ts';
import { type CallSettings, Command, type CommandRoute, CommandState, type Prelude } from '../commands/command.ts';
import { DirectOwner } from '../commands/direct-owner.ts';
import type { Lease } from '../commands/lease.ts';
import { plainSpec } from '../commands/plain-spec.ts';
import { ReplyError, type SlotwiseError } from '../errors.ts';
import { SLOT_COUNT } from '../slots/key-slot.ts';
import { tagOfSlot } from '../slots/slot-tag.ts';
import { nowMs } from '../util/clock.ts';
import type { Executor } from './executor.ts';

const PING = plainSpec('PING');
const MULTI = plainSpec('MULTI');
const SET = plainSpec('SET');
const DEL = plainSpec('DEL');
const EXEC = plainSpec('EXEC');

/**
 * Leads WAIT and WAITAOF to a master without holding up what shares a connection with others. They wait for the latest write
 * of their own connection, so on an exclusive one they come behind a write of its own, which comes behind all writes that this
 * client has issued before: a key that is set and deleted in one transaction, so that nobody ever sees it. A master that
 * refuses that (no permission, no memory) is asked over the shared connection instead.
 */
export class WaitRoute implements CommandRoute {
  readonly isFinal: boolean;
  readonly #executor: Executor;
  readonly #way: CommandRoute;
  readonly #masterAddress: string;

  /**
   * @param way leads to the master
   * @param masterAddress its address, or that of its predecessor
   */
  constructor(executor: Executor, way: CommandRoute, masterAddress: string) {
    this.isFinal = way.isFinal;
    this.#executor = executor;
    this.#way = way;
    this.#masterAddress = masterAddress;
  }

  take(command: Command): void {
    const slot = this.#slotOfMaster();
    if (slot === -1) {
      this.#way.take(command);
      return;
    }
    // Nobody may take it from here on for unsent.
    command.state = CommandState.inFlight;
    const settings = { ...command.settings, signal: undefined, idempotent: true };
    const go = (): void => this.#mark(command, slot, settings);
    const onError = (error: Error): void => (error instanceof ReplyError ? go() : command.reject(error));
    // When this is answered, so is everything that was issued before on the connection that all share.
    const fence = new Command(this.#executor, PING, [], -1, settings, false, command.startedAt, go, onError);
    fence.sequence = command.sequence;
    fence.route = this.#way;
    this.#executor.submit(fence);
  }

  #mark(command: Command, slot: number, settings: CallSettings): void {
    if (command.isSettled) return;
    let lease: Lease | undefined;
    const onMarked = (): void => {
      if (command.isSettled) lease?.release(true);
      else if (lease !== undefined) this.#waitOn(lease, command);
    };
    const onError = (error: Error): void => {
      lease?.release(false);
      if (error instanceof ReplyError) this.#way.take(command);
      else command.reject(error);
    };
    const { startedAt } = command;
    const mark = new Command(this.#executor, EXEC, [], -1, settings, false, startedAt, onMarked, onError);
    mark.sequence = command.sequence;
    mark.route = this.#way;
    mark.prelude = new Mark(slot);
    mark.isExclusive = true;
    mark.onLease = (taken) => {
      lease = taken;
    };
    this.#executor.submit(mark);
  }

  /** The wait itself, on the connection of the mark; it is not sent again, for on another connection it would be another one. */
  #waitOn(lease: Lease, command: Command): void {
    const { spec, args, settings, asBuffers, startedAt } = command;
    const onReply = (reply: unknown): void => {
      lease.release(true);
      command.resolve(reply);
    };
    const onError = (error: Error): void => {
      lease.release(false);
      command.reject(error);
    };
    const wait = new Command(this.#executor, spec, args, -1, settings, asBuffers, startedAt, onReply, onError);
    wait.route = { isFinal: true, take: (given) => lease.dispatch(given) };
    this.#executor.submit(wait);
  }

  /** A slot that the master serves, by what is known now; -1 if there is none. */
  #slotOfMaster(): number {
    const { topology } = this.#executor;
    const number = topology.shards.findIndex(({ master }) => master.address === this.#masterAddress);
    for (let slot = 0; number !== -1 && slot < SLOT_COUNT; slot++) {
      if (topology.shardNumber(slot) === number) return slot;
    }
    return -1;
  }
}

/** What stands before the EXEC of a mark. */
class Mark implements Prelude {
  readonly size = 100;
  readonly #key: string;
  readonly #owner = new DirectOwner();

  constructor(slot: number) {
    this.#key = `{${tagOfSlot(slot)}}:slotwise:wait:${randomUUID()}`;
  }

  commandsFor(): readonly Command[] {
    const ignore = (): void => {};
    const make = (spec: typeof SET, ...args: string[]): Command =>
      new Command(this.#owner, spec, args, -1, foreverSettings, false, nowMs(), ignore, ignore);
    return [make(MULTI), make(SET, this.#key, ''), make(DEL, this.#key)];
  }

  /** EXEC says that something before it was refused: what, does not matter. */
  explain(error: SlotwiseError): SlotwiseError {
    return error;
  }
}
