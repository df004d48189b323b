import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generateDocumentation } from './generate/documentation.ts';
import { loadFacts } from './generate/facts.ts';
import { generateMethods } from './generate/methods.ts';
import { generateTable } from './generate/table.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Every generated file's path, from the project's root, and its text, formatted as it is committed. */
export function generateAll(): ReadonlyMap<string, string> {
  const facts = loadFacts();
  return new Map([
    ['src/commands/generated/table.ts', format('table.ts', generateTable(facts))],
    ['src/commands/generated/methods.ts', format('methods.ts', generateMethods(facts))],
    ['docs/commands.md', generateDocumentation(facts)],
  ]);
}

function format(name: string, source: string): string {
  return execFileSync('node_modules/.bin/biome', ['format', `--stdin-file-path=${name}`], {
    cwd: root,
    input: source,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of generateAll()) {
    mkdirSync(fileURLToPath(new URL('.', new URL(`../${path}`, import.meta.url))), { recursive: true });
    writeFileSync(new URL(`../${path}`, import.meta.url), text);
    console.log(`${path}: ${text.length} characters`);
  }
}
