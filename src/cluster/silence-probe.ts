import type { Command } from '../commands/command.ts';
import { CommandFlag } from '../commands/command-spec.ts';
import type { ConnectionOptions } from '../connection/connection-options.ts';
import type { Lane } from '../connection/lane.ts';
import { type OpeningLink, startLink } from '../connection/link.ts';
import { ConnectionError, ReplyError } from '../errors.ts';

/** Silence after which a node is asked on a new connection, if what waits longest is a read. */
const READ_SILENCE_MS = 2_000;
/** The same if it is not. Writes are held back by a node that is about to hand over, and it gives that up after 5 s. */
const OTHER_SILENCE_MS = 6_000;
/** A node has this long to answer on the new connection. */
const ANSWER_MS = 2_000;
/** After it has, the old connection may still carry what was on its way. */
const LAST_BYTES_MS = 100;

/**
 * Tells a connection that is dead without anyone saying so (a firewall or NAT has forgotten it) from a node that is busy: a node
 * that answers on a new connection while the old one stays silent does not answer there any more. The old one is then
 * destroyed, so that its commands settle by the delivery rules. A node that answers nowhere is left in peace.
 */
export class SilenceProbe {
  readonly #options: ConnectionOptions;
  readonly #running = new Map<Lane, OpeningLink>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** To be called again and again while a lane is silent with commands in flight. */
  check(lane: Lane, silentMs: number): void {
    if (silentMs < READ_SILENCE_MS || this.#running.has(lane)) return;
    if (silentMs < OTHER_SILENCE_MS && !isRead(oldestInFlight(lane))) return;
    const opening = startLink(lane.where, { ...this.#options, connectTimeoutMs: ANSWER_MS }, ANSWER_MS);
    this.#running.set(lane, opening);
    void this.#ask(lane, opening, silentMs);
  }

  async #ask(lane: Lane, opening: OpeningLink, silentMs: number): Promise<void> {
    try {
      const link = await opening.opened;
      await link.call('PING').catch(mustBeAlive);
      await new Promise((resolve) => setTimeout(resolve, LAST_BYTES_MS).unref());
      // A smaller number: something has arrived meanwhile, or it is another connection.
      if (lane.silentMs > silentMs) lane.reset(deadConnection(lane));
    } catch {
      // No answer there either: the node is busy, frozen or gone, and the next call asks again.
    } finally {
      opening.destroy();
      this.#running.delete(lane);
    }
  }

  stop(): void {
    for (const opening of this.#running.values()) opening.destroy();
  }
}

/** Any answer will do, but the one with which a server says that it is busy with a script. */
function mustBeAlive(error: unknown): void {
  if (!(error instanceof ReplyError) || error.code === 'BUSY') throw error;
}

function oldestInFlight(lane: Lane): Command | undefined {
  let oldest: Command | undefined;
  lane.forEachInFlight((command) => {
    oldest ??= command;
  });
  return oldest;
}

function isRead(command: Command | undefined): boolean {
  return command !== undefined && (command.spec.flags & CommandFlag.readOnly) !== 0;
}

function deadConnection(lane: Lane): ConnectionError {
  const { address, silentMs } = lane;
  const message = `${address}: connection lost: it was silent for ${silentMs} ms while the node answers on a new one`;
  return new ConnectionError('CONNECTION_LOST', message, { address });
}
