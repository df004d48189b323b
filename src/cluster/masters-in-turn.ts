import { Command, type CommandRoute, CommandState } from '../commands/command.ts';
import type { Executor } from './executor.ts';
import { ShardRoute } from './node-routes.ts';

/** Asks one master after the other, in random order, until one has something else than null: RANDOMKEY. */
export class MastersInTurn implements CommandRoute {
  readonly isFinal = false;
  readonly #executor: Executor;

  constructor(executor: Executor) {
    this.#executor = executor;
  }

  take(root: Command): void {
    const { topology } = this.#executor;
    const order = topology.shards.map((_, number) => ({ number, at: Math.random() })).sort((a, b) => a.at - b.at);
    const routes = order.map(({ number }) => new ShardRoute(this.#executor, topology, number));
    this.#ask(root, routes);
  }

  #ask(root: Command, [next, ...others]: readonly CommandRoute[]): void {
    if (root.isSettled) return;
    if (next === undefined) {
      root.resolve(null);
      return;
    }
    root.state = CommandState.inFlight;
    const { spec, args, settings, asBuffers, startedAt } = root;
    const onReply = (reply: unknown): void => {
      if (reply === null) this.#ask(root, others);
      else root.resolve(reply);
    };
    const onError = (error: Error): void => root.reject(error);
    const part = new Command(this.#executor, spec, args, -1, settings, asBuffers, startedAt, onReply, onError);
    part.route = next;
    part.sequence = root.sequence;
    this.#executor.submit(part);
  }
}
