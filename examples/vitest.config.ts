import { defineConfig } from 'vitest/config';

// Own configuration, so that the project's does not apply: these are tests as a service would have them.
// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({ cacheDir: '../node_modules/.vite-examples', test: { include: ['*.test.ts'] } });
