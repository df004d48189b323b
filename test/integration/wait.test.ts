import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { keySlot } from '../../src/slots/key-slot.ts';
import { startCluster } from '../../src/testing/start-cluster.ts';
import type { TestCluster } from '../../src/testing/test-cluster.ts';
import type { TestNode } from '../../src/testing/test-node.ts';

const KEY = 'wait:key';

let cluster: TestCluster;
let client: ClusterClient;
let master: TestNode;
let replica: TestNode;

beforeAll(async () => {
  cluster = await startCluster({ masters: 3, replicas: 1, nodeTimeoutMs: 10_000 });
  client = new ClusterClient(cluster.addresses[0] ?? '');
  await client.connect();
  master = await cluster.masterOf(keySlot(KEY));
  replica = (await cluster.replicasOf(master))[0] as TestNode;
});

afterAll(async () => {
  await client?.close();
  await cluster?.stop();
});

/** While the replica of one shard is frozen, so that it acknowledges nothing. */
async function whileFrozen(use: () => Promise<void>): Promise<void> {
  await cluster.pause(replica);
  try {
    await use();
  } finally {
    await cluster.resume(replica);
  }
}

describe('WAIT', () => {
  it('tells how many replicas have the writes that went before it', async () => {
    await client.set(KEY, 'kept');
    expect(await client.wait(1, 5_000)).toBe(1);
    await whileFrozen(async () => {
      await client.set(KEY, 'not yet');
      expect(await client.wait(1, 200)).toBe(0);
    });
    expect(await client.wait(1, 5_000)).toBe(1);
  });

  it('is also about writes that are not answered yet', async () => {
    await whileFrozen(async () => {
      const written = Array.from({ length: 2_000 }, (_, i) => client.set(`{${KEY}}:${i}`, 'x'.repeat(1_000)));
      expect(await client.wait(1, 100)).toBe(0);
      await Promise.all(written);
    });
  });

  it('holds up nothing else', async () => {
    await whileFrozen(async () => {
      await client.set(KEY, 'v');
      const waiting = client.wait(1, 1_000);
      const startedAt = performance.now();
      for (let i = 0; i < 50; i++) expect(await client.get(KEY)).toBe('v');
      expect(performance.now() - startedAt).toBeLessThan(700);
      expect(await waiting).toBe(0);
    });
  });

  it('leaves no trace among the keys', async () => {
    const before = await client.dbsize();
    await client.wait(1, 1_000);
    expect(await client.dbsize()).toBe(before);
  });

  it('works for users who may not write, and on a single node', async () => {
    await client.acl('SETUSER', 'reader', 'on', '>secret', '~*', '+@all', '-set');
    const reader = new ClusterClient(cluster.addresses[0] ?? '', { username: 'reader', password: 'secret' });
    expect(await reader.wait(1, 1_000)).toBe(1);
    await reader.close();
    await client.set(KEY, 'v');
    expect(await client.nodeFor(KEY).wait(1, 5_000)).toBe(1);
  });
});
