import { afterEach, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../../src/client/cluster-client.ts';
import { FakeNode } from '../../helpers/fake-node.ts';
import { encodeReply, simpleReply } from '../../helpers/fake-reply.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

describe('a connection given back by a watch that wrote nothing', () => {
  it('carries one blocking command at a time', async () => {
    const node = await FakeNode.start();
    ends.push(() => node.stop());
    for (const name of ['WATCH', 'UNWATCH']) node.on(name, () => simpleReply('OK'));
    node.on('GET', () => encodeReply('seen'));
    let feed = (): void => {};
    const fed = new Promise<void>((resolve) => {
      feed = resolve;
    });
    node.on('BLPOP', async ({ args }) => {
      if (args[0] === 'slow') await fed;
      return encodeReply([args[0] ?? '', 'value']);
    });
    const client = new ClusterClient(node.address, { timeoutMs: 5_000 });
    ends.push(() => client.destroy());

    expect(await client.watch('key', (tx) => tx.get('key'))).toBe('seen');
    await node.until(() => node.received('UNWATCH').length === 1);
    // The reply to UNWATCH has been read before that to a command that was issued later on another connection is.
    await client.get('key');

    const slow = client.blpop('slow', 0);
    const quick = await client.blpop('quick', 1);
    expect(quick).toEqual(['quick', 'value']);
    feed();
    expect(await slow).toEqual(['slow', 'value']);
    const [first, second] = node.received('BLPOP').map((request) => request.connection);
    expect(first).not.toBe(second);
  });
});
