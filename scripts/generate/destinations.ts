import { readFileSync } from 'node:fs';
import { type Policy, policyOf } from '../../src/cluster/policies.ts';
import {
  CommandFlag,
  type CommandSpec,
  type RequestPolicy,
  type ResponsePolicy,
} from '../../src/commands/command-spec.ts';
import { plainSpec } from '../../src/commands/plain-spec.ts';
import { type CommandFact, displayName } from './facts.ts';
import { commandFlags, policies } from './table.ts';

const places: Readonly<Record<Policy['to'], string>> = {
  allNodes: 'all nodes',
  allShards: 'all masters',
  anyNode: 'any node',
  chosenNode: 'refused: choose a node',
  mastersInTurn: 'masters in turn',
  slotArgument: 'the slot’s master',
};

/** How a client has what is more than one request and one reply, and the page about it. */
const written: ReadonlyMap<string, { readonly method: string; readonly guide: string }> = new Map([
  ['multi', { method: 'multi()', guide: 'transactions.md' }],
  ['exec', { method: 'multi()….exec()', guide: 'transactions.md' }],
  ['discard', { method: 'multi()….discard()', guide: 'transactions.md' }],
  ['watch', { method: 'watch(keys, body)', guide: 'transactions.md' }],
  ['unwatch', { method: 'watch(keys, body)', guide: 'transactions.md' }],
  ['quit', { method: 'quit()', guide: 'getting-started.md' }],
]);

/** The method that stands for a command which is written by hand; undefined if the client has none. */
export function writtenMethod(fact: CommandFact): string | undefined {
  return written.get(fact.name)?.method;
}

/** Where the command goes and how replies become one, as a cell of the table of all commands. */
export function destination(fact: CommandFact, merged: ReadonlyMap<string, string>): string {
  const flags = commandFlags(fact);
  const guide = written.get(fact.name)?.guide;
  if (guide !== undefined) return `see [${guide.replace('.md', '').replace('-', ' ')}](${guide})`;
  if ((flags & CommandFlag.connectionState) !== 0) return 'refused, *connection*';
  const marks = [
    (flags & CommandFlag.readOnly) !== 0 ? ', *reads*' : '',
    (flags & CommandFlag.blocking) !== 0 ? ', *waits*' : '',
  ];
  return `${place(fact, merged)}${marks.join('')}`;
}

function place(fact: CommandFact, merged: ReadonlyMap<string, string>): string {
  const spec = specOf(fact);
  if (spec.requestPolicy === 'multiShard') return `split by slot${remark(spec.name, merged)}`;
  if (fact.key_specs.length > 0) return 'its slot';
  return places[policyOf(spec, spec.name.split(' ').slice(1)).to] + remark(spec.name, merged);
}

function remark(name: string, merged: ReadonlyMap<string, string>): string {
  const text = merged.get(name) ?? '';
  return text === '' ? '' : `: ${text}`;
}

/** As the command table will have it; the table itself may be about to be generated. */
function specOf(fact: CommandFact): CommandSpec {
  const { request, response } = policies(fact);
  return {
    ...plainSpec(displayName(fact.name), commandFlags(fact)),
    // The generator's words are those of the types.
    requestPolicy: request as RequestPolicy,
    responsePolicy: response as ResponsePolicy,
  };
}

/** What docs/routing.md says of the replies of every command in its table (a test holds that table to the code), by name. */
export function mergedReplies(): ReadonlyMap<string, string> {
  const text = readFileSync(new URL('../../docs/routing.md', import.meta.url), 'utf8');
  const replies = new Map<string, string>();
  for (const [, names = '', reply = ''] of text.matchAll(/^\| (`[A-Z].*?) \| .*? \| (.*?) ?\|$/gm)) {
    for (const [, name = ''] of names.matchAll(/`(.*?)`/g)) replies.set(name, reply);
  }
  return replies;
}
