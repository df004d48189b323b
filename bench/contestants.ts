import { connectIoredis } from './clients/ioredis.ts';
import { connectNodeRedis } from './clients/node-redis.ts';
import { connectSlotwise, slotwiseSpecifier } from './clients/slotwise.ts';
import { connectGlide } from './clients/valkey-glide.ts';
import type { Connect } from './operations.ts';

export interface ContestantEntry {
  readonly name: string;
  /** What is imported: a package of bench/node_modules, or the built slotwise. */
  readonly specifier: string;
  /** With the client's defaults, wherever they work. */
  readonly connect: Connect;
}

/** The main file of another build of slotwise, to be measured beside this one; set by `--against`. */
export const AGAINST = 'SLOTWISE_BENCH_AGAINST';

function slotwiseOf(name: string, specifier: string): ContestantEntry {
  return { name, specifier, connect: connectSlotwise(specifier) };
}

export function listContestants(): ContestantEntry[] {
  const against = process.env[AGAINST];
  return [
    slotwiseOf('slotwise', slotwiseSpecifier),
    ...(against === undefined ? [] : [slotwiseOf('against', against)]),
    { name: 'ioredis', specifier: 'ioredis', connect: connectIoredis('ioredis') },
    { name: 'iovalkey', specifier: 'iovalkey', connect: connectIoredis('iovalkey') },
    { name: 'node-redis', specifier: 'redis', connect: connectNodeRedis },
    { name: 'valkey-glide', specifier: '@valkey/valkey-glide', connect: connectGlide },
  ];
}
