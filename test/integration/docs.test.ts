import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const pages = ['README.md', 'docs/getting-started.md', 'docs/options.md', 'docs/migrating-from-ioredis.md'];

function read(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

/** A page's code, each block a module of its own; what readers have already, the client, is declared where a block makes none. */
function modules(page: string): [name: string, source: string][] {
  const blocks = [...read(page).matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
  return blocks.map((block, i) => {
    const needsClient = !/\b(const|using) client\b/.test(block);
    const client = needsClient ? "declare const client: import('slotwise').ClusterClient;\n" : '';
    return [`${page.replace(/\W/g, '-')}-${i}.ts`, `${client}${block}\nexport {};\n`];
  });
}

/** What the compiler has to say against the modules, with `slotwise` as the sources are now. */
function complaints(sources: ReadonlyMap<string, string>): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  options.noUnusedLocals = false;
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

describe('the pages of the first ten minutes', () => {
  it('show code that compiles', () => {
    const sources = new Map(pages.flatMap(modules));
    expect(sources.size).toBeGreaterThan(10);
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
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '');
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
