import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { policyOf } from '../../../src/cluster/policies.ts';
import { CommandFlag, type CommandSpec } from '../../../src/commands/command-spec.ts';
import { allCommands } from '../../../src/commands/command-table.ts';

const words = {
  allShards: 'all masters',
  allNodes: 'all nodes',
  anyNode: 'any node',
  chosenNode: 'refused',
  mastersInTurn: 'masters in turn',
  slotArgument: 'the slot’s master',
} as const;

/** What docs/routing.md says, by command. */
function documented(): Map<string, string> {
  const text = readFileSync(new URL('../../../docs/routing.md', import.meta.url), 'utf8');
  const rows = new Map<string, string>();
  for (const [, names = '', destination = ''] of text.matchAll(/^\| (`[A-Z].*?) \| (.*?) \|/gm)) {
    for (const [, name = ''] of names.matchAll(/`(.*?)`/g)) {
      expect(rows.has(name), `${name} stands in two rows`).toBe(false);
      rows.set(name, destination.replace("'", '’'));
    }
  }
  return rows;
}

/** Everything that can be called: subcommands, and commands without any (COMMAND is both). */
function* callable(): Iterable<CommandSpec> {
  for (const spec of allCommands()) {
    if (spec.subcommands === undefined || spec.arity === -1) yield spec;
    if (spec.subcommands !== undefined) yield* spec.subcommands.values();
  }
}

function destinationOf(spec: CommandSpec): string | undefined {
  if ((spec.flags & CommandFlag.connectionState) !== 0 || spec.name.endsWith(' HELP')) return undefined;
  if (spec.requestPolicy === 'multiShard') return 'split by slot';
  if (spec.keySpecs.length > 0) return undefined;
  return words[policyOf(spec, spec.name.split(' ').slice(1)).to];
}

describe('docs/routing.md', () => {
  it('says of every command without one slot of its own where it goes', () => {
    const expected = new Map<string, string>();
    for (const spec of callable()) {
      const destination = destinationOf(spec);
      if (destination !== undefined) expected.set(spec.name, destination);
    }
    expect(expected.size).toBeGreaterThan(120);
    expect(Object.fromEntries(documented())).toEqual(Object.fromEntries(expected));
  });
});
