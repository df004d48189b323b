import type { Command } from '../commands/command.ts';
import { CommandFlag } from '../commands/command-spec.ts';
import type { Node } from '../connection/node.ts';
import type { Nodes } from '../connection/nodes.ts';
import { Topology, type TopologyNode } from '../topology/topology.ts';

/** A read that its caller allows replicas to serve: it keeps no order with the commands on the master. */
export function isReplicaRead(command: Command): boolean {
  return command.settings.readFrom !== 'master' && (command.spec.flags & CommandFlag.readOnly) !== 0;
}

/** From a command to the node that serves it, by the current topology. */
export class Routes {
  readonly #nodes: Nodes;
  #topology = Topology.empty;
  /** The master's node for each shard of the topology. */
  #masters: Node[] = [];
  #replicas: Node[][] = [];
  #turn = 0;

  constructor(nodes: Nodes) {
    this.#nodes = nodes;
  }

  get topology(): Topology {
    return this.#topology;
  }

  install(topology: Topology): void {
    this.#topology = topology;
    const at = (node: TopologyNode, isReplica: boolean) => this.#nodes.at(node, isReplica);
    this.#masters = topology.shards.map((shard) => at(shard.master, false));
    this.#replicas = topology.shards.map((shard) => shard.replicas.map((replica) => at(replica, true)));
  }

  masterOf(slot: number): Node | undefined {
    return this.#masters[this.#topology.shardNumber(slot)];
  }

  get masters(): readonly Node[] {
    return this.#masters;
  }

  /** The node for a read that may go to a replica; undefined if it may go to replicas only and there is none. */
  forReplicaRead(command: Command): Node | undefined {
    const number = this.#topology.shardNumber(command.slot);
    const replicas = this.#replicas[number] ?? [];
    const replica = this.#pick(replicas);
    if (replica !== undefined && (replica.isReady || command.attempts === 0)) return replica;
    return command.settings.readFrom === 'replica' ? replica : this.#masters[number];
  }

  hasReplica(slot: number): boolean {
    return (this.#replicas[this.#topology.shardNumber(slot)]?.length ?? 0) > 0;
  }

  /** Any node, for a command without keys. */
  anyNode(): Node | undefined {
    return this.#pick(this.#masters);
  }

  /** The next in turn, preferring nodes that are connected and answer. */
  #pick(nodes: readonly Node[]): Node | undefined {
    const count = nodes.length;
    if (count === 0) return undefined;
    this.#turn = (this.#turn + 1) % 0x3fffffff;
    for (let i = 0; i < count; i++) {
      const node = nodes[(this.#turn + i) % count] as Node;
      if (!node.isFailing) return node;
    }
    return nodes[this.#turn % count];
  }

  /** Whether a command in flight at `address` is at a node that serves its slot. */
  isServedBy(address: string, command: Command): boolean {
    if (command.slot === -1) return true;
    const shard = this.#topology.shardOf(command.slot);
    if (shard === undefined) return true;
    if (shard.master.address === address) return true;
    return isReplicaRead(command) && shard.replicas.some((replica) => replica.address === address);
  }

  isMaster(address: string): boolean {
    return this.#topology.shards.some((shard) => shard.master.address === address);
  }

  isKnown(address: string): boolean {
    return this.#topology.shards.some(
      (shard) => shard.master.address === address || shard.replicas.some((replica) => replica.address === address),
    );
  }
}
