import type { Executor } from '../cluster/executor.ts';
import { type CallSettings, Command, type CommandRoute } from '../commands/command.ts';
import { CommandFlag, type CommandSpec, type WireArgument } from '../commands/command-spec.ts';
import { plainSpec } from '../commands/plain-spec.ts';
import { ConnectionError, ProtocolError, ReplyError, SlotwiseError } from '../errors.ts';
import { kindOfReplyError } from '../protocol/server-error.ts';
import { type Address, formatAddress } from '../util/address.ts';
import { backoffMs } from '../util/backoff.ts';
import { nowMs } from '../util/clock.ts';
import { type NodeLook, parseLook, parseRunId } from './node-look.ts';

const CLUSTER = plainSpec('CLUSTER', CommandFlag.readOnly);
const INFO = plainSpec('INFO', CommandFlag.readOnly);
/** A node that no topology lists (one that gets its first slots) is kept this long after it was last asked. */
const KEEP_MS = 10_000;
/** How often it is looked up, while a node owes an answer, whether it is still the one to ask. */
const WATCH_MS = 50;

/** The node can no longer be asked, or need not be: it is not the one that serves the slots. */
export class NodeGoneError extends SlotwiseError {}

/**
 * Asks one node, and no other: what MOVED is to a command with keys, {@link NodeGoneError} is here. A lost connection is dialled
 * again and the question repeated, until `timeoutMs` has passed or the node is not wanted any more. Only for reads.
 */
export class NodeAsker {
  readonly address: string;
  readonly #executor: Executor;
  readonly #where: Address;
  readonly #settings: CallSettings;
  readonly #isWanted: () => boolean;
  readonly #isAsking: boolean;

  /**
   * @param isWanted whether the node is still the one to ask, by what is known of the cluster now
   * @param isAsking whether it is asked for keys of a slot that it does not own yet
   */
  constructor(executor: Executor, where: Address, settings: CallSettings, isWanted: () => boolean, isAsking = false) {
    this.#executor = executor;
    this.#where = where;
    this.address = formatAddress(where.host, where.port);
    this.#settings = settings;
    this.#isWanted = isWanted;
    this.#isAsking = isAsking;
  }

  /** @throws NodeGoneError; a server's refusal; ConnectionError when it could not be asked within `timeoutMs`. */
  async ask(spec: CommandSpec, args: readonly WireArgument[], asBuffers: boolean): Promise<unknown> {
    const startedAt = nowMs();
    for (let attempt = 0; ; attempt++) {
      if (!this.#isWanted()) throw this.#gone();
      try {
        return await this.#askOnce(spec, args, asBuffers, startedAt);
      } catch (error) {
        if (!isPassing(error) || nowMs() - startedAt >= this.#settings.timeoutMs) throw error;
        this.#executor.requestRefresh('urgent');
        await new Promise((resolve) => setTimeout(resolve, backoffMs(attempt, 10, 100)));
      }
    }
  }

  async #askOnce(
    spec: CommandSpec,
    args: readonly WireArgument[],
    asBuffers: boolean,
    startedAt: number,
  ): Promise<unknown> {
    const command = new Command(this.#executor, spec, args, -1, this.#settings, asBuffers, startedAt);
    command.route = this.#route();
    command.isAsking = this.#isAsking;
    // A node that is frozen answers nothing, and others take over from it.
    const watch = setInterval(() => {
      if (!this.#isWanted()) command.reject(this.#gone());
    }, WATCH_MS);
    try {
      this.#executor.issue(command);
      return await command.promise;
    } finally {
      clearInterval(watch);
    }
  }

  #route(): CommandRoute {
    const node = this.#executor.nodes.at(this.#where);
    node.keepUntil = Math.max(node.keepUntil, nowMs() + KEEP_MS);
    return { isFinal: true, take: (command) => void node.dispatch(command) };
  }

  /** What the node says of itself now; both questions leave in one write. */
  async look(): Promise<NodeLook> {
    const [nodes, info] = await Promise.all([this.ask(CLUSTER, ['NODES'], false), this.#info()]);
    const look = parseLook(String(nodes), info);
    if (look !== undefined) return look;
    throw new ProtocolError('PROTOCOL', `${this.address} does not list itself in CLUSTER NODES`, {
      address: this.address,
    });
  }

  /** Names the server process: another one after every start. Empty where INFO is not allowed. */
  async runId(): Promise<string> {
    return parseRunId(await this.#info());
  }

  async #info(): Promise<string> {
    try {
      return String(await this.ask(INFO, ['server'], false));
    } catch (error) {
      if (error instanceof ReplyError) return '';
      throw error;
    }
  }

  #gone(): NodeGoneError {
    return new NodeGoneError('NODE_LEFT', `${this.address} no longer serves the slots`, { address: this.address });
  }
}

/** It may be over in a moment: the way to the node is lost, or the node is not ready. */
function isPassing(error: unknown): boolean {
  if (error instanceof ReplyError) {
    const kind = kindOfReplyError(error);
    return kind !== 'failed' && kind !== 'moved' && kind !== 'ask';
  }
  return error instanceof ConnectionError || error instanceof ProtocolError;
}
