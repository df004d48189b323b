import { executedBy, partialFailure } from '../cluster/fan-out-error.ts';
import type { CallSettings } from '../commands/command.ts';
import type { CommandSpec } from '../commands/command-spec.ts';
import { findCommand, unknownSpec } from '../commands/command-table.ts';
import { CommandMethods } from '../commands/generated/methods.ts';
import type { PromiseShape } from '../commands/shapes.ts';
import type { FanOutOutcome } from '../errors.ts';
import { type CallTarget, sendToNode } from './call.ts';

export type NodeRole = 'master' | 'replica';

/**
 * One node of the cluster, with the same methods as the client for that node alone: nothing is routed, redirected or sent again.
 * What the node answers is the caller's, MOVED included; if it cannot be reached or the connection is lost, a ConnectionError
 * says at once whether the command was executed. Replicas serve reads.
 *
 * It connects when it is first used, over the connections that the client has anyway. Once the node has left the cluster,
 * commands are rejected with a ConnectionError whose code is `NODE_LEFT`.
 */
export class NodeHandle extends CommandMethods<PromiseShape> {
  /** `host:port`. */
  readonly address: string;
  /** What the node was when the handle was made. (`role` is the command ROLE, which asks it.) */
  readonly isReplica: boolean;
  readonly #target: CallTarget;
  readonly #settings: CallSettings;

  /** @internal */
  constructor(target: CallTarget, settings: CallSettings, address: string, isReplica: boolean) {
    super();
    this.#target = target;
    this.#settings = settings;
    this.address = address;
    this.isReplica = isReplica;
  }

  protected send(spec: CommandSpec, args: unknown[], asBuffers: boolean): Promise<unknown> {
    return sendToNode(this.#target, this.address, spec, args, this.#settings, asBuffers);
  }

  /** Sends any command by its name to this node. */
  call(name: string, ...args: unknown[]): Promise<unknown> {
    return this.send(findCommand(name) ?? unknownSpec(name), args, false);
  }

  /** {@link call}, with the strings of the reply as Buffers. */
  callBuffer(name: string, ...args: unknown[]): Promise<unknown> {
    return this.send(findCommand(name) ?? unknownSpec(name), args, true);
  }
}

/**
 * Calls `use` with each node and resolves, when all are settled, with what it gave by address.
 * @throws FanOutError if it failed for any of them.
 */
export async function settleAll<T>(
  handles: readonly NodeHandle[],
  use: (node: NodeHandle) => Promise<T> | T,
): Promise<Map<string, T>> {
  const replies = new Map<string, T>();
  let hasFailed = false;
  const settle = async (node: NodeHandle): Promise<FanOutOutcome> => {
    const { address } = node;
    try {
      const reply = await use(node);
      replies.set(address, reply);
      return { address, executed: 'yes', reply };
    } catch (thrown) {
      hasFailed = true;
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      return { address, executed: executedBy(error), error };
    }
  };
  const outcomes = await Promise.all(handles.map(settle));
  if (hasFailed) throw partialFailure('onAll', outcomes);
  // In the order of the nodes, not of their answers.
  return new Map(handles.map(({ address }) => [address, replies.get(address) as T]));
}
