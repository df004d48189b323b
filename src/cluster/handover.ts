import { foreverSettings } from '../commands/call-settings.ts';
import { Command } from '../commands/command.ts';
import { DirectOwner } from '../commands/direct-owner.ts';
import { plainSpec } from '../commands/plain-spec.ts';
import type { Lane } from '../connection/lane.ts';
import type { Node } from '../connection/node.ts';
import type { Nodes } from '../connection/nodes.ts';
import { ConnectionError } from '../errors.ts';
import type { TopologyDiff } from '../topology/diff-topology.ts';
import type { Topology, TopologyNode } from '../topology/topology.ts';
import { nowMs } from '../util/clock.ts';
import { isProbe } from './blocked-commands.ts';
import { isReplicaRead, type Routes } from './routes.ts';
import type { SlotGate } from './slot-gate.ts';
import type { SlotGates } from './slot-gates.ts';

const READONLY = plainSpec('READONLY');
const ignore = (): void => {};
/**
 * A master that hands over in good order is silent too, until it has learnt of its successor; then it answers MOVED to all that
 * it held back. Others may know a moment earlier: this long it may have the last word.
 */
const LAST_WORD_MS = 100;
/** One that has been silent for so long is hardly handing over: it gets a shorter moment. */
const LONG_SILENCE_MS = 1_500;
const SHORT_LAST_WORD_MS = 25;

/**
 * Carries slots over from their old master to the new one when the topology changes, with the commands that are on their way:
 * what waits unsent comes along, what is in flight is waited for, and new commands of the slot wait behind both.
 */
export class Handover {
  readonly #nodes: Nodes;
  readonly #routes: Routes;
  readonly #gates: SlotGates;
  readonly #readOnlyOwner = new DirectOwner();
  /** Silent lanes that will be dropped unless they answer now. */
  readonly #condemned = new WeakSet<Lane>();
  /** Nodes that have lost slots lately and may still hold commands for them. */
  readonly #left = new WeakSet<Node>();

  constructor(nodes: Nodes, routes: Routes, gates: SlotGates) {
    this.#nodes = nodes;
    this.#routes = routes;
    this.#gates = gates;
  }

  /** One slot has a new master, as a MOVED reply says; undefined if that was known. */
  moveSlot(slot: number, target: TopologyNode): TopologyDiff | undefined {
    const before = this.#routes.masterOf(slot);
    if (before?.address === target.address) return undefined;
    const gates = before === undefined ? [] : this.#leave(before, (command) => command.slot === slot);
    const topology = this.#routes.topology.withSlot(slot, target);
    this.#routes.install(topology);
    for (const gate of gates) this.#gates.openIfDue(gate);
    this.#gates.wake((other) => other === slot);
    const moved = [{ start: slot, end: slot, from: before?.address, to: target.address }];
    return { version: topology.version, moved, added: [], removed: [], promoted: [], demoted: [], reassigned: [] };
  }

