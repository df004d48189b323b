import { foreverSettings } from '../commands/call-settings.ts';
import { Command, CommandState } from '../commands/command.ts';
import { factsOf } from '../commands/command-error.ts';
import { DirectOwner } from '../commands/direct-owner.ts';
import { plainSpec } from '../commands/plain-spec.ts';
import { ServerWait } from '../commands/server-wait.ts';
import type { Nodes } from '../connection/nodes.ts';
import { ClientClosedError, type SlotwiseError } from '../errors.ts';
import type { Urgency } from '../topology/refresher.ts';
import { nowMs } from '../util/clock.ts';
import { Later } from './later.ts';

/** How often the nodes that hold commands are asked for a sign of life. */
const PROBE_EVERY_MS = 500;
/** The first time soon, so that the shared connection is there before it is needed. */
const FIRST_PROBE_MS = 20;

/** So many other nodes are to be connected while one that holds commands is silent. */
const WITNESSES = 3;

/** What the shared connection of a node that holds commands is asked while nothing else is. */
const PROBE = plainSpec('PING');

/** Whether the command is one of ours that asks a node for a sign of life. */
export function isProbe(command: Command): boolean {
  return command.spec === PROBE;
}

/** What blocked commands ask of the executor. */
export interface BlockedOwner {
  submit(command: Command): void;
  requestRefresh(urgency: Urgency): void;
}

/**
 * The commands that a server may hold for long. Silence is what they are made of, so it says nothing on their own connections:
 * while there are any, the shared connection to each of their nodes is kept talking, and a node that falls silent there is
 * noticed like under any other load. They keep no order with other commands of their slot, and hold none of them up.
 */
export class BlockedCommands {
  readonly #nodes: Nodes;
  /** Settled ones are let go with the next probe. */
  readonly #commands = new Set<Command>();
  #leases = 0;
  readonly #waiting: Later;
  readonly #probes = new DirectOwner();
  readonly #owner: BlockedOwner;
  #timer: NodeJS.Timeout | undefined;
  /** For as long as a probe, a connection was being made to a node that holds commands. */
  #isAnySilent = false;

  constructor(nodes: Nodes, owner: BlockedOwner) {
    this.#nodes = nodes;
    this.#owner = owner;
    this.#waiting = new Later((command) => owner.submit(command));
  }

  /** Takes on a command that is about to be sent for the first time, if it may be held (XREAD without BLOCK is not). */
  add(command: Command): void {
    command.serverWait = ServerWait.of(command.spec, command.args);
    if (command.serverWait === undefined) return;
    command.isExclusive = true;
    this.#commands.add(command);
    this.#startProbing();
  }

  /** A lease is in use: on its connection, too, there may be silence for as long as its holder pleases. */
  holdLease(): void {
    this.#leases++;
    this.#startProbing();
  }

  letLeaseGo(): void {
    this.#leases--;
  }

  #startProbing(): void {
    if (this.#timer === undefined) this.#probeIn(FIRST_PROBE_MS);
  }

  /** Sends the command again after `delayMs`, or as soon as the topology changes. */
  retry(command: Command, delayMs: number): void {
    this.#waiting.add(command, delayMs);
  }

  /** Whether commands may be held by a node that is gone. */
  get isAnySilent(): boolean {
    return this.#isAnySilent;
  }

  onTopology(): void {
    if (this.#waiting.size > 0) this.#waiting.wake();
  }

  /** Ends all of them: nobody knows how long they would take. */
  endAll(cause: SlotwiseError): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.takeAll();
    for (const command of this.#commands) {
      if (command.isSettled) continue;
      const executed = command.state === CommandState.inFlight ? 'unknown' : 'no';
      const message = `${command.spec.name} was not answered: ${cause.message}`;
      command.reject(new ClientClosedError(cause.code, message, factsOf(command, executed, undefined, cause)));
    }
    this.#commands.clear();
    for (const node of this.#nodes.inUse()) node.exclusive.abandonSettled();
  }

  #probeIn(delayMs: number): void {
    this.#timer = setTimeout(() => this.#probe(), delayMs);
    this.#timer.unref();
  }

  #probe(): void {
    for (const command of this.#commands) if (command.isSettled) this.#commands.delete(command);
    this.#timer = undefined;
    const wasSilent = this.#isAnySilent;
    this.#isAnySilent = false;
    if (this.#commands.size === 0 && this.#leases === 0) return;
    let isAnyStalled = false;
    for (const node of this.#nodes.all()) {
      const lane = node.laneOf(-1);
      if (node.exclusive.inUse === 0) continue;
      isAnyStalled ||= lane.isStalled;
      if (lane.isReady ? lane.inFlight === 0 : lane.waiting === 0) lane.dispatch(this.#ping());
      else if (!lane.isReady) this.#isAnySilent = true;
    }
    if (this.#isAnySilent || isAnyStalled) this.#callWitnesses();
    if (this.#isAnySilent && !wasSilent) this.#owner.requestRefresh('urgent');
    this.#probeIn(PROBE_EVERY_MS);
  }

  /** Sees to it that there are other nodes to ask what has become of a silent one: a client that only blocks may know no others. */
  #callWitnesses(): void {
    let missing = WITNESSES;
    for (const node of this.#nodes.all()) if (node.isReady && !node.isStalled) missing--;
    for (const node of this.#nodes.all()) {
      if (missing <= 0) return;
      if (node.isReady || node.isFailing || node.exclusive.inUse > 0) continue;
      missing--;
      if (node.waiting === 0) node.laneOf(-1).dispatch(this.#ping());
    }
  }

  #ping(): Command {
    const ignore = (): void => {};
    return new Command(this.#probes, PROBE, [], -1, foreverSettings, false, nowMs(), ignore, ignore);
  }
}
