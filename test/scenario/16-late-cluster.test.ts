import { afterEach, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { FakeNode } from '../helpers/fake-node.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function portOfNobody(): Promise<number> {
  const node = await FakeNode.start();
  await node.stop();
  return node.port;
}

function errorOf(client: ClusterClient): Promise<void> {
  return new Promise((resolve) => client.once('error', () => resolve()));
}

describe('a cluster that comes up later than its client', () => {
  it('is found without a command: connect() waits for it, and `ready` is emitted', async () => {
    const port = await portOfNobody();
    const client = new ClusterClient({ host: '127.0.0.1', port }, { timeoutMs: 10_000 });
    ends.push(() => client.destroy());
    const ready = new Promise<void>((resolve) => client.once('ready', () => resolve()));
    const connected = client.connect();
    // Not only the first search fails.
    for (let i = 0; i < 3; i++) await errorOf(client);
    const node = await FakeNode.start({ port });
    ends.push(() => node.stop());
    await connected;
    await ready;
    expect(client.status).toBe('ready');
  });
});
