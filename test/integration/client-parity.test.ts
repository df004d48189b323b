import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { CommandFlag } from '../../src/commands/command-spec.ts';
import { findCommand, resolveSpec } from '../../src/commands/command-table.ts';
import { ReplyError, UsageError } from '../../src/errors.ts';
import { type CorpusRow, commandCorpus } from '../helpers/command-corpus.ts';
import { type LoneServer, startLoneServer } from '../helpers/lone-server.ts';

let server: LoneServer;
let client2: ClusterClient;
let client3: ClusterClient;
/** What this server has, upper case, a space before the subcommand. */
const known = new Set<string>();

/** They would end, empty or stop for a while the cluster that the other rows need, or have no reply of their own. */
const disturbing: ReadonlySet<string> = new Set(['SHUTDOWN', 'DEBUG', 'MULTI', 'EXEC', 'DISCARD', 'CLIENT KILL']);

interface Entry {
  readonly name: string;
  readonly flags: number;
  /** It only reads keys; what reads the state of its own connection needs that connection prepared. */
  readonly isReadOfKeys: boolean;
  readonly row: CorpusRow;
}

function collectNames(entries: unknown): void {
  if (!Array.isArray(entries)) return;
  for (const entry of entries) {
    if (!Array.isArray(entry)) continue;
    known.add(String(entry[0]).toUpperCase().replace('|', ' '));
    collectNames(entry[9]);
  }
}

/** The rows that a shared client takes: those that change their connection have tests of their own. */
function entries(): Entry[] {
  const taken: Entry[] = [];
  for (const row of commandCorpus) {
    const base = findCommand(row.call[0] ?? '');
    if (base === undefined) continue;
    const { name, flags, keySpecs } = resolveSpec(base, row.call.slice(1));
    const words = [row.call, ...row.setup];
    const isOurs = words.every((call) => isTaken(call));
    if (isOurs && known.has(name))
      taken.push({ name, flags, isReadOfKeys: (flags & CommandFlag.readOnly) !== 0 && keySpecs.length > 0, row });
  }
  return taken;
}

function isTaken(call: readonly string[]): boolean {
  const base = findCommand(call[0] ?? '');
  if (base === undefined) return false;
  const spec = resolveSpec(base, call.slice(1));
  return (spec.flags & CommandFlag.connectionState) === 0 && !disturbing.has(spec.name) && !disturbing.has(base.name);
}

/** Lets what may vary vary, and nothing else. */
function mask(value: unknown, row: CorpusRow): unknown {
  if (value instanceof ReplyError) return `${value.code}: ${value.message.replace(/\d+/g, '#')}`;
  if (value instanceof UsageError) return value.message;
  if (row.isVolatile === 'nothing') return value;
  if (Array.isArray(value)) return value.map((element: unknown) => mask(element, row));
  if (typeof value === 'string') return row.isVolatile === 'text' ? 'text' : value.replace(/\d+(?:\.\d+)?/g, '#');
  if (typeof value === 'number' || typeof value === 'bigint') return 0;
  return value;
}

function isCallersOrServers(error: unknown): unknown {
  if (error instanceof ReplyError || error instanceof UsageError) return error;
  throw error;
}

async function prepare(client: ClusterClient, { row }: Entry): Promise<void> {
  await client.flushall();
  for (const [name = '', ...args] of row.setup) await client.call(name, ...args).catch(isCallersOrServers);
}

async function replyOf(client: ClusterClient, { row }: Entry, asBuffers: boolean): Promise<unknown> {
  const [name = '', ...args] = row.call;
  const call = asBuffers ? client.callBuffer(name, ...args) : client.call(name, ...args);
  return mask(await call.catch(isCallersOrServers), row);
}

/** Both ask in the same state: what only reads keys finds them unchanged, for anything else it is made anew. */
async function differences(chosen: readonly Entry[], asBuffers: boolean): Promise<string[]> {
  const found: string[] = [];
  for (const entry of chosen) {
    await prepare(client2, entry);
    const expected = await replyOf(client2, entry, asBuffers);
    if (!entry.isReadOfKeys) await prepare(client3, entry);
    const actual = await replyOf(client3, entry, asBuffers);
    try {
      expect(actual, entry.row.call.join(' ')).toStrictEqual(expected);
    } catch (error) {
      found.push(error instanceof Error ? error.message : String(error));
    }
  }
  return found;
}

beforeAll(async () => {
  // One node, so that the question which node is asked does not make replies differ.
  server = await startLoneServer();
  const seed = `127.0.0.1:${server.port}`;
  client2 = new ClusterClient(seed, { protocol: 2 });
  client3 = new ClusterClient(seed, { protocol: 3 });
  collectNames(await client2.command());
});

afterAll(async () => {
  client2?.destroy();
  client3?.destroy();
  await server?.stop();
});

describe('a client under RESP3', () => {
  it('replies as under RESP2 to every command of the corpus', async () => {
    const chosen = entries();
    expect(new Set(chosen.map(({ name }) => name)).size, server.version).toBeGreaterThanOrEqual(220);
    expect(await differences(chosen, false)).toEqual([]);
  });

  it('replies with the same Buffers', async () => {
    const chosen = entries().filter(
      ({ row, flags }) => row.isVolatile === 'nothing' && (flags & CommandFlag.blocking) === 0,
    );
    expect(await differences(chosen, true)).toEqual([]);
  });

  it('speaks RESP3 indeed', async () => {
    expect(await client3.client('INFO')).toMatch(/ resp=3\b/);
    expect(await client2.client('INFO')).toMatch(/ resp=2\b/);
  });

  it.each([2, 3] as const)(
    'gives hashes as objects, and what they hold as Buffers if asked (RESP%d)',
    async (protocol) => {
      const client = protocol === 2 ? client2 : client3;
      await client.del('hash');
      await client.hset(
        'hash',
        new Map([
          ['text', 'é'],
          ['__proto__', 'own'],
        ]),
      );
      const strings = await client.hgetall('hash');
      expect(Object.entries(strings)).toEqual([
        ['text', 'é'],
        ['__proto__', 'own'],
      ]);
      expect(await client.hgetallBuffer('hash')).toEqual(
        Object.fromEntries(Object.entries(strings).map(([field, value]) => [field, Buffer.from(value)])),
      );
      expect(await client.hgetall('no such hash')).toEqual({});
      await client.zadd('scores', 1.5, 'a');
      expect(await client.zscore('scores', 'a')).toBe('1.5');
      expect(await client.zscoreBuffer('scores', 'a')).toEqual(Buffer.from('1.5'));
      expect(await client.zrange('scores', 0, -1, 'WITHSCORES')).toEqual(['a', '1.5']);
      expect(await client.ping()).toBe('PONG');
      expect(await client.pingBuffer('x')).toEqual(Buffer.from('x'));
    },
  );
});
