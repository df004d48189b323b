import type { Command, CommandRoute } from '../commands/command.ts';
import { factsOf } from '../commands/command-error.ts';
import { ConnectionError } from '../errors.ts';
import { SLOT_COUNT } from '../slots/key-slot.ts';
import type { Topology } from '../topology/topology.ts';
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
  /** What was known when the command was issued. */
  readonly #before: Topology;
  /** The shard's number in that. */
  readonly #number: number;

  constructor(executor: Executor, before: Topology, number: number) {
    this.#executor = executor;
    this.#before = before;
    this.#number = number;
  }

  take(command: Command): void {
    const { routes } = this.#executor;
    const number = successorOf(this.#before, this.#number, routes.topology);
    const node = number === undefined ? undefined : routes.masters[number];
    if (node !== undefined) node.dispatch(command);
    else command.reject(nodeLeft(command, this.#before.shards[this.#number]?.master.address, 'its shard is gone'));
  }
}

/**
 * What has become of a shard of an earlier topology: the number of the shard whose master is one of its nodes. A replica may
 * have been promoted before any server listed it; then its slots are all at a master that is new. Undefined if the shard is
 * gone, its slots taken over by others.
 */
export function successorOf(before: Topology, number: number, now: Topology): number | undefined {
  const shard = before.shards[number];
  if (before === now || shard === undefined) return number;
  const members = new Set([shard.master, ...shard.replicas].map((node) => node.address));
  const byMember = now.shards.findIndex(({ master }) => members.has(master.address));
  if (byMember !== -1) return byMember;
  let slot = 0;
  while (slot < SLOT_COUNT && before.shardNumber(slot) !== number) slot++;
  const heir = now.shardOf(slot);
  if (heir === undefined || before.shards.some(({ master }) => master.address === heir.master.address))
    return undefined;
  return now.shardNumber(slot);
}

function nodeLeft(command: Command, address: string | undefined, why: string): ConnectionError {
  const message = `${command.spec.name} was not sent to ${address ?? 'its node'}: ${why}`;
  return new ConnectionError('NODE_LEFT', message, factsOf(command, 'no', address));
}
