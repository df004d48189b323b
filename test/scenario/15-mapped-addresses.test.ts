import { afterEach, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { FakeNode, fakeId } from '../helpers/fake-node.ts';
import { encodeReply, errorReply } from '../helpers/fake-reply.ts';
import { keyInSlot } from '../helpers/watch-cluster.ts';

/** Addresses that nobody can reach: reserved for documentation. */
const FIRST = { host: '192.0.2.1', port: 7000 };
const SECOND = { host: '192.0.2.2', port: 7000 };

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function twoNodes(): Promise<{ first: FakeNode; second: FakeNode; client: ClusterClient }> {
  const [first, second] = [await FakeNode.start(), await FakeNode.start()];
  ends.push(
    () => first.stop(),
    () => second.stop(),
  );
  const entry = (node: FakeNode, where: typeof FIRST) => ({ ...where, id: fakeId(node.port) });
  for (const node of [first, second]) {
    node.slots = [
      { start: 0, end: 8191, nodes: [entry(first, FIRST)] },
      { start: 8192, end: 16_383, nodes: [entry(second, SECOND)] },
    ];
  }
  const natMap = { '192.0.2.1:7000': first.address, '192.0.2.2:7000': second.address };
  const client = new ClusterClient(first.address, { natMap, timeoutMs: 2_000 });
  ends.push(() => client.destroy());
  return { first, second, client };
}

describe('a client that reaches the servers at other addresses than they announce', () => {
  for (const word of ['MOVED', 'ASK']) {
    it(`follows ${word} to where it reaches the node that is named`, async () => {
      const { first, second, client } = await twoNodes();
      first.on('GET', () => errorReply(`${word} 0 ${SECOND.host}:${SECOND.port}`));
      second.on('GET', () => encodeReply('here'));
      expect(await client.get(keyInSlot(0))).toBe('here');
      expect(second.received('GET').map((request) => request.isAsking)).toEqual([word === 'ASK']);
    });
  }
});
