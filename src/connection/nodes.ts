import type { Command } from '../commands/command.ts';
import type { SlotwiseError } from '../errors.ts';
import { type Address, formatAddress } from '../util/address.ts';
import { nowMs } from '../util/clock.ts';
import type { ConnectionOptions } from './connection-options.ts';
import type { LaneOwner } from './lane.ts';
import { Node, type PoolOptions } from './node.ts';

/** The nodes that the client uses, by address. A node is made when it is first needed and dials when it is first used. */
export class Nodes {
  readonly #options: ConnectionOptions & PoolOptions;
  readonly #owner: LaneOwner;
  readonly #byAddress = new Map<string, Node>();
  /** Nodes that left and still answer what is in flight. */
  readonly #leaving = new Set<Node>();

  constructor(options: ConnectionOptions & PoolOptions, owner: LaneOwner) {
    this.#options = options;
    this.#owner = owner;
  }

  /** The node at an address, made if it is new. */
  at(where: Address, isReplica = false): Node {
    const address = formatAddress(where.host, where.port);
    let node = this.#byAddress.get(address);
    if (node === undefined) {
      node = new Node(where, this.#options, this.#owner, isReplica);
      this.#byAddress.set(address, node);
    }
    return node;
  }

  get(address: string): Node | undefined {
    return this.#byAddress.get(address);
  }

  all(): IterableIterator<Node> {
    return this.#byAddress.values();
  }

  /** All nodes to which there may be a connection: also those that left and still answer. */
  *inUse(): Iterable<Node> {
    yield* this.#byAddress.values();
    yield* this.#leaving;
  }

  /** Bytes accepted by all shared connections and not yet taken by the operating system. */
  get bufferedBytes(): number {
    let bytes = 0;
    for (const node of this.inUse()) bytes += node.bufferedBytes;
    return bytes;
  }

  /** Keeps the nodes of a topology, with their roles, and closes the others once they have answered what is in flight. */
  keep(isReplica: ReadonlyMap<string, boolean>, readOnly: () => Command): void {
    for (const [address, node] of this.#byAddress) {
      const role = isReplica.get(address);
      if (role !== undefined) {
        node.setReplica(role, readOnly);
        continue;
      }
      if (node.keepUntil > nowMs()) continue;
      this.#byAddress.delete(address);
      this.#leaving.add(node);
      node.close();
    }
    for (const node of this.#leaving) if (node.inFlight === 0) this.#leaving.delete(node);
  }

  /** No more commands are taken; what is in flight is answered. */
  close(): void {
    for (const node of this.#byAddress.values()) node.close();
  }

  destroy(cause: SlotwiseError): void {
    for (const node of [...this.#byAddress.values(), ...this.#leaving]) node.destroy(cause);
    this.#byAddress.clear();
    this.#leaving.clear();
  }
}
