import type { Command } from '../commands/command.ts';
import type { SlotwiseError } from '../errors.ts';
import { type Address, formatAddress } from '../util/address.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { ExclusivePool } from './exclusive-pool.ts';
import { Lane, type LaneOwner } from './lane.ts';

/** How a node's connections are pooled. */
export interface PoolOptions {
  /** Shared connections a node. Each slot always uses the same one, so that its commands stay in order. */
  readonly poolSize: number;
  /** Exclusive connections to one node at a time, for commands that block and for WATCH; more of these wait. */
  readonly maxExclusive: number;
}

/** Everything that the client has of one address: its shared lanes, and its pool of exclusive connections. */
export class Node {
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly lanes: readonly Lane[];
  readonly exclusive: ExclusivePool;
  /** Kept at least until then (on the clock of `nowMs()`) though no topology lists it: a target of redirects. */
  keepUntil = 0;

  constructor(where: Address, options: ConnectionOptions & PoolOptions, owner: LaneOwner, isReplica: boolean) {
    this.host = where.host;
    this.port = where.port;
    this.address = formatAddress(where.host, where.port);
    this.lanes = Array.from({ length: options.poolSize }, () => new Lane(where, options, owner, isReplica));
    this.exclusive = new ExclusivePool(where, options, options.maxExclusive, isReplica, owner.backlog);
  }

  /** @returns false when the command was accepted but has to wait. */
  dispatch(command: Command): boolean {
    return command.isExclusive ? this.exclusive.dispatch(command) : this.laneOf(command.slot).dispatch(command);
  }

  /** The lane that serves a slot; commands without one (-1) use the first. */
  laneOf(slot: number): Lane {
    const { lanes } = this;
    return lanes[lanes.length === 1 || slot === -1 ? 0 : slot % lanes.length] as Lane;
  }

  get isReady(): boolean {
    return (this.lanes[0] as Lane).isReady;
  }

  /** It could not be reached lately, or has been silent with commands in flight. */
  get isFailing(): boolean {
    const lane = this.lanes[0] as Lane;
    return lane.isStalled || (!lane.isReady && lane.lastFailure !== undefined);
  }

  get isStalled(): boolean {
    return (this.lanes[0] as Lane).isStalled;
  }

  get inFlight(): number {
    let count = 0;
    for (const lane of this.lanes) count += lane.inFlight;
    return count + this.exclusive.inUse;
  }

  /** Bytes accepted by its shared connections and not yet taken by the operating system. */
  get bufferedBytes(): number {
    let bytes = 0;
    for (const lane of this.lanes) bytes += lane.bufferedBytes;
    return bytes;
  }

  /** Commands that wait for a connection. */
  get waiting(): number {
    let count = 0;
    for (const lane of this.lanes) count += lane.waiting;
    return count;
  }

  setReplica(isReplica: boolean, readOnly: () => Command): void {
    for (const lane of this.lanes) lane.setReplica(isReplica, readOnly);
    this.exclusive.setReplica(isReplica);
  }

  close(): void {
    for (const lane of this.lanes) lane.close();
    this.exclusive.close();
  }

  destroy(cause: SlotwiseError): void {
    for (const lane of this.lanes) lane.destroy(cause);
    this.exclusive.destroy(cause);
  }
}
