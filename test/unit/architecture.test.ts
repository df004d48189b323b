import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Lowest first: a file imports from its own row and from rows before it, never from a later one. */
const layers: readonly (readonly string[])[] = [
  ['errors.ts', 'version.ts'],
  ['util', 'slots'],
  ['protocol'],
  ['commands'],
  ['observability'],
  ['connection'],
  ['topology'],
  ['cluster'],
  ['pipeline', 'transaction', 'scripting', 'pubsub', 'blocking', 'scan'],
  ['client'],
  ['index.ts'],
  ['admin'],
  ['testing'],
  ['cli'],
];

const packageEntries = ['src/index.ts', 'src/admin/index.ts', 'src/testing/index.ts'];

/** Which parts may import which packages and guarded builtins at run time. What is not named here is not allowed at all. */
const packageUsers: Readonly<Record<string, (file: string) => boolean>> = {
  'redis-parser': (file) => file.startsWith('src/protocol/'),
  denque: () => true,
  debug: () => true,
  commander: (file) => file.startsWith('src/cli/'),
};
function mayDial(file: string): boolean {
  return file === 'src/connection/connector.ts' || file.startsWith('src/testing/') || file.startsWith('src/cli/');
}

interface ModuleImport {
  readonly specifier: string;
  /** Erased by the compiler: `import type`, or only `type` names. */
  readonly isTypeOnly: boolean;
}

interface SourceModule {
  /** From the project's root, with forward slashes: `src/slots/crc16.ts`. */
  readonly file: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly ModuleImport[];
  readonly isGenerated: boolean;
}

function isErased(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  if (clause.name !== undefined || names === undefined || !ts.isNamedImports(names)) return false;
  return names.elements.length > 0 && names.elements.every((element) => element.isTypeOnly);
}

function readImport(node: ts.Node): ModuleImport | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, isTypeOnly: isErased(node.importClause) };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, isTypeOnly: node.isTypeOnly };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    return { specifier: node.argument.literal.text, isTypeOnly: true };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const argument = node.arguments[0];
    // A computed specifier could reach anything, so it counts as a name that no rule allows.
    const specifier = argument !== undefined && ts.isStringLiteralLike(argument) ? argument.text : '(computed)';
    return { specifier, isTypeOnly: false };
  }
  return undefined;
}

function visitAll(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => visitAll(child, visit));
}

function parseModule(file: string, text: string): SourceModule {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const imports: ModuleImport[] = [];
  visitAll(tree, (node) => {
    const found = readImport(node);
    if (found !== undefined) imports.push(found);
  });
  return { file, text, tree, imports, isGenerated: file.includes('/generated/') };
}

function readSources(): SourceModule[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `src/${name.replaceAll('\\', '/')}`)
    .sort()
    .map((file) => parseModule(file, readFileSync(join(root, file), 'utf8')));
}

/** The file that a relative specifier means; undefined for packages and builtins. */
function resolveRelative(from: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? join(dirname(from), specifier).replaceAll('\\', '/') : undefined;
}

function layerOf(file: string): number {
  const part = file.split('/')[1] ?? '';
  return layers.findIndex((row) => row.includes(part));
}

function findLayerViolations(modules: readonly SourceModule[]): string[] {
  const found: string[] = [];
  for (const { file, imports } of modules) {
    const own = layerOf(file);
    if (own < 0) found.push(`${file} belongs to no known layer`);
    for (const { specifier } of imports) {
      const target = resolveRelative(file, specifier);
      if (target !== undefined && layerOf(target) > own) found.push(`${file} imports upwards: ${target}`);
    }
  }
  return found;
}

function findForbiddenPackages(modules: readonly SourceModule[]): string[] {
  const found: string[] = [];
  for (const { file, imports } of modules) {
    for (const { specifier, isTypeOnly } of imports) {
      if (specifier.startsWith('.')) continue;
      const isSocketModule = specifier === 'node:net' || specifier === 'node:tls';
      if (isSocketModule && !isTypeOnly && !mayDial(file)) found.push(`${file} imports ${specifier}`);
      if (specifier.startsWith('node:')) continue;
      if (!(packageUsers[specifier]?.(file) ?? false)) found.push(`${file} imports ${specifier}`);
    }
  }
  return found;
}

