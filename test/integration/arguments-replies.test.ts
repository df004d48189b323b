import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CommandFact, loadFacts } from '../../scripts/generate/facts.ts';
import { handWritten } from '../../scripts/generate/methods.ts';
import { type ReplyVariant, repliesOf } from '../../scripts/generate/replies.ts';
import { flattenArguments } from '../../src/commands/arguments.ts';
import { findCommand, resolveSpec } from '../../src/commands/command-table.ts';
import { type Link, openLink } from '../../src/connection/link.ts';
import { ReplyError } from '../../src/errors.ts';
import { type CorpusRow, commandCorpus } from '../helpers/command-corpus.ts';
import { type LoneServer, startLoneServer } from '../helpers/lone-server.ts';
import { replyTypeCheck } from '../helpers/reply-type.ts';

let server: LoneServer;
let link: Link;

beforeAll(async () => {
  server = await startLoneServer();
  link = await openLink(`127.0.0.1:${server.port}`);
});

afterAll(async () => {
  await link?.close();
  await server?.stop();
});

function factOf(call: readonly string[], facts: ReadonlyMap<string, CommandFact>): CommandFact | undefined {
  const [name = '', subcommand = ''] = call.map((word) => word.toLowerCase());
  return facts.get(`${name}|${subcommand}`) ?? facts.get(name);
}

/** Transactions and subscriptions, whose replies are no single command's. */
function isHandWritten(words: readonly string[]): boolean {
  return handWritten.has((words[0] ?? '').toLowerCase());
}

/** The overloads that the call may be of, as far as its tokens tell. */
function variantsFor(fact: CommandFact, call: readonly string[]): readonly ReplyVariant[] {
  const has = (name: string) => call.includes(name);
  const isToken = (name: string) => name === name.toUpperCase();
  return repliesOf(fact).filter(
    ({ given = [], left = [] }) => given.filter(isToken).every(has) && !left.filter(isToken).some(has),
  );
}

async function replyTo(row: CorpusRow): Promise<unknown> {
  await link.call('FLUSHALL');
  for (const words of row.setup) await link.call(...words);
  return link.call(...row.call);
}

describe('reply types', () => {
  test('are told apart', () => {
    expect(replyTypeCheck('[id: Bulk, fields: Bulk[]][]')([['1-1', ['f', 'v']]])).toBe(true);
    expect(replyTypeCheck('[id: Bulk, fields: Bulk[]][]')([['1-1', ['f', 1]]])).toBe(false);
    expect(replyTypeCheck('[id: Bulk, ...rest: (number | null)[]]')(['a', 1, null])).toBe(true);
    expect(replyTypeCheck('[id: Bulk, ...rest: (number | null)[]]')(['a', 'b'])).toBe(false);
    expect(replyTypeCheck("'OK' | null")('KO')).toBe(false);
    expect(replyTypeCheck('0 | 1')(2)).toBe(false);
    expect(replyTypeCheck('Record<string, Bulk>')({ a: 'b' })).toBe(true);
    expect(replyTypeCheck('Record<string, Bulk>')(['a', 'b'])).toBe(false);
  });

  test('are those of what a real server replies, for the whole corpus', async () => {
    const facts = new Map(loadFacts().map((fact) => [fact.name, fact]));
    const wrong: string[] = [];
    const covered = new Set<string>();
    for (const row of commandCorpus) {
      const fact = factOf(row.call, facts);
      const base = findCommand(row.call[0] ?? '');
      if (fact === undefined || base === undefined || row.setup.concat([row.call]).some(isHandWritten)) continue;
      const spec = resolveSpec(base, row.call.slice(1));
      try {
        // A valid call passes our own check of the arguments.
        const args = flattenArguments(spec, row.call.slice(1));
        const raw = await replyTo({ ...row, call: [base.name, ...args.map(String)] });
        const reply = spec.transformReply === undefined ? raw : spec.transformReply(raw);
        covered.add(fact.name);
        const types = variantsFor(fact, row.call).map((variant) => variant.reply);
        if (!types.some((type) => replyTypeCheck(type)(reply))) {
          wrong.push(`${row.call.join(' ')}: ${JSON.stringify(reply).slice(0, 200)} is not ${types.join(' or ')}`);
        }
      } catch (error) {
        // Commands that this server lacks, and rows about errors.
        if (!(error instanceof ReplyError)) wrong.push(`${row.call.join(' ')}: ${String(error)}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(covered.size).toBeGreaterThan(200);
  });
});
