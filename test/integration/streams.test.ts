import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { keySlot } from '../../src/slots/key-slot.ts';
import { startCluster } from '../../src/testing/start-cluster.ts';
import type { TestCluster } from '../../src/testing/test-cluster.ts';
import { until } from '../helpers/watch-cluster.ts';

let cluster: TestCluster;
let client: ClusterClient;

beforeAll(async () => {
  cluster = await startCluster({ masters: 3, replicas: 1 });
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

  it('are waited for at a replica where reads may go there', async () => {
    const stream = '{streams}:5';
    const first = await client.xadd(stream, '*', 'n', 1);
    const master = await cluster.masterOf(keySlot(stream));
    const [replica] = await cluster.replicasOf(master);
    const reading = client.with({ readFrom: 'replica' }).xread('BLOCK', 0, 'STREAMS', stream, first);
    await until('the replica holds the read', async () =>
      /blocked_clients:1/.test(String(await replica?.call('INFO', 'clients'))),
    );
    const id = await client.xadd(stream, '*', 'n', 2);
    expect(await reading).toEqual([[stream, [[id, ['n', '2']]]]]);
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
