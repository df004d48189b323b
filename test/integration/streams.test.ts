import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { startCluster } from '../../src/testing/start-cluster.ts';
import type { TestCluster } from '../../src/testing/test-cluster.ts';

let cluster: TestCluster;
let client: ClusterClient;

beforeAll(async () => {
  cluster = await startCluster({ masters: 3, replicas: 0 });
  client = new ClusterClient(cluster.addresses[0] ?? '');
});

afterAll(async () => {
  await client?.close();
  await cluster?.stop();
});

describe('streams', () => {
  it('take entries and give them to the consumers of a group', async () => {
    const stream = '{streams}:1';
    const first = await client.xadd(stream, '*', { colour: 'red', size: 3 });
    const second = await client.xadd(stream, 'MAXLEN', '~', 1000, '*', 'colour', 'blue');
    expectTypeOf(first).toEqualTypeOf<string>();
    expect(await client.xgroup('CREATE', stream, 'g', '0')).toBe('OK');

    const read = await client.xreadgroup('GROUP', 'g', 'c', 'COUNT', 10, 'BLOCK', 1000, 'STREAMS', stream, '>');
    expectTypeOf(read).toEqualTypeOf<[key: string, entries: [id: string, fields: string[] | null][]][] | null>();
    expect(read).toEqual([
      [
        stream,
        [
          [first, ['colour', 'red', 'size', '3']],
          [second, ['colour', 'blue']],
        ],
      ],
    ]);
    expect(await client.xack(stream, 'g', first)).toBe(1);
    expect(await client.xreadgroup('GROUP', 'g', 'c', 'STREAMS', stream, '0')).toEqual([
      [stream, [[second, ['colour', 'blue']]]],
    ]);
    expect(await client.xack(stream, 'g', [second])).toBe(1);
    expect(await client.xreadgroup('GROUP', 'g', 'c', 'BLOCK', 50, 'STREAMS', stream, '>')).toBeNull();
  });

  it('wake a consumer that blocks', async () => {
    const stream = '{streams}:2';
    await client.xgroup('CREATE', stream, 'g', '$', 'MKSTREAM');
    const reading = client.xreadgroupBuffer('GROUP', 'g', 'c', 'BLOCK', 0, 'STREAMS', stream, '>');
    const id = await client.xadd(stream, '*', 'bytes', Buffer.from([0xff, 0x00]));
    const reply = await reading;
    expect(reply?.[0]?.[1]).toEqual([[Buffer.from(id), [Buffer.from('bytes'), Buffer.from([0xff, 0x00])]]]);
  });

  it('are read together where they share a slot', async () => {
    const [a, b] = ['{streams}:3', '{streams}:4'];
    const id = await client.xadd(a, '*', 'n', 1);
    const other = await client.xadd(b, '*', 'n', 2);
    expect(await client.xread('BLOCK', 1000, 'STREAMS', a, b, '0', '0')).toEqual([
      [a, [[id, ['n', '1']]]],
      [b, [[other, ['n', '2']]]],
    ]);
  });
});
