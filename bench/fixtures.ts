import { createHash } from 'node:crypto';
import { openLink } from '../src/connection/link.ts';
import { keySlot } from '../src/slots/key-slot.ts';

/** Keys spread over all slots, each holding the same value. */
export interface Fixture {
  /** The key for the `i`th call; keys repeat after {@link Fixture.count}, a power of two. */
  keyOf(i: number): string;
  readonly count: number;
  /** For string keys; empty for containers. */
  readonly value: string;
  readonly fill: (key: string) => readonly string[];
}

function fixture(name: string, count: number, value: string, fill?: (key: string) => readonly string[]): Fixture {
  // Made when first used: what a worker does not need would only make its garbage collector slower.
  let keys: string[] | undefined;
  const mask = count - 1;
  return {
    keyOf: (i) => {
      keys ??= Array.from({ length: count }, (_, number) => `bench:${name}:${number}`);
      return keys[i & mask] as string;
    },
    count,
    value,
    fill: fill ?? ((key) => ['SET', key, value]),
  };
}

function ascii(length: number): string {
  return 'abcdefghijklmnopqrstuvwxyz0123456789'.repeat(Math.ceil(length / 36)).slice(0, length);
}

const thousand = Array.from({ length: 1000 }, (_, i) => `element-${i}`);
const addThousandEntries = "for i = 1, 1000 do redis.call('XADD', KEYS[1], '1-' .. i, 'field', 'entry-' .. i) end";

export const fixtures = {
  short: fixture('short', 8192, ascii(100)),
  medium: fixture('medium', 1024, ascii(10_000)),
  large: fixture('large', 16, ascii(1_000_000)),
  multibyte: fixture('multibyte', 8192, 'größe — размер — 大きさ 🎉 '.repeat(6).slice(0, 100)),
  counter: fixture('counter', 8192, '1000000'),
  list: fixture('list', 64, '', (key) => ['RPUSH', key, ...thousand]),
  hash: fixture('hash', 64, '', (key) => ['HSET', key, ...thousand.flatMap((name) => [name, name])]),
  /** Five keys of one slot each: `bench:group:7` and its four companions. */
  group: fixture('group', 8192, ascii(100)),
  /** What a scan has to find, among the keys of other fixtures. */
  many: fixture('many', 2 ** 20, 'x'),
  stream: fixture('stream', 64, '', (key) => ['EVAL', addThousandEntries, '1', key]),
};
/** The script that the nodes know: a GET, so that it compares with one. */
const getScript = "return redis.call('GET', KEYS[1])";
export const getScriptSha = createHash('sha1').update(getScript).digest('hex');

export type FixtureName = keyof typeof fixtures;

/** Which master serves a slot, asked once: nothing moves during a benchmark. */
export async function readSlotOwners(seed: string): Promise<(slot: number) => string> {
  const link = await openLink(seed);
  const ranges = (await link.call('CLUSTER', 'SLOTS')) as [number, number, [string, number]][];
  await link.close();
  const bySlot = Array.from({ length: 16384 }, () => '');
  for (const [first, last, [host, port]] of ranges) bySlot.fill(`${host}:${port}`, first, last + 1);
  return (slot) => bySlot[slot] as string;
}

/** Writes what the workloads read, replacing what was there. */
export async function fillFixtures(seed: string, names: readonly FixtureName[]): Promise<void> {
  const ownerOf = await readSlotOwners(seed);
  const links = new Map<string, ReturnType<typeof openLink>>();
  for (const name of names) {
    const { count, keyOf, fill } = fixtures[name];
    const replies: Promise<unknown>[] = [];
    for (let i = 0; i < count; i++) {
      const key = keyOf(i);
      const address = ownerOf(keySlot(key));
      const opening = links.get(address) ?? openLink(address);
      links.set(address, opening);
      const link = await opening;
      replies.push(link.call('DEL', key), link.call(...fill(key)));
      // Large fixtures wait now and then, so that neither side holds all of them at once.
      if (replies.length >= 20_000) await Promise.all(replies.splice(0));
    }
    await Promise.all(replies);
  }
  for (const opening of links.values()) {
    const link = await opening;
    await link.call('SCRIPT', 'LOAD', getScript);
    await link.close();
  }
}
