import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineConfig, type ResolvedConfig, type UserConfig } from 'tsdown';

const entries = { index: 'src/index.ts', testing: 'src/testing/index.ts', admin: 'src/admin/index.ts' };

const common: UserConfig = {
  target: 'node20',
  platform: 'node',
  fixedExtension: false,
  sourcemap: false,
  // The documentation of each export is in the declarations; a second copy would only make the package larger.
  outputOptions: { comments: { jsdoc: false } },
  inputOptions: { checks: { pluginTimings: false } },
};

/**
 * The declarations for ESM stand on those for CommonJS, which are the same: a second copy of every method's documentation
 * would make a quarter of the package, and two declarations of one class would be two types.
 */
async function declareForModules({ outDir }: ResolvedConfig): Promise<void> {
  const writeDeclaration = (name: string) =>
    writeFile(join(outDir, `${name}.d.ts`), `export * from './${name}.cjs';\n`);
  await Promise.all(Object.keys(entries).map(writeDeclaration));
}

// The library entries in both module formats, with declarations for each. The command-line tool is one more ESM entry, over
// the same chunks; its argument parser is bundled, so that library users never install it.
export default defineConfig([
  {
    ...common,
    entry: { ...entries, cli: 'src/cli/main.ts' },
    format: ['esm'],
    dts: false,
    clean: true,
    deps: { alwaysBundle: ['commander'], onlyBundle: ['commander'] },
  },
  { ...common, entry: entries, format: ['cjs'], dts: true, clean: false, onSuccess: declareForModules },
]);
