import { advancedRows } from './corpus/advanced-rows.ts';
import { keyspaceRows } from './corpus/keyspace-rows.ts';
import { serverRows } from './corpus/server-rows.ts';
import { sortedSetRows } from './corpus/sorted-set-rows.ts';

/**
 * What may differ between two replies to the same question: nothing; `digits` (times, counters, identifiers of clients); or
 * `text` (random strings and reports: only where strings stand is compared).
 */
export type Volatile = 'nothing' | 'digits' | 'text';

/** One command to try: `setup` brings an empty server into the state in which `call` has something to say. */
export interface CorpusRow {
  readonly setup: readonly (readonly string[])[];
  readonly call: readonly string[];
  readonly isVolatile: Volatile;
}

function split(command: string): string[] {
  const words = command.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  return words.map((word) => {
    if (!word.startsWith('"')) return word;
    const text: unknown = JSON.parse(word);
    return String(text);
  });
}

/**
 * Rows are written as `setup ; setup => call`: words, or JSON strings where a word would not do. A leading `~` marks a reply
 * whose digits vary, `~~` one whose text does.
 */
export function parseRow(text: string): CorpusRow {
  const isVolatile: Volatile = text.startsWith('~~') ? 'text' : text.startsWith('~') ? 'digits' : 'nothing';
  const [before, call] = text.replace(/^~+/, '').split(' => ');
  const setup = call === undefined ? [] : (before ?? '').split(' ; ').map(split);
  return { setup, call: split(call ?? before ?? ''), isVolatile };
}

/**
 * Calls of (nearly) every command that one connection can make without stopping or reconfiguring its server, each with a
 * reply worth comparing. All keys share a hash tag or stand alone, so a cluster of any size takes them. Leave out what a server does not know by asking it (COMMAND).
 */
export const commandCorpus: readonly CorpusRow[] = [
  ...keyspaceRows,
  ...sortedSetRows,
  ...advancedRows,
  ...serverRows,
].map(parseRow);
