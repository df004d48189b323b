import { describe, it } from 'vitest';
import { fuzzDecoders } from '../../fuzz/decoder.ts';

describe('decoders', () => {
  it('hold their promises on a sample of random input', () => {
    fuzzDecoders(2_000);
  });
});
