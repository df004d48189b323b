import { describe, it } from 'vitest';
import { fuzzConversations, fuzzHostileBytes } from '../fuzz/conversation.ts';

describe('a client among scripted nodes', () => {
  it('keeps its promises in a sample of random conversations', async () => {
    await fuzzConversations(3_000);
  });

  it('settles everything in a sample of random bytes for answers', async () => {
    await fuzzHostileBytes(400);
  });
});