/** Each cycle once, as the path that closes it. Imports that the compiler erases do not count. */
function findCycles(modules: readonly SourceModule[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { file, imports } of modules) {
    const runtime = imports.filter((one) => !one.isTypeOnly).map((one) => resolveRelative(file, one.specifier));
    targets.set(
      file,
      runtime.filter((target) => target !== undefined),
    );
  }
  const cycles: string[] = [];
  const finished = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) {
      cycles.push([...path.slice(start), file].join(' → '));
      return;
    }
    if (finished.has(file)) return;
    for (const target of targets.get(file) ?? []) walk(target, [...path, file]);
    finished.add(file);
  };
  for (const file of targets.keys()) walk(file, []);
  return cycles;
}

function lineOf(module: SourceModule, node: ts.Node): string {
  return `${module.file}:${module.tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

/** The name of the construct that our style rules out, if `node` is one. */
function forbiddenConstruct(node: ts.Node): string | undefined {
  if (node.kind === ts.SyntaxKind.AnyKeyword) return 'any';
  if (ts.isEnumDeclaration(node)) return 'enum';
  if (ts.isExportAssignment(node)) return 'default export';
  if (ts.canHaveModifiers(node)) {
    const modifiers = ts.getModifiers(node) ?? [];
    if (modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword)) return 'default export';
  }
  if (ts.isNonNullExpression(node)) return 'non-null assertion';
  const isDoubleCast =
    ts.isAsExpression(node) &&
    ts.isAsExpression(node.expression) &&
    node.expression.type.kind === ts.SyntaxKind.UnknownKeyword;
  return isDoubleCast ? 'as unknown as' : undefined;
}

function findForbiddenConstructs(modules: readonly SourceModule[]): string[] {
  const found: string[] = [];
  for (const module of modules) {
    if (/@ts-(ignore|nocheck|expect-error)/.test(module.text)) found.push(`${module.file}: switches the compiler off`);
    visitAll(module.tree, (node) => {
      const construct = forbiddenConstruct(node);
      if (construct !== undefined) found.push(`${lineOf(module, node)}: ${construct}`);
    });
  }
  return found;
}

const comparisons = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
]);

function isMessage(node: ts.Node): boolean {
  return ts.isPropertyAccessExpression(node) && node.name.text === 'message';
}

/** Reading an error's `message` to decide something: comparing it, or asking it a string's method. */
function findMessageReading(modules: readonly SourceModule[]): string[] {
  const found: string[] = [];
  for (const module of modules) {
    if (module.file.startsWith('src/protocol/')) continue;
    visitAll(module.tree, (node) => {
      const isCompared =
        ts.isBinaryExpression(node) &&
        comparisons.has(node.operatorToken.kind) &&
        (isMessage(node.left) || isMessage(node.right));
      const isAsked =
        ts.isCallExpression(node) &&
        ts.isPropertyAccessExpression(node.expression) &&
        (isMessage(node.expression.expression) || node.arguments.some(isMessage)) &&
        /^(startsWith|endsWith|includes|indexOf|match|test|exec|search|split)$/.test(node.expression.name.text);
      if (isCompared || isAsked) found.push(lineOf(module, node));
    });
  }
  return found;
}

function findLongFunctions(modules: readonly SourceModule[], limit: number): string[] {
  const found: string[] = [];
  for (const module of modules) {
    visitAll(module.tree, (node) => {
      if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
      const first = module.tree.getLineAndCharacterOfPosition(node.getStart()).line;
      const lines = module.tree.getLineAndCharacterOfPosition(node.getEnd()).line - first + 1;
      if (lines >= limit) found.push(`${lineOf(module, node)}: ${lines} lines`);
    });
  }
  return found;
}

function countLines(text: string): number {
  return text.split('\n').length - 1;
}

const sources = readSources();
const written = sources.filter((module) => !module.isGenerated);

describe('the architecture of src', () => {
  it('has imports that exist and are written with their extension', () => {
    const files = new Set(sources.map((module) => module.file));
    const missing = sources.flatMap(({ file, imports }) =>
      imports
        .map((one) => resolveRelative(file, one.specifier))
        .filter((target) => target !== undefined && !files.has(target))
        .map((target) => `${file} → ${target}`),
    );
    expect(missing).toEqual([]);
  });

  it('imports downwards only', () => {
    expect(findLayerViolations(sources)).toEqual([]);
  });

  it('has no runtime import cycles', () => {
    expect(findCycles(sources)).toEqual([]);
  });

  it('keeps sockets to the connector, redis-parser to the protocol, and other packages out', () => {
    expect(findForbiddenPackages(sources)).toEqual([]);
  });

  it('has no folder barrels: index.ts is for package entries', () => {
    const barrels = sources.filter(({ file }) => basename(file) === 'index.ts').map(({ file }) => file);
    expect(barrels.filter((file) => !packageEntries.includes(file))).toEqual([]);
  });

  it('decides nothing by the text of an error outside the protocol', () => {
    expect(findMessageReading(sources)).toEqual([]);
  });
});

describe('the style of src', () => {
  it('stays within 500 lines a file and 70 a function', () => {
    const long = written.filter(({ text }) => countLines(text) >= 500).map(({ file }) => file);
    expect(long).toEqual([]);
    expect(findLongFunctions(written, 70)).toEqual([]);
  });

  it('uses no any, enum, default export, non-null assertion, double cast or switched-off compiler', () => {
    expect(findForbiddenConstructs(sources)).toEqual([]);
  });

  it('names files in kebab-case, and nothing manager, helper or handler', () => {
    const odd = sources.filter(({ file }) => !/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(basename(file)));
    expect(odd.map(({ file }) => file)).toEqual([]);
    const names: string[] = [];
    for (const module of sources) {
      visitAll(module.tree, (node) => {
        const isNamed =
          ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isFunctionDeclaration(node);
        if (isNamed && /manager|helper|handler/i.test(node.name?.text ?? '')) names.push(lineOf(module, node));
      });
    }
    expect(names).toEqual([]);
  });
});

describe('the architecture test itself', () => {
  const parse = (file: string, text: string): SourceModule[] => [parseModule(file, text)];

  it('sees imports in every form', () => {
    const [module] = parse(
      'src/util/a.ts',
      `import './b.ts';
       import { c, type D } from './c.ts';
       import type { E } from './e.ts';
       import { type F } from './f.ts';
       export * from './g.ts';
       export type { H } from './h.ts';
       type I = import('./i.ts').I;
       const j = await import('./j.ts');
       // import { no } from './no.ts';
       const text = "import { no } from './no.ts'";`,
    );
    const seen = module?.imports.map(({ specifier, isTypeOnly }) => `${specifier}${isTypeOnly ? ' type' : ''}`);
    expect(seen).toEqual(
      // biome-ignore format: one row of names
      ['./b.ts', './c.ts', './e.ts type', './f.ts type', './g.ts', './h.ts type', './i.ts type', './j.ts'],
    );
  });

  it('reports what breaks a rule', () => {
    expect(findLayerViolations(parse('src/slots/a.ts', `import type { X } from '../client/x.ts';`))).toHaveLength(1);
    expect(findLayerViolations(parse('src/client/a.ts', `import { x } from '../slots/x.ts';`))).toEqual([]);
    expect(findForbiddenPackages(parse('src/cluster/a.ts', `import { connect } from 'node:net';`))).toHaveLength(1);
    expect(findForbiddenPackages(parse('src/client/a.ts', `import type { Socket } from 'node:net';`))).toEqual([]);
    expect(findForbiddenPackages(parse('src/client/a.ts', `import Parser from 'redis-parser';`))).toHaveLength(1);
    expect(findForbiddenPackages(parse('src/client/a.ts', `import _ from 'lodash';`))).toHaveLength(1);
    expect(findMessageReading(parse('src/client/a.ts', `if (error.message.startsWith('MOVED')) x();`))).toHaveLength(1);
    expect(findMessageReading(parse('src/client/a.ts', `log(error.message);`))).toEqual([]);
    expect(findLongFunctions(parse('src/util/a.ts', `function f() {${'\n'.repeat(70)}}`), 70)).toHaveLength(1);
    const source = `export enum A {}; export default class {}; const b: any = c as unknown as D; e!.f();`;
    expect(findForbiddenConstructs(parse('src/util/a.ts', source))).toHaveLength(5);
  });

  it('finds runtime cycles, and only those', () => {
    const a = parseModule('src/util/a.ts', `import { b } from './b.ts';`);
    const back = parseModule('src/util/b.ts', `import { a } from './a.ts';`);
    const typeBack = parseModule('src/util/b.ts', `import type { A } from './a.ts';`);
    expect(findCycles([a, back])).toEqual(['src/util/a.ts → src/util/b.ts → src/util/a.ts']);
    expect(findCycles([a, typeBack])).toEqual([]);
  });

  it('reads the whole of src', () => {
    expect(sources.map((module) => module.file)).toContain('src/errors.ts');
  });
});
