import type { Command, CommandRoute } from '../commands/command.ts';
import { factsOf } from '../commands/command-error.ts';
import { ConnectionError } from '../errors.ts';
import type { Shard } from '../topology/topology.ts';
import type { Executor } from './executor.ts';

/** Leads to one node, as long as it belongs to the cluster. */
export class NodeRoute implements CommandRoute {
  readonly isFinal: boolean;
  readonly #executor: Executor;
  readonly #address: string;

  /** @param isFinal whether failures are the caller's at once instead of being retried at the same node. */
  constructor(executor: Executor, address: string, isFinal: boolean) {
    this.#executor = executor;
    this.#address = address;
    this.isFinal = isFinal;
  }

  take(command: Command): void {
    const node = this.#executor.nodes.get(this.#address);
    if (node === undefined) command.reject(nodeLeft(command, this.#address, 'it has left the cluster'));
    else node.dispatch(command);
  }
}

/** Leads to whichever node is the master of one shard: the one that it has now, and after a failover its successor. */
export class ShardRoute implements CommandRoute {
  readonly isFinal = false;
  readonly #executor: Executor;
  readonly #shard: Shard;
  /** Where the shard stood in the topology when it was last looked up. */
  #number: number;

  constructor(executor: Executor, shard: Shard, number: number) {
    this.#executor = executor;
    this.#shard = shard;
    this.#number = number;
  }

  take(command: Command): void {
    const { routes } = this.#executor;
    const { shards } = routes.topology;
    if (shards[this.#number]?.master.address !== this.#shard.master.address) {
      const members = new Set([this.#shard.master, ...this.#shard.replicas].map((node) => node.address));
      this.#number = shards.findIndex((shard) => members.has(shard.master.address));
    }
    const node = routes.masters[this.#number];
    if (node !== undefined) node.dispatch(command);
    else command.reject(nodeLeft(command, this.#shard.master.address, 'its shard has left the cluster'));
  }
}

function nodeLeft(command: Command, address: string, why: string): ConnectionError {
  const message = `${command.spec.name} was not sent to ${address}: ${why}`;
  return new ConnectionError('NODE_LEFT', message, factsOf(command, 'no', address));
}
