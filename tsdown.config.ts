import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { defineConfig, type ResolvedConfig } from 'tsdown';

const entries = { index: 'src/index.ts', testing: 'src/testing/index.ts', admin: 'src/admin/index.ts' };

/**
 * The ES module of an entry, over the code of its CommonJS build: classes exist once however they are loaded, and Node need not
 * look through each CommonJS dependency for its exports. It does look through what a module imports, hence the step in between,
 * in which there are none to find: `import` takes 52 ms instead of 70 with modules of their own, and 82 without the step.
 */
async function wrapForModules({ outDir }: ResolvedConfig): Promise<void> {
  const require = createRequire(join(outDir, 'index.cjs'));
  await mkdir(join(outDir, 'esm'), { recursive: true });
  for (const name of Object.keys(entries)) {
    const names = Object.keys(require(`./${name}.cjs`) as object).sort();
    const step = `const entry = require('../${name}.cjs');\nmodule.exports = entry;\n`;
    const module = `import entry from './esm/${name}.cjs';\nexport const { ${names.join(', ')} } = entry;\n`;
    await writeFile(join(outDir, 'esm', `${name}.cjs`), step);
    await writeFile(join(outDir, `${name}.js`), module);
    // The same declarations: two of one class would be two types.
    await writeFile(join(outDir, `${name}.d.ts`), `export * from './${name}.cjs';\n`);
  }
  await rm(join(outDir, 'cli.d.cts'), { force: true });
}

// Everything is built as CommonJS over common chunks. The command-line tool is one more entry; its argument parser is bundled, so
// that library users never install it.
export default defineConfig({
  entry: { ...entries, cli: 'src/cli/main.ts' },
  format: ['cjs'],
  target: 'node20',
  platform: 'node',
  fixedExtension: false,
  sourcemap: false,
  dts: true,
  clean: true,
  // The documentation of each export is in the declarations; a second copy would only make the package larger.
  outputOptions: { comments: { jsdoc: false } },
  inputOptions: { checks: { pluginTimings: false } },
  deps: { alwaysBundle: ['commander'] },
  onSuccess: wrapForModules,
});
