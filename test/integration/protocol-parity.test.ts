import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReplyError } from '../../src/errors.ts';
import { normaliseReply } from '../../src/protocol/normalise-reply.ts';
import { type CorpusRow, commandCorpus } from '../helpers/command-corpus.ts';
import { type LoneServer, startLoneServer } from '../helpers/lone-server.ts';
import { RawLink } from '../helpers/raw-link.ts';

let server: LoneServer;
let resp2: RawLink;
let resp3: RawLink;
/** Names as the server has them, upper case, a space before the subcommand. */
const known = new Set<string>();
/** Those of them that change nothing. */
const readOnly = new Set<string>();

function collectNames(entries: unknown): void {
  if (!Array.isArray(entries)) return;
  for (const entry of entries) {
    if (!Array.isArray(entry)) continue;
    const name = String(entry[0]).toUpperCase().replace('|', ' ');
    known.add(name);
    if (Array.isArray(entry[2]) && entry[2].includes('readonly')) readOnly.add(name);
    collectNames(entry[9]);
  }
}

function nameOf(call: readonly string[]): string | undefined {
  const name = (call[0] ?? '').toUpperCase();
  const withSubcommand = `${name} ${(call[1] ?? '').toUpperCase()}`;
  if (known.has(withSubcommand)) return withSubcommand;
  const isContainer = [...known].some((other) => other.startsWith(`${name} `));
  return known.has(name) && (!isContainer || call.length === 1) ? name : undefined;
}

/** Lets what may vary vary, and nothing else. */
function mask(value: unknown, row: CorpusRow): unknown {
  if (row.isVolatile === 'nothing') return value;
  if (Array.isArray(value)) return value.map((element: unknown) => mask(element, row));
  if (typeof value === 'string') return row.isVolatile === 'text' ? 'text' : value.replace(/\d+(?:\.\d+)?/g, '#');
  if (typeof value === 'number' || typeof value === 'bigint') return 0;
  return value;
}

function errorsAsText(value: unknown): unknown {
  if (value instanceof ReplyError) return `${value.name} ${value.code}: ${value.message}`;
  return Array.isArray(value) ? value.map(errorsAsText) : value;
}

async function reset(link: RawLink): Promise<void> {
  await link.call('DISCARD').catch(() => undefined);
  await link.call('UNWATCH');
  await link.call('CLIENT', 'TRACKING', 'OFF');
  await link.call('FLUSHALL');
}

async function prepare(link: RawLink, row: CorpusRow): Promise<void> {
  await reset(link);
  for (const command of row.setup) await link.call(...command).catch(() => undefined);
}

async function ask(link: RawLink, row: CorpusRow, asBuffers: boolean): Promise<unknown> {
  link.asBuffers = asBuffers;
  const reply = await link.call(...row.call).catch((error: unknown) => error);
  link.asBuffers = false;
  if (reply instanceof Error && !(reply instanceof ReplyError)) throw reply;
  return reply;
}

/** Asks both links in the same state: what only reads finds it unchanged, for anything else it is made anew. */
async function compare(row: CorpusRow, name: string, asBuffers: boolean): Promise<void> {
  await prepare(resp2, row);
  const expected = await ask(resp2, row, asBuffers);
  if (!readOnly.has(name)) await prepare(resp3, row);
  const actual = normaliseReply({ name }, await ask(resp3, row, asBuffers), asBuffers);
  expect(mask(errorsAsText(actual), row), row.call.join(' ')).toStrictEqual(mask(errorsAsText(expected), row));
}

beforeAll(async () => {
  server = await startLoneServer({ 'enable-debug-command': 'yes', 'enable-module-command': 'yes' });
  resp2 = await RawLink.open(server.port, 2);
  resp3 = await RawLink.open(server.port, 3);
  collectNames(await resp2.call('COMMAND'));
});

afterAll(async () => {
  resp2?.close();
  resp3?.close();
  await server?.stop();
});

describe('every command of the corpus', () => {
  it('gives deeply equal replies under RESP2 and RESP3', async () => {
    const differences: string[] = [];
    for (const row of commandCorpus) {
      const name = nameOf(row.call);
      if (name === undefined) continue;
      await compare(row, name, false).catch((error: Error) => differences.push(error.message));
    }
    expect(differences).toEqual([]);
  });

  it('gives deeply equal replies under RESP2 and RESP3 as Buffers', async () => {
    const differences: string[] = [];
    for (const row of commandCorpus) {
      const name = nameOf(row.call);
      if (name === undefined || row.isVolatile !== 'nothing') continue;
      await compare(row, name, true).catch((error: Error) => differences.push(error.message));
    }
    expect(differences).toEqual([]);
  });

  it('covers at least 250 commands and subcommands of this server', () => {
    const covered = new Set(commandCorpus.map((row) => nameOf(row.call)).filter((name) => name !== undefined));
    expect(covered.size, server.version).toBeGreaterThanOrEqual(250);
  });
});
