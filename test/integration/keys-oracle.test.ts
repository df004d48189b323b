import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadFacts } from '../../scripts/generate/facts.ts';
import { grammarOf } from '../../scripts/generate/grammar.ts';
import { findCommand } from '../../src/commands/command-table.ts';
import { keyPositions } from '../../src/commands/keys.ts';
import { type Link, openLink } from '../../src/connection/link.ts';
import { ReplyError } from '../../src/errors.ts';
import { GrammarCalls, randomNumbers } from '../helpers/grammar-calls.ts';
import { type LoneServer, startLoneServer } from '../helpers/lone-server.ts';

const callsPerCommand = 16;
const seed = 20_241;

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

/** Full names of the commands that this server has: `get`, `config|set`. */
async function knownCommands(): Promise<ReadonlySet<string>> {
  const reply = await link.call('COMMAND', 'LIST');
  const names = Array.isArray(reply) ? reply.map(String) : [];
  return new Set(names);
}

/** What the server takes for keys, sorted; null if it does not accept the call. */
async function serverKeys(call: readonly string[]): Promise<string[] | null> {
  try {
    const reply = await link.call('COMMAND', 'GETKEYS', ...call);
    return Array.isArray(reply) ? reply.map(String).sort() : [];
  } catch (error) {
    if (!(error instanceof ReplyError)) throw error;
    return /no key arguments/i.test(error.message) ? [] : null;
  }
}

function ourKeys(name: string, args: readonly string[]): string[] {
  const spec = findCommand(name);
  if (spec === undefined) throw new Error(`the table lacks ${name}`);
  return keyPositions(spec, args, { includeNotKeys: false })
    .map((position) => args[position] ?? '?')
    .sort();
}

describe('keys', () => {
  test('are what COMMAND GETKEYS of the server says, for every command with keys', async () => {
    const known = await knownCommands();
    const random = randomNumbers(seed);
    const calls = new GrammarCalls(random);
    const covered = new Set<string>();
    let refused = 0;
    let compared = 0;
    const wrong: string[] = [];
    const keyed = loadFacts().filter((fact) => fact.key_specs.length > 0 && known.has(fact.name));
    for (const fact of keyed) {
      const [name = '', ...subcommand] = fact.name.split('|');
      for (let i = 0; i < callsPerCommand; i++) {
        const args = [...subcommand, ...calls.write(grammarOf(fact))];
        const theirs = await serverKeys([name, ...args]);
        if (theirs === null) {
          refused++;
          continue;
        }
        covered.add(fact.name);
        compared++;
        const ours = ourKeys(name, args);
        if (ours.join('\n') !== theirs.join('\n')) {
          wrong.push(`${name} ${args.join(' ')}: ours ${ours.join(' ')}; the server's ${theirs.join(' ')}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(keyed.filter((fact) => !covered.has(fact.name)).map((fact) => fact.name)).toEqual([]);
    // A few calls suit newer servers only, or, like MIGRATE with both a key and KEYS, the grammar but no server.
    expect(refused).toBeLessThan(compared / 50);
    expect(compared).toBeGreaterThan(1000);
  });
});
