import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const guides = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
const pages = ['README.md', 'CONTRIBUTING.md', ...guides.map((name) => `docs/${name}`)];

/** What a block may stand on without saying so again: the client, imports of the page's first block, a reader's own variables. */
const surroundings: readonly (readonly [name: string, declaration: string])[] = [
  ['client', "declare const client: import('slotwise').ClusterClient;"],
  ['command', "import { command } from 'slotwise';"],
  ['FanOutError', "import { FanOutError } from 'slotwise';"],
  ['planCreate', "import { planCreate } from 'slotwise/admin';"],
  ['startCluster', "import { startCluster } from 'slotwise/testing';"],
  ['TestCluster', "import type { TestCluster } from 'slotwise/testing';"],
  ['cluster', "declare const cluster: import('slotwise/testing').TestCluster;"],
  ['from', "declare const from: import('slotwise/testing').TestNode;"],
  ['to', "declare const to: import('slotwise/testing').TestNode;"],
  ['slot', 'declare const slot: number;'],
  ['beforeAll', 'declare const beforeAll: (body: () => Promise<void>) => void;'],
  ['afterAll', 'declare const afterAll: (body: () => Promise<void>) => void;'],
  ['checkMyService', 'declare const checkMyService: () => Promise<void>;'],
  ['ids', 'declare const ids: string[];'],
  ['keys', 'declare const keys: string[];'],
  ['transfer', "declare const transfer: import('slotwise').DefinedScript<number, 2>;"],
  ['lua', 'declare const lua: string;'],
  ['library', 'declare const library: string;'],
  ['report', 'declare const report: (...what: unknown[]) => void;'],
];

function read(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

/** A page's code, each block a module of its own, with the {@link surroundings} that it uses and does not make. */
function modules(page: string): [name: string, source: string][] {
  const blocks = [...read(page).matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
  return blocks.map((block, i) => {
    const missing = surroundings.filter(([name]) => uses(block, name) && !makes(block, name));
    const before = missing.map(([, declaration]) => `${declaration}\n`).join('');
    return [`${page.replace(/\W/g, '-')}-${i}.ts`, `${before}${block}\nexport {};\n`];
  });
}

function uses(block: string, name: string): boolean {
  return new RegExp(`(?<![.'\\w])${name}\\b(?!['\\w])`).test(block);
}

function makes(block: string, name: string): boolean {
  return new RegExp(`\\b(const|let|using) ${name}\\b|import [^;]*\\b${name}\\b[^;]* from '`).test(block);
}

/** What the compiler has to say against the modules, with `slotwise` as the sources are now. */
function complaints(sources: ReadonlyMap<string, string>): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  options.noUnusedLocals = false;
  options.noUnusedParameters = false;
  options.paths = {
    slotwise: [join(root, 'src/index.ts')],
    'slotwise/testing': [join(root, 'src/testing/index.ts')],
    'slotwise/admin': [join(root, 'src/admin/index.ts')],
  };
  const files = new Map([...sources].map(([name, source]) => [join(root, name), source]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file) ?? readFile(file);
  host.getSourceFile = (file, ...rest) => {
    const source = files.get(file);
    return source === undefined ? getSourceFile(file, ...rest) : ts.createSourceFile(file, source, rest[0]);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].flatMap((file) => {
    const found = [
      ...program.getSyntacticDiagnostics(program.getSourceFile(file)),
      ...program.getSemanticDiagnostics(program.getSourceFile(file)),
    ];
    return found.map(
      (each) => `${file.slice(root.length + 1)}: ${ts.flattenDiagnosticMessageText(each.messageText, ' ')}`,
    );
  });
}

describe('the documentation', () => {
  it('show code that compiles', () => {
    const sources = new Map(pages.flatMap(modules));
    expect(sources.size).toBeGreaterThan(30);
    expect(complaints(sources)).toEqual([]);
  }, 60_000);

  it('would not pass with code that does not', () => {
    const wrong =
      "declare const client: import('slotwise').ClusterClient;\nconst name: number = await client.get('a');\nexport {};";
    expect(complaints(new Map([['wrong.ts', wrong]]))).toEqual([
      expect.stringContaining("not assignable to type 'number'"),
    ]);
  }, 60_000);

  it.each(pages)('%s links to what exists', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([\w./-]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '');
    const missing = links.filter((link) => !existsSync(resolve(dirname(join(root, page)), link)));
    expect(missing).toEqual([]);
  });

  it('docs/options.md names every option of the client and of a call', () => {
    const source = readFileSync(join(root, 'src/client/options.ts'), 'utf8');
    const tree = ts.createSourceFile('options.ts', source, ts.ScriptTarget.ES2022);
    const named = tree.statements.flatMap((node) => {
      if (!ts.isInterfaceDeclaration(node) || !/^(ClusterClientOptions|CallOptions)$/.test(node.name.text)) return [];
      return node.members.flatMap((member) => (member.name && ts.isIdentifier(member.name) ? [member.name.text] : []));
    });
    expect(named).toContain('timeoutMs');
    const page = read('docs/options.md');
    expect(named.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
  });
});
