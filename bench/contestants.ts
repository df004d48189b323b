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

export const contestants: readonly ContestantEntry[] = [
  { name: 'slotwise', specifier: slotwiseSpecifier, connect: connectSlotwise },
  { name: 'ioredis', specifier: 'ioredis', connect: connectIoredis('ioredis') },
  { name: 'iovalkey', specifier: 'iovalkey', connect: connectIoredis('iovalkey') },
  { name: 'node-redis', specifier: 'redis', connect: connectNodeRedis },
  { name: 'valkey-glide', specifier: '@valkey/valkey-glide', connect: connectGlide },
];
