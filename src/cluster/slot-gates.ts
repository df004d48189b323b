import type { Backlog } from '../commands/backlog.ts';
import type { Command, CommandOrigin } from '../commands/command.ts';
import type { Lane } from '../connection/lane.ts';
import { nowMs } from '../util/clock.ts';
import { DeadlineTimer } from '../util/deadline-timer.ts';
import { SlotGate } from './slot-gate.ts';

/** After a node has refused a command, commands are sent to it with caution for this long: longer than any wait for an attempt. */
const CAUTION_MS = 300;
/** While a master cannot be reached, its gates look again this often, and at once when it is connected. */
const OUT_OF_REACH_MS = 100;

/** Where the commands of a gate that opens go. */
export interface GateExit {
  /** False while the slot's master cannot be reached; an attempt to connect to it is then under way. Absent: it always can. */
  isReachable?(slot: number): boolean;
  /** Takes the next command, in order. */
  release(command: Command): void;
  /** Sends the first command before the others may follow. @returns false when it could not be put in flight now. */
  sendAlone(command: Command): boolean;
}

/** The gates of all slots that have one; see {@link SlotGate}. */
export class SlotGates {
  readonly #gates = new Map<number, SlotGate>();
  readonly #exit: GateExit;
  readonly #backlog: Backlog | undefined;
  /** Until when nodes that refuse commands are treated with caution, by address. */
  readonly #cautiousUntil = new Map<string, number>();
  /** Where commands of a slot went at last because of ASK. */
  readonly #askedAt = new Map<number, Lane>();
  readonly #opening = new DeadlineTimer((now) => this.#openDue(now), { keepsAlive: true });
  readonly #deadlines = new DeadlineTimer((now) => this.#expire(now));

  /** @param backlog where the gates count what waits at them */
  constructor(exit: GateExit, backlog?: Backlog) {
    this.#exit = exit;
    this.#backlog = backlog;
  }

  get size(): number {
    return this.#gates.size;
  }

  get(slot: number): SlotGate | undefined {
    return this.#gates.get(slot);
  }

  at(slot: number): SlotGate {
    let gate = this.#gates.get(slot);
    if (gate === undefined) {
      gate = new SlotGate(slot, this.#backlog);
      this.#gates.set(slot, gate);
    }
    return gate;
  }

  /** A new command waits behind the gate of its slot. */
  append(gate: SlotGate, command: Command): void {
    gate.append(command);
    this.#deadlines.note(command.deadline);
  }

  /** A command that was dispatched before waits at the gate of its slot, before all new ones. */
  putBack(gate: SlotGate, command: Command): void {
    gate.putBack(command);
    this.#deadlines.note(command.deadline);
  }

  /** Keeps the gate shut until the slot's commands that are in flight at `origin` have been answered. */
  fence(gate: SlotGate, origin: CommandOrigin): void {
    // As long as it is shut by a fence there, no command of its slot has been sent there since.
    if (gate.fences > 0 && gate.fencedAt === origin) return;
    gate.fencedAt = origin;
    this.fenceBehind(gate, lastOfSlot(gate.slot, origin));
    const asked = this.#askedAt.get(gate.slot);
    if (asked === undefined) return;
    this.#askedAt.delete(gate.slot);
    this.fenceBehind(gate, lastOfSlot(gate.slot, asked));
    for (const command of asked.withdraw((each) => each.isAsking && each.slot === gate.slot)) {
      command.isAsking = false;
      this.putBack(gate, command);
    }
  }

  /** A command of the slot has gone to where an ASK reply pointed: it may come back from there, so a gate waits for it too. */
  noteAsked(slot: number, lane: Lane): void {
    this.#askedAt.set(slot, lane);
  }

  fenceBehind(gate: SlotGate, last: Command | undefined): void {
    if (last === undefined || last.isFence) return;
    last.isFence = true;
    gate.fences++;
  }

  passFence(slot: number): void {
    const gate = this.#gates.get(slot);
    if (gate === undefined) return;
    gate.fences--;
    this.openIfDue(gate);
  }

  /** The node refused a command of this slot, which it may accept at the next attempt. */
  noteRefusal(gate: SlotGate, address: string): void {
    gate.isCautious = true;
    this.#cautiousUntil.set(address, nowMs() + CAUTION_MS);
  }

  /** Whether the node has refused commands lately, so that no slot should have more than one in flight there. */
  isRefusing(address: string): boolean {
    const until = this.#cautiousUntil.get(address);
    if (until === undefined) return false;
    if (until > nowMs()) return true;
    this.#cautiousUntil.delete(address);
    return false;
  }

  delay(gate: SlotGate, until: number): void {
    if (until > gate.notBefore) gate.notBefore = until;
  }

  /** Opens the gate if nothing keeps it shut, else as soon as its wait is over. */
  openIfDue(gate: SlotGate): void {
    if (gate.isOpen(nowMs())) this.#open(gate);
    else if (gate.fences === 0) this.#opening.note(gate.notBefore);
  }

  /** Ends the waits (not the fences) of the gates that `isServed` picks. */
  wake(isServed: (slot: number) => boolean): void {
    for (const gate of [...this.#gates.values()]) {
      if (!isServed(gate.slot)) continue;
      gate.notBefore = 0;
      this.openIfDue(gate);
    }
  }

  /** Whether commands wait at a gate for something other than fences: a change of the topology, or a node to come back. */
  get hasTrouble(): boolean {
    for (const gate of this.#gates.values()) if (gate.isTroubled) return true;
    return false;
  }

  takeAll(): Command[] {
    const commands = [...this.#gates.values()].flatMap((gate) => gate.takeAll());
    this.#gates.clear();
    this.#opening.stop();
    this.#deadlines.stop();
    return commands;
  }

  #open(gate: SlotGate): void {
    if (this.#exit.isReachable?.(gate.slot) === false) {
      gate.notBefore = nowMs() + OUT_OF_REACH_MS;
      this.#opening.note(gate.notBefore);
      return;
    }
    if (gate.isCautious && this.#sendFirst(gate)) return;
    this.#gates.delete(gate.slot);
    for (const command of gate.takeAll()) this.#exit.release(command);
  }

  /** Lets only the first command out: the gate opens when that has been answered. */
  #sendFirst(gate: SlotGate): boolean {
    gate.isCautious = false;
    const first = gate.takeFirst();
    if (first === undefined) return false;
    if (this.#exit.sendAlone(first)) {
      this.fenceBehind(gate, first);
      return true;
    }
    gate.putBack(first);
    return false;
  }

  #openDue(now: number): number {
    for (const gate of [...this.#gates.values()]) if (gate.isOpen(now)) this.#open(gate);
    let next = Number.POSITIVE_INFINITY;
    for (const gate of this.#gates.values()) {
      if (gate.fences === 0 && gate.notBefore < next) next = gate.notBefore;
    }
    return next;
  }

  #expire(now: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const gate of [...this.#gates.values()]) {
      next = Math.min(next, gate.expire(now));
      // Nobody waits any more, so that nobody needs to look for a master of this slot.
      if (gate.fences === 0 && gate.isEmpty()) this.#gates.delete(gate.slot);
    }
    return next;
  }
}

/** The youngest command of the slot that is in flight at `origin`. */
function lastOfSlot(slot: number, origin: CommandOrigin): Command | undefined {
  let last: Command | undefined;
  origin.forEachInFlight((command) => {
    if (command.slot === slot) last = command;
  });
  return last;
}
