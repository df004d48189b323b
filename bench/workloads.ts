import type { FixtureName } from './fixtures.ts';
import { fixtures, getScriptSha } from './fixtures.ts';
import type { Operations } from './operations.ts';

/** One row of the benchmark. Add a row here and it is measured, printed and drawn like the others. */
export interface Workload {
  /** For `--workload`, and the name in the JSON file. */
  readonly name: string;
  readonly title: string;
  /** Calls that wait for their reply at the same time. */
  readonly inFlight: number;
  /** What one call counts for: keys, where it has many. */
  readonly commandsPerCall: number;
  /** Bytes of value that one command moves; given where bytes a second say more than commands a second. */
  readonly valueBytes?: number;
  readonly isQuick: boolean;
  /** Single GETs and SETs of short ASCII text: all that the prototype can do. */
  readonly isPlain: boolean;
  readonly fixture: FixtureName;
  /** The one call that is measured, the `i`th of its run; undefined where the client cannot do it. */
  call(operations: Operations, i: number): Promise<unknown> | undefined;
  isRight(reply: unknown): boolean;
  /** The same on the wire for the bare sockets: each command as its parts. Absent where a call depends on replies. */
  wire?(i: number): readonly Parts[];
}

type Parts = readonly (string | Buffer)[];
type Row = Omit<Workload, 'commandsPerCall' | 'isQuick' | 'isPlain'> & Partial<Workload>;

function row(given: Row): Workload {
  return { commandsPerCall: 1, isQuick: false, isPlain: false, ...given };
}

/** How many entries a reply has, whatever container the client chose for it. */
function sizeOf(reply: unknown): number {
  if (Array.isArray(reply)) return reply.length;
  return typeof reply === 'object' && reply !== null ? Object.keys(reply).length : -1;
}

function getRow(
  name: string,
  title: string,
  fixture: FixtureName,
  inFlight: number,
  extra: Partial<Workload> = {},
): Workload {
  const { keyOf, value } = fixtures[fixture];
  return row({
    name,
    title,
    inFlight,
    fixture,
    call: (operations, i) => operations.get(keyOf(i)),
    isRight: (reply) => reply === value,
    wire: (i) => [['GET', keyOf(i)]],
    ...extra,
  });
}

function setRow(
  name: string,
  title: string,
  fixture: FixtureName,
  inFlight: number,
  extra: Partial<Workload> = {},
): Workload {
  const { keyOf, value } = fixtures[fixture];
  return row({
    name,
    title,
    inFlight,
    fixture,
    call: (operations, i) => operations.set(keyOf(i), value),
    isRight: (reply) => reply === 'OK',
    wire: (i) => [['SET', keyOf(i), value]],
    ...extra,
  });
}

function lookInto(reply: unknown): unknown {
  if (typeof reply === 'string') reply.charCodeAt(reply.length >> 1);
  return reply;
}

function bufferRows(size: string, fixture: FixtureName, inFlight: number): Workload[] {
  const { keyOf, value } = fixtures[fixture];
  const bytes = Buffer.from(value);
  const valueBytes = bytes.length;
  return [
    getRow(`get-${size}`, `GET ${size} as string, ${inFlight} in flight`, fixture, inFlight, {
      valueBytes,
      // Looked into, as callers do: some clients join long strings from pieces, which is paid for when somebody looks.
      call: (operations, i) => operations.get(keyOf(i)).then(lookInto),
    }),
    getRow(`get-${size}-buffer`, `GET ${size} as Buffer, ${inFlight} in flight`, fixture, inFlight, {
      valueBytes,
      call: (operations, i) => operations.getBuffer(keyOf(i)),
      isRight: (reply) => Buffer.isBuffer(reply) && reply.equals(bytes),
    }),
    setRow(`set-${size}`, `SET ${size} as string, ${inFlight} in flight`, fixture, inFlight, { valueBytes }),
    setRow(`set-${size}-buffer`, `SET ${size} as Buffer, ${inFlight} in flight`, fixture, inFlight, {
      valueBytes,
      call: (operations, i) => operations.set(keyOf(i), bytes),
      wire: (i) => [['SET', keyOf(i), bytes]],
    }),
  ];
}

function keysFrom(fixture: FixtureName, first: number, count: number): string[] {
  return Array.from({ length: count }, (_, offset) => fixtures[fixture].keyOf(first + offset));
}

// The same hundred groups again and again: building lists of keys is not what is measured.
const groupOf100 = grouped(64, (group) => keysFrom('short', group * 100, 100));
const groupOf1000 = grouped(8, (group) => keysFrom('short', group * 1000, 1000));

/** Gives the `i`th of `count` groups (a power of two), again and again; they are made when first used. */
function grouped(count: number, make: (group: number) => string[]): (i: number) => readonly string[] {
  let groups: string[][] | undefined;
  return (i) => {
    groups ??= Array.from({ length: count }, (_, group) => make(group));
    return groups[i & (count - 1)] as string[];
  };
}

