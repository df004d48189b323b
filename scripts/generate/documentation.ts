import { readFileSync } from 'node:fs';
import { destination, mergedReplies, writtenMethod } from './destinations.ts';
import { type CommandFact, displayName } from './facts.ts';
import { groupName, handWritten, pageOf, replyTypes } from './methods.ts';

const introduction = readFileSync(new URL('commands-introduction.md', import.meta.url), 'utf8');

/** Text of `docs/commands.md`: a table for each group. */
export function generateDocumentation(facts: readonly CommandFact[]): string {
  const containers = new Set(facts.filter((fact) => fact.name.includes('|')).map((fact) => fact.name.split('|')[0]));
  const listed = facts.filter((fact) => !(containers.has(fact.name) && fact.arity < -1));
  const groups = [...new Set(listed.map((fact) => groupName(fact.group)))].sort();
  const merged = mergedReplies();
  const sections = groups.map((group) => {
    const rows = listed.filter((fact) => groupName(fact.group) === group).map((fact) => row(fact, merged));
    return `\n## ${group}\n\n| Command | Method | Goes to | Reply | Since |\n| --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return introduction + sections.join('');
}

function row(fact: CommandFact, merged: ReadonlyMap<string, string>): string {
  const cells = [
    `[${displayName(fact.name)}](${pageOf(fact)})`,
    methodText(fact),
    destination(fact, merged),
    handWritten.has(fact.name) ? '' : replyTypes(fact).map(code).join(' or '),
    fact.since ?? '8.0.0',
  ];
  return `| ${cells.join(' | ')} |`;
}

function methodText(fact: CommandFact): string {
  const [name = '', subcommand] = fact.name.split('|');
  if (handWritten.has(fact.name)) return code(writtenMethod(fact) ?? '');
  if (subcommand !== undefined) return code(`${name}('${subcommand.toUpperCase()}', …)`);
  return code(name.includes('-') ? `['${name}'](…)` : `${name}(…)`);
}

function code(type: string): string {
  return type === '' ? '' : `\`${type.replaceAll('|', '\\|')}\``;
}
