import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { keySlot } from '../../src/slots/key-slot.ts';
import { FakeNode } from '../helpers/fake-node.ts';
import { errorReply, simpleReply } from '../helpers/fake-reply.ts';

// A server that refuses (CLUSTERDOWN, LOADING, …) begins to accept at a moment of its own: between two commands of one write, too.
// A scripted node, because a real one changes its mind at that exact place once in a thousand times.
describe('a node that refuses commands for a while', () => {
  let node: FakeNode;
  let client: ClusterClient;
  /** `key=value` of each SET that was accepted, in order. */
  let accepted: string[];
  /** What the next SETs get; accepted when there is nothing left. */
  let refusals: (string | undefined)[];

  beforeEach(async () => {
    node = await FakeNode.start();
    accepted = [];
    refusals = [];
    node.on('SET', ({ args: [key, value] }) => {
      const refusal = refusals.shift();
      if (refusal !== undefined) return errorReply(refusal);
      accepted.push(`${key}=${value}`);
      return simpleReply('OK');
    });
    client = new ClusterClient(node.address);
    await client.connect();
  });

  afterEach(async () => {
    client.destroy();
    await node.stop();
  });

  const refusal: readonly string[] = [
    'CLUSTERDOWN The cluster is down',
    'LOADING Redis is loading the dataset in memory',
  ];

  it.each(refusal)('keeps the order of a slot whose first command is refused again: %s', async (text) => {
    refusals = [text, text];
    const first = client.set('k', '1');
    await node.until(() => node.received('SET').length === 1);
    // Its refusal has to arrive before it can be known.
    await client.ping();
    const others = ['2', '3', '4'].map((value) => client.set('k', value));
    await Promise.all([first, ...others]);
    expect(accepted).toEqual(['k=1', 'k=2', 'k=3', 'k=4']);
  });

  it('keeps the order of slots that are first used while the node refuses', async () => {
    refusals = ['CLUSTERDOWN The cluster is down', 'CLUSTERDOWN The cluster is down'];
    const first = client.set('k', '1');
    await node.until(() => node.received('SET').length === 1);
    await client.ping();
    expect(keySlot('other')).not.toBe(keySlot('k'));
    const others = ['1', '2', '3'].map((value) => client.set('other', value));
    await Promise.all([first, ...others]);
    expect(accepted.filter((write) => write.startsWith('other'))).toEqual(['other=1', 'other=2', 'other=3']);
  });

  it('is used at full speed again afterwards: commands of one slot share a write', async () => {
    refusals = ['LOADING Redis is loading the dataset in memory'];
    await client.set('k', '1');
    node.hold();
    const writes = ['2', '3', '4', '5'].map((value) => client.set('k', value));
    await node.until(() => node.received('SET').length === 6);
    node.release();
    await Promise.all(writes);
    expect(accepted).toEqual(['k=1', 'k=2', 'k=3', 'k=4', 'k=5']);
  });

  it('does not let later commands wait for ever behind one that was given up', async () => {
    refusals = ['CLUSTERDOWN The cluster is down'];
    const abort = new AbortController();
    const first = client.with({ signal: abort.signal }).set('k', '1');
    await node.until(() => node.received('SET').length === 1);
    await client.ping();
    const second = client.set('k', '2');
    node.hold();
    await node.until(() => node.received('SET').length === 2);
    abort.abort();
    await expect(first).rejects.toMatchObject({ name: 'CommandAbortedError', executed: 'unknown' });
    node.release();
    expect(await second).toBe('OK');
    expect(accepted.at(-1)).toBe('k=2');
  });
});