const manyKeys: Workload[] = [
  row({
    name: 'mget-100',
    title: 'mget of 100 keys over all slots, 1 call at a time',
    inFlight: 1,
    commandsPerCall: 100,
    isQuick: true,
    fixture: 'short',
    call: (operations, i) => operations.mget(groupOf100(i)),
    isRight: (reply) => sizeOf(reply) === 100,
    wire: (i) => groupOf100(i).map((key) => ['GET', key]),
  }),
  row({
    name: 'all-1000',
    title: 'Promise.all of 1,000 gets',
    inFlight: 1,
    commandsPerCall: 1000,
    isQuick: true,
    isPlain: true,
    fixture: 'short',
    call: (operations, i) => Promise.all(groupOf1000(i).map((key) => operations.get(key))),
    isRight: (reply) => sizeOf(reply) === 1000,
    wire: (i) => groupOf1000(i).map((key) => ['GET', key]),
  }),
  row({
    name: 'pipeline-100',
    title: 'pipeline of 100 GETs over all slots',
    inFlight: 1,
    commandsPerCall: 100,
    fixture: 'short',
    call: (operations, i) => operations.pipeline?.(groupOf100(i)),
    isRight: (reply) => sizeOf(reply) === 100,
    wire: (i) => groupOf100(i).map((key) => ['GET', key]),
  }),
];

function containerRow(name: string, title: string, fixture: FixtureName, given: Pick<Row, 'call' | 'wire'>): Workload {
  return row({ name, title, inFlight: 16, fixture, isRight: (reply) => sizeOf(reply) === 1000, ...given });
}

const containers: Workload[] = [
  containerRow('lrange-1000', 'LRANGE of 1,000 elements, 16 in flight', 'list', {
    call: (operations, i) => operations.lrange(fixtures.list.keyOf(i), 0, -1),
    wire: (i) => [['LRANGE', fixtures.list.keyOf(i), '0', '-1']],
  }),
  containerRow('hgetall-1000', 'HGETALL of 1,000 fields, 16 in flight', 'hash', {
    call: (operations, i) => operations.hgetall(fixtures.hash.keyOf(i)),
    wire: (i) => [['HGETALL', fixtures.hash.keyOf(i)]],
  }),
  containerRow('xrange-1000', 'XRANGE of 1,000 entries, 16 in flight', 'stream', {
    call: (operations, i) => operations.xrange(fixtures.stream.keyOf(i)),
    wire: (i) => [['XRANGE', fixtures.stream.keyOf(i), '-', '+']],
  }),
];

const groupOf5 = grouped(8192, (group) =>
  Array.from({ length: 5 }, (_, member) => `{${fixtures.group.keyOf(group)}}:${member}`),
);
const groupValue = fixtures.group.value;

const together: Workload[] = [
  row({
    name: 'multi-5',
    title: 'MULTI of 5 SETs, 16 in flight',
    inFlight: 16,
    commandsPerCall: 5,
    fixture: 'group',
    call: (operations, i) => operations.transaction?.(groupOf5(i), groupValue),
    isRight: (reply) => sizeOf(reply) === 5,
    wire: (i) => [['MULTI'], ...groupOf5(i).map((key): Parts => ['SET', key, groupValue]), ['EXEC']],
  }),
  row({
    name: 'evalsha-64',
    title: 'EVALSHA of a script that GETs 100 B, 64 in flight',
    inFlight: 64,
    fixture: 'short',
    call: (operations, i) => operations.script?.(getScriptSha, fixtures.short.keyOf(i)),
    isRight: (reply) => reply === fixtures.short.value,
    wire: (i) => [['EVALSHA', getScriptSha, '1', fixtures.short.keyOf(i)]],
  }),
  row({
    name: 'scan-1M',
    title: 'scan of 1,000,000 keys',
    inFlight: 1,
    commandsPerCall: fixtures.many.count,
    fixture: 'many',
    call: (operations) => operations.scan?.(),
    isRight: (reply) => typeof reply === 'number' && reply >= fixtures.many.count,
  }),
];

export const workloads: readonly Workload[] = [
  getRow('get-1', 'GET 100 B, 1 in flight', 'short', 1, { isQuick: true, isPlain: true }),
  getRow('get-64', 'GET 100 B, 64 in flight', 'short', 64, { isQuick: true, isPlain: true }),
  getRow('get-1000', 'GET 100 B, 1,000 in flight', 'short', 1000, { isQuick: true, isPlain: true }),
  setRow('set-1', 'SET 100 B, 1 in flight', 'short', 1, { isPlain: true }),
  setRow('set-64', 'SET 100 B, 64 in flight', 'short', 64, { isQuick: true, isPlain: true }),
  setRow('set-1000', 'SET 100 B, 1,000 in flight', 'short', 1000, { isPlain: true }),
  ...manyKeys,
  ...bufferRows('10kB', 'medium', 64),
  ...bufferRows('1MB', 'large', 4),
  getRow('get-multibyte', 'GET 100 characters beyond ASCII, 64 in flight', 'multibyte', 64),
  setRow('set-multibyte', 'SET 100 characters beyond ASCII, 64 in flight', 'multibyte', 64),
  row({
    name: 'incr-64',
    title: 'INCR, 64 in flight',
    inFlight: 64,
    fixture: 'counter',
    call: (operations, i) => operations.incr(fixtures.counter.keyOf(i)),
    isRight: (reply) => typeof reply === 'number' && reply > 1_000_000,
    wire: (i) => [['INCR', fixtures.counter.keyOf(i)]],
  }),
  ...containers,
  ...together,
];
