import type { Command, CommandOrigin } from '../commands/command.ts';
import { nowMs } from '../util/clock.ts';
import { DeadlineTimer } from '../util/deadline-timer.ts';
import { SlotGate } from './slot-gate.ts';

/** The gates of all slots that have one; see {@link SlotGate}. */
export class SlotGates {
  readonly #gates = new Map<number, SlotGate>();
  readonly #release: (command: Command) => void;
  readonly #opening = new DeadlineTimer((now) => this.#openDue(now), { keepsAlive: true });
  readonly #deadlines = new DeadlineTimer((now) => this.#expire(now));

  /** `release` gets the commands of a gate that opens, in order. */
  constructor(release: (command: Command) => void) {
    this.#release = release;
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
      gate = new SlotGate(slot);
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
    let last: Command | undefined;
    origin.forEachInFlight((command) => {
      if (command.slot === gate.slot) last = command;
    });
    this.fenceBehind(gate, last);
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
    this.#gates.delete(gate.slot);
    for (const command of gate.takeAll()) this.#release(command);
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
    for (const gate of this.#gates.values()) next = Math.min(next, gate.expire(now));
    return next;
  }
}
