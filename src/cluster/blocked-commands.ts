import { foreverSettings } from '../commands/call-settings.ts';
import { Command, CommandState } from '../commands/command.ts';
import { factsOf } from '../commands/command-error.ts';
import { DirectOwner } from '../commands/direct-owner.ts';
import { plainSpec } from '../commands/plain-spec.ts';
import { ServerWait } from '../commands/server-wait.ts';
import type { Nodes } from '../connection/nodes.ts';
import { ClientClosedError, type SlotwiseError } from '../errors.ts';
import { nowMs } from '../util/clock.ts';
import { Later } from './later.ts';

/** How often the nodes that hold commands are asked for a sign of life. */
const PROBE_EVERY_MS = 500;

/** What the shared connection of a node that holds commands is asked while nothing else is. */
const PROBE = plainSpec('PING');

/** Whether the command is one of ours that asks a node for a sign of life. */
export function isProbe(command: Command): boolean {
  return command.spec === PROBE;
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
  #timer: NodeJS.Timeout | undefined;

  constructor(nodes: Nodes, submit: (command: Command) => void) {
    this.#nodes = nodes;
    this.#waiting = new Later(submit);
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
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#probe(), PROBE_EVERY_MS);
    this.#timer.unref();
  }

  /** Sends the command again after `delayMs`, or as soon as the topology changes. */
  retry(command: Command, delayMs: number): void {
    this.#waiting.add(command, delayMs);
  }

  onTopology(): void {
    if (this.#waiting.size > 0) this.#waiting.wake();
  }

  /** Ends all of them: nobody knows how long they would take. */
  endAll(cause: SlotwiseError): void {
    clearInterval(this.#timer);
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

  #probe(): void {
    for (const command of this.#commands) if (command.isSettled) this.#commands.delete(command);
    if (this.#commands.size === 0 && this.#leases === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    for (const node of this.#nodes.all()) {
      const lane = node.laneOf(-1);
      if (node.exclusive.inUse > 0 && lane.inFlight === 0 && lane.waiting === 0) lane.dispatch(this.#ping());
    }
  }

  #ping(): Command {
    const ignore = (): void => {};
    return new Command(this.#probes, PROBE, [], -1, foreverSettings, false, nowMs(), ignore, ignore);
  }
}
