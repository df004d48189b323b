import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../../src/index.ts';
import { cut, FakeNode } from '../../helpers/fake-node.ts';
import { encodeReply, errorReply } from '../../helpers/fake-reply.ts';

let node: FakeNode;
let target: FakeNode;
let client: ClusterClient;

beforeEach(async () => {
  node = await FakeNode.start();
  target = await FakeNode.start();
  for (const each of [node, target]) {
    each.on('SCRIPT', () => encodeReply('0123'));
    each.on('EVALSHA', () => encodeReply(1));
    each.on('GET', () => encodeReply('value'));
  }
  client = new ClusterClient(node.address);
});
afterEach(async () => {
  client.destroy();
  await node.stop();
  await target.stop();
});

const names = (from: FakeNode): string[] =>
  from.requests.map(({ name, isAsking }) => (isAsking ? `ASKING ${name}` : name));

describe('a script', () => {
  it('is loaded right before its first use on a connection, and again on the next connection', async () => {
    const run = client.defineScript('return 1', { keys: 1 });
    await Promise.all([client.get('a'), run('a'), run('a'), client.get('a')]);
    expect(names(node)).toEqual(['GET', 'SCRIPT', 'EVALSHA', 'EVALSHA', 'GET']);
    node.next('GET', () => cut);
    await client.get('a');
    await run('a');
    expect(names(node).slice(5)).toEqual(['GET', 'GET', 'SCRIPT', 'EVALSHA']);
  });

  it('is loaded where it is redirected to, with ASKING before the script alone', async () => {
    const run = client.defineScript('return 1', { keys: 1 });
    node.next('EVALSHA', () => errorReply(`ASK 15495 127.0.0.1:${target.port}`));
    expect(await run('a')).toBe(1);
    expect(names(target)).toEqual(['SCRIPT', 'ASKING EVALSHA']);
  });

  it('that is missing all the same comes as text, once', async () => {
    node.on('EVALSHA', () => errorReply('NOSCRIPT No matching script.'));
    node.on('EVAL', () => encodeReply(7));
    const run = client.defineScript('return 7', { keys: 1 });
    expect(await run('a', 'b')).toBe(7);
    expect(node.received('EVAL')[0]?.args).toEqual(['return 7', '1', 'a', 'b']);
    node.on('EVAL', () => errorReply('NOSCRIPT No matching script.'));
    await expect(run('a')).rejects.toMatchObject({ code: 'NOSCRIPT', executed: 'no' });
    expect(node.received('EVAL')).toHaveLength(2);
  });

  it('that may have run when its connection was lost is not run again', async () => {
    const run = client.defineScript('return 1', { keys: 1 });
    node.next('EVALSHA', () => cut);
    await expect(run('a')).rejects.toMatchObject({ executed: 'unknown' });
    expect(node.received('EVALSHA')).toHaveLength(1);
  });

  it('is as plain EVALSHA the caller’s own business', async () => {
    node.on('EVALSHA', () => errorReply('NOSCRIPT No matching script.'));
    await expect(client.evalsha('0123', 1, 'a')).rejects.toMatchObject({ code: 'NOSCRIPT' });
    expect(names(node)).toEqual(['EVALSHA']);
  });
});
