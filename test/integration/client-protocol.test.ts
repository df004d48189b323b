import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { FakeNode } from '../helpers/fake-node.ts';
import { encodeReply, errorReply } from '../helpers/fake-reply.ts';

let node: FakeNode;
let client: ClusterClient;

beforeEach(async () => {
  node = await FakeNode.start();
  node.on('GET', ({ args }) => encodeReply(`value of ${args[0]}`));
});

afterEach(async () => {
  client?.destroy();
  await node.stop();
});

const greeting = Buffer.from('%2\r\n+server\r\n+fake\r\n+proto\r\n:3\r\n');
const push = '>3\r\n+message\r\n$4\r\nnews\r\n$5\r\nhello\r\n';

async function connect(): Promise<void> {
  client = new ClusterClient(node.address, { protocol: 3 });
  await client.connect();
}

describe('protocol: 3', () => {
  it.each(["ERR unknown command 'HELLO'", 'NOPROTO unsupported protocol version'])(
    'falls back to RESP2 where HELLO is refused: %s',
    async (refusal) => {
      node.on('HELLO', () => errorReply(refusal));
      await connect();
      expect(await client.get('a')).toBe('value of a');
      expect(await client.getBuffer('b')).toEqual(Buffer.from('value of b'));
    },
  );

  it('is not disturbed by pushes, wherever they come between replies', async () => {
    node.on('HELLO', () => Buffer.concat([Buffer.from(push), greeting, Buffer.from(push)]));
    node.on('GET', ({ args }) => {
      const reply = encodeReply(`value of ${args[0]}`);
      return Buffer.concat([Buffer.from(push), reply, Buffer.from(push + push)]);
    });
    await connect();
    node.sendRaw(push);
    const keys = Array.from({ length: 50 }, (_, i) => `key:${i}`);
    expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys.map((key) => `value of ${key}`));
    node.sendRaw('>2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n');
    expect(await client.getBuffer('b')).toEqual(Buffer.from('value of b'));
    expect(client.status).toBe('ready');
    expect(client.counters.connectionFailures).toBe(0);
  });

  it('leaves attributes out, and gives the other RESP3 types the shapes of RESP2', async () => {
    node.on('HELLO', () => greeting);
    await connect();
    const replies: [string, unknown][] = [
      ['|1\r\n+ttl\r\n:3600\r\n$1\r\nx\r\n', 'x'],
      ['_\r\n', null],
      ['#t\r\n', 1],
      [',1.50\r\n', '1.50'],
      ['(3492890328409238509324850943850943825024385\r\n', '3492890328409238509324850943850943825024385'],
      ['=7\r\ntxt:abc\r\n', 'abc'],
      ['~2\r\n+a\r\n:9007199254740993\r\n', ['a', 9007199254740993n]],
      ['%1\r\n+a\r\n*1\r\n,inf\r\n', ['a', ['inf']]],
      ['$?\r\n;2\r\nab\r\n;1\r\nc\r\n;0\r\n', 'abc'],
      ['*?\r\n:1\r\n:2\r\n.\r\n', [1, 2]],
    ];
    for (const [bytes, expected] of replies) {
      node.next('ODD', () => Buffer.from(bytes));
      expect(await client.call('ODD'), JSON.stringify(bytes)).toEqual(expected);
    }
  });
});

describe('commands that change their connection', () => {
  it.each([
    ['SELECT', 'a cluster has one database, 0'],
    ['MULTI', 'use multi() or transaction()'],
    ['READONLY', 'use the option readFrom'],
    ['SUBSCRIBE', 'connections are shared here'],
    ['MONITOR', 'connections are shared here'],
  ])('are refused before they are sent, with what to do instead: %s', async (name, advice) => {
    await connect();
    const refusal = await client.call(name, '0').catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: 'UsageError', code: 'USAGE', executed: 'no', command: name });
    expect(String(refusal)).toContain(advice);
    expect(node.received(name)).toEqual([]);
  });
});
