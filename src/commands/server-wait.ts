import { textOf } from '../util/text-of.ts';
import type { CommandSpec, WireArgument } from './command-spec.ts';

/** Where a command says how long the server may hold it. */
interface TimeoutPlace {
  /** Position in the caller's arguments. */
  readonly position: number;
  readonly unit: 'seconds' | 'milliseconds';
}

const lastSeconds = (args: readonly WireArgument[]): TimeoutPlace => ({ position: args.length - 1, unit: 'seconds' });
const firstSeconds = (): TimeoutPlace => ({ position: 0, unit: 'seconds' });

/** The commands with keys that may block, and where their timeouts stand. */
const places: ReadonlyMap<string, (args: readonly WireArgument[]) => TimeoutPlace | undefined> = new Map([
  ['BLMOVE', lastSeconds],
  ['BLMPOP', firstSeconds],
  ['BLPOP', lastSeconds],
  ['BRPOP', lastSeconds],
  ['BRPOPLPUSH', lastSeconds],
  ['BZMPOP', firstSeconds],
  ['BZPOPMAX', lastSeconds],
  ['BZPOPMIN', lastSeconds],
  ['XREAD', (args) => blockOption(args, 0)],
  ['XREADGROUP', (args) => blockOption(args, 3)],
]);

/** BLOCK among the options of XREAD: behind GROUP, group and consumer if it has these, before STREAMS. */
function blockOption(args: readonly WireArgument[], from: number): TimeoutPlace | undefined {
  for (let i = from; i + 1 < args.length; i++) {
    const word = textOf(args[i]).toUpperCase();
    if (word === 'STREAMS') return undefined;
    if (word === 'COUNT') i++;
    else if (word === 'BLOCK') return { position: i + 1, unit: 'milliseconds' };
  }
  return undefined;
}

/**
 * How long the server may hold this call, in milliseconds: Infinity for a timeout of 0, and for one that is no plain number
 * (the server refuses it at once, or knows better); undefined for a call that does not block, like XREAD without BLOCK.
 */
export function blockingTimeoutMs(spec: CommandSpec, args: readonly WireArgument[]): number | undefined {
  const place = places.get(spec.name)?.(args);
  return place === undefined ? undefined : timeoutAt(args, place);
}

function timeoutAt(args: readonly WireArgument[], { position, unit }: TimeoutPlace): number {
  const text = textOf(args[position]);
  const value = /^\d+(?:\.\d*)?$/.test(text) ? Number(text) : 0;
  return value === 0 ? Number.POSITIVE_INFINITY : value * (unit === 'seconds' ? 1000 : 1);
}

/**
 * The time for which one command may be held by servers, over all its attempts: when it is sent again because its node was lost
 * or its slot has moved, the new server is told what is left.
 */
export class ServerWait {
  readonly timeoutMs: number;
  readonly #place: TimeoutPlace;
  /** On the clock of `nowMs()`; the wait begins when the command is first sent. */
  #endsAt: number | undefined;

  private constructor(timeoutMs: number, place: TimeoutPlace) {
    this.timeoutMs = timeoutMs;
    this.#place = place;
  }

  /** Undefined for a call that does not block. */
  static of(spec: CommandSpec, args: readonly WireArgument[]): ServerWait | undefined {
    const place = places.get(spec.name)?.(args);
    return place === undefined ? undefined : new ServerWait(timeoutAt(args, place), place);
  }

  /** The arguments for an attempt that begins now. What is left is never 0, which would mean for ever. */
  argsAt(args: readonly WireArgument[], now: number): readonly WireArgument[] {
    if (this.timeoutMs === Number.POSITIVE_INFINITY) return args;
    if (this.#endsAt === undefined) {
      this.#endsAt = now + this.timeoutMs;
      return args;
    }
    const leftMs = Math.max(1, Math.ceil(this.#endsAt - now));
    const { position, unit } = this.#place;
    const left = [...args];
    left[position] = unit === 'seconds' ? (leftMs / 1000).toFixed(3) : String(leftMs);
    return left;
  }
}
