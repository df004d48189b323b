import { defineConfig } from 'tsdown';

// The library entries in both module formats, with declarations for each; the command-line tool as one ESM file that
// carries its argument parser inside, so that library users never install it.
export default defineConfig([
  {
    entry: { index: 'src/index.ts', testing: 'src/testing/index.ts', admin: 'src/admin/index.ts' },
    format: ['esm', 'cjs'],
    target: 'node20',
    platform: 'node',
    fixedExtension: false,
    dts: true,
    sourcemap: false,
    clean: true,
    inputOptions: { checks: { pluginTimings: false } },
  },
  {
    entry: { cli: 'src/cli/main.ts' },
    format: ['esm'],
    target: 'node20',
    platform: 'node',
    fixedExtension: false,
    dts: false,
    clean: false,
    deps: { alwaysBundle: ['commander'], onlyBundle: ['commander'] },
  },
]);
