import { createServer } from 'node:net';
import { UsageError } from '../errors.ts';
import type { Watchdog } from './watchdog.ts';

/** Where a node listens for clients and for the other nodes. */
export interface PortPair {
  readonly port: number;
  readonly busPort: number;
}

/** Gives ports that no one uses, one pair after the other. */
export interface PortSource {
  next(): Promise<PortPair>;
}

// Below the range from which systems take ports of outgoing connections (32768 on, 49152 on), bus ports included.
const FIRST_PORT = 12_000;
const BLOCK_COUNT = 250;
const BLOCK_SIZE = 40;

/**
 * Ports in blocks of forty. The watchdog listens on the first port of a block for as long as the cluster lives, and whoever
 * finds that port taken leaves the block alone: so clusters of other processes never use each other's ports, not even those
 * of a node that is down for the moment, and the kernel frees the block whatever happens to its holder.
 */
export class BlockPorts implements PortSource {
  readonly #watchdog: Watchdog;
  #queue: PortPair[] = [];
  #gate: Promise<unknown> = Promise.resolve();

  constructor(watchdog: Watchdog) {
    this.#watchdog = watchdog;
  }

  next(): Promise<PortPair> {
    const turn = this.#gate.then(() => this.#take());
    this.#gate = turn.catch(() => {});
    return turn;
  }

  async #take(): Promise<PortPair> {
    for (;;) {
      const pair = this.#queue.shift();
      if (pair === undefined) this.#queue = await this.#holdBlock();
      else if (await isFree(pair)) return pair;
    }
  }

  async #holdBlock(): Promise<PortPair[]> {
    const offset = Math.floor(Math.random() * BLOCK_COUNT);
    for (let i = 0; i < BLOCK_COUNT; i++) {
      const first = FIRST_PORT + ((offset + i) % BLOCK_COUNT) * BLOCK_SIZE;
      try {
        await this.#watchdog.ask({ action: 'hold', port: first });
      } catch {
        continue;
      }
      return Array.from({ length: BLOCK_SIZE - 1 }, (_, n) => pairOf(first + 1 + n));
    }
    throw new UsageError(
      'NO_PORTS',
      `no block of free ports from ${FIRST_PORT} to ${FIRST_PORT + BLOCK_COUNT * BLOCK_SIZE - 1}: too many clusters run here`,
    );
  }
}

/** Consecutive ports from a given one on; a port in use is an error, because the caller counts on exactly these. */
export class GivenPorts implements PortSource {
  #next: number;

  constructor(basePort: number) {
    if (!Number.isInteger(basePort) || basePort < 1024 || basePort > 65_000) {
      throw new UsageError('USAGE', `the base port must be between 1024 and 65000, not ${basePort}`);
    }
    this.#next = basePort;
  }

  async next(): Promise<PortPair> {
    const pair = pairOf(this.#next++);
    if (await isFree(pair)) return pair;
    throw new UsageError(
      'PORT_IN_USE',
      `port ${pair.port} or its bus port ${pair.busPort} is in use: stop what listens there or choose another base port`,
    );
  }
}

function pairOf(port: number): PortPair {
  const usual = port + 10_000;
  return { port, busPort: usual > 65_535 ? port - 10_000 : usual };
}

/** Whether a server could listen on both at this moment. */
export async function isFree(pair: PortPair): Promise<boolean> {
  return (await canListen(pair.port)) && (await canListen(pair.busPort));
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
