import { defineConfig, type UserConfig } from 'tsdown';

const entries = { index: 'src/index.ts', testing: 'src/testing/index.ts', admin: 'src/admin/index.ts' };

const common: UserConfig = {
  target: 'node20',
  platform: 'node',
  fixedExtension: false,
  dts: true,
  sourcemap: false,
  // The documentation of each export is in the declarations; a second copy would only make the package larger.
  outputOptions: { comments: { jsdoc: false } },
  inputOptions: { checks: { pluginTimings: false } },
};

// The library entries in both module formats, with declarations for each. The command-line tool is one more ESM entry, over
// the same chunks; its argument parser is bundled, so that library users never install it.
export default defineConfig([
  {
    ...common,
    entry: { ...entries, cli: 'src/cli/main.ts' },
    format: ['esm'],
    clean: true,
    deps: { alwaysBundle: ['commander'], onlyBundle: ['commander'] },
  },
  { ...common, entry: entries, format: ['cjs'], clean: false },
]);
