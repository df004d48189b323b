import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generateAll } from '../../../scripts/generate.ts';

test('generated files are what the generator makes of the facts (else: npx tsx scripts/generate.ts)', () => {
  const files = generateAll();
  expect(files.size).toBeGreaterThan(2);
  for (const [path, text] of files) {
    // Compared as a boolean: a difference of thousands of lines helps nobody.
    const committed = readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
    expect(committed === text, `${path} is up to date`).toBe(true);
  }
});