  /** The whole topology is another one. */
  adopt(after: Topology, diff: TopologyDiff): void {
    const before = this.#routes.topology;
    const isMoved = (slot: number): boolean =>
      before.shardOf(slot)?.master.address !== after.shardOf(slot)?.master.address;
    const gates: SlotGate[] = [];
    for (const address of new Set(diff.moved.map((range) => range.from))) {
      const node = address === undefined ? undefined : this.#nodes.get(address);
      if (node === undefined) continue;
      const isLeaving = (command: Command): boolean =>
        before.shardOf(command.slot)?.master.address === address && isMoved(command.slot);
      gates.push(...this.#leave(node, isLeaving));
    }
    this.#routes.install(after);
    this.keepNodes(after);
    this.#dropStalled();
    for (const gate of gates) this.#gates.openIfDue(gate);
    this.#gates.wake(isMoved);
  }

  /**
   * Destroys the lane's connection if it is silent while a command on it waits for a slot that its node no longer serves, so
   * that its commands settle by the delivery rules instead of waiting for an answer that would not count.
   */
  dropIfReplaced(lane: Lane): void {
    if (this.#condemned.has(lane) || !this.#isReplaced(lane)) return;
    this.#condemned.add(lane);
    const drop = (): void => {
      this.#condemned.delete(lane);
      if (!lane.isStalled || !this.#isReplaced(lane)) return;
      const why = `${lane.address} was silent and no longer serves the slot`;
      lane.reset(new ConnectionError('CONNECTION_LOST', why, { address: lane.address }));
    };
    setTimeout(drop, lane.silentMs < LONG_SILENCE_MS ? LAST_WORD_MS : SHORT_LAST_WORD_MS).unref();
  }

  #isReplaced(lane: Lane): boolean {
    if (!this.#routes.isKnown(lane.address)) return true;
    let isReplaced = false;
    lane.forEachInFlight((command) => {
      if (command.isSettled) return;
      if (isProbe(command) ? !this.#routes.isMaster(lane.address) : !this.#routes.isServedBy(lane.address, command))
        isReplaced = true;
    });
    return isReplaced;
  }

  /** Brings the slot's commands that wait unsent at the node where one of them was refused to the gate, so that none overtakes it. */
  callBack(gate: SlotGate, address: string): void {
    const lane = this.#nodes.get(address)?.laneOf(gate.slot);
    if (lane === undefined || lane.waiting === 0) return;
    const isOfSlot = (command: Command): boolean => command.slot === gate.slot && !isReplicaRead(command);
    for (const command of lane.withdraw(isOfSlot)) this.#gates.putBack(gate, command);
  }

  /** Shuts the gates of the slots whose commands leave the node. They are opened when the new topology is in place. */
  #leave(node: Node, isLeaving: (command: Command) => boolean): SlotGate[] {
    const gates = new Set<SlotGate>();
    const leaves = (command: Command): boolean => command.slot !== -1 && !isReplicaRead(command) && isLeaving(command);
    for (const lane of node.lanes) {
      const last = new Map<number, Command>();
      lane.forEachInFlight((command) => {
        if (leaves(command)) last.set(command.slot, command);
      });
      for (const [slot, command] of last) {
        const gate = this.#gates.at(slot);
        this.#gates.fenceBehind(gate, command);
        gates.add(gate);
      }
      for (const command of lane.withdraw(leaves)) {
        const gate = this.#gates.at(command.slot);
        this.#gates.putBack(gate, command);
        gates.add(gate);
      }
    }
    for (const command of node.exclusive.withdraw(leaves)) {
      const gate = this.#gates.at(command.slot);
      this.#gates.putBack(gate, command);
      gates.add(gate);
    }
    if (node.exclusive.inUse > 0) this.#dropUnservedLater(node);
    return [...gates];
  }

  /**
   * A server tells blocked clients within a second that their slot has moved: too late for us, but what it told them before
   * the move must not be lost.
   */
  #dropUnservedLater(node: Node): void {
    if (this.#left.has(node)) return;
    this.#left.add(node);
    const drop = (): void => {
      this.#left.delete(node);
      node.exclusive.dropUnserved((command) => this.#routes.isServedBy(node.address, command));
    };
    setTimeout(drop, LAST_WORD_MS).unref();
  }

  /** Tells the nodes their roles, and lets go of those that neither the topology nor a recent redirect names. */
  keepNodes(topology: Topology): void {
    const isReplica = new Map<string, boolean>();
    for (const replica of topology.replicas()) isReplica.set(replica.address, true);
    for (const master of topology.masters()) isReplica.set(master.address, false);
    const readOnly = (): Command =>
      new Command(this.#readOnlyOwner, READONLY, [], -1, foreverSettings, false, nowMs(), ignore, ignore);
    this.#nodes.keep(isReplica, readOnly);
  }

  #dropStalled(): void {
    for (const node of this.#nodes.inUse()) {
      // One that lost its role may never say so.
      if (!this.#routes.isMaster(node.address)) {
        node.exclusive.dropUnserved((command) => this.#routes.isServedBy(node.address, command));
      }
      for (const lane of node.lanes) if (lane.isStalled) this.dropIfReplaced(lane);
    }
  }
}
