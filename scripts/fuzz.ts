import { parseArgs } from 'node:util';
import { fuzzConversations, fuzzHostileBytes } from '../test/fuzz/conversation.ts';
import { fuzzDecoders } from '../test/fuzz/decoder.ts';

/*
 * npm run fuzz -- [--cases 100000] [--seed 1]
 *
 * Random input for the decoders, random conversations with scripted nodes, and random bytes for answers. Stops at the first
 * counterexample and prints it with its seed.
 */
const { values } = parseArgs({
  options: { cases: { type: 'string', default: '100000' }, seed: { type: 'string' } },
});
const cases = Number(values.cases);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);

const parts: readonly (readonly [name: string, share: number, run: (cases: number, seed: number) => unknown])[] = [
  ['decoders', 0.5, fuzzDecoders],
  ['conversations with scripted nodes', 0.45, fuzzConversations],
  ['random bytes for answers', 0.05, fuzzHostileBytes],
];

console.log(`seed ${seed}`);
for (const [name, share, run] of parts) {
  const count = Math.ceil(cases * share);
  const startedAt = performance.now();
  await run(count, seed);
  console.log(
    `${name}: ${count} cases in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s, no counterexample`,
  );
}
