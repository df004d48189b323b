import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { ClientClosedError, CommandAbortedError } from '../../src/errors.ts';
import { keySlot } from '../../src/slots/key-slot.ts';
import { startCluster } from '../../src/testing/start-cluster.ts';
import type { TestCluster } from '../../src/testing/test-cluster.ts';
import type { TestNode } from '../../src/testing/test-node.ts';
import { openSockets, until } from '../helpers/watch-cluster.ts';

let cluster: TestCluster;
let client: ClusterClient;
const clients: ClusterClient[] = [];
let run = 0;

beforeAll(async () => {
  cluster = await startCluster({ masters: 3, replicas: 0 });
  client = new ClusterClient(cluster.addresses[0] ?? '');
  clients.push(client);
  await client.connect();
});

afterEach(() => {
  for (const other of clients.splice(1)) other.destroy();
});

afterAll(async () => {
  client?.destroy();
  await cluster?.stop();
});

/** A key that no other test uses. */
function freshKey(): string {
  return `blocking:${++run}`;
}

/** Resolves when the server holds so many clients. */
async function untilHeld(node: TestNode, count: number): Promise<void> {
  await until(
    `${node.address} holds ${count} clients`,
    async () => Number(/blocked_clients:(\d+)/.exec(String(await node.call('INFO', 'clients')))?.[1]) === count,
  );
}

describe('blocking commands', () => {
  it('wait for an element without holding up the other commands of their node', async () => {
    const key = freshKey();
    const popped = client.blpop(key, 0);
    await untilHeld(await cluster.masterOf(keySlot(key)), 1);
    expect(await client.set(`{${key}}:beside`, 'served')).toBe('OK');
    expect(await client.rpush(key, 'first')).toBe(1);
    expect(await popped).toEqual([key, 'first']);
  });

  it('end with null when the time of the server is over', async () => {
    const key = freshKey();
    const startedAt = performance.now();
    expect(await client.blpop(key, 0.2)).toBeNull();
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(190);
    expect(await client.bzpopmin(key, '0.1')).toBeNull();
    expect(await client.blmove(key, `{${key}}:to`, 'LEFT', 'RIGHT', 0.1)).toBeNull();
    expect(await client.blmpop(0.1, 1, key, 'LEFT')).toBeNull();
    expect(await client.xread('BLOCK', 100, 'STREAMS', key, '$')).toBeNull();
  });

  it('have their timeout on top of timeoutMs', async () => {
    const key = freshKey();
    expect(await client.with({ timeoutMs: 250 }).blpop(key, 0.6)).toBeNull();
    const forever = client.with({ timeoutMs: 100 }).blpop(key, 0);
    await untilHeld(await cluster.masterOf(keySlot(key)), 1);
    await new Promise((resolve) => setTimeout(resolve, 400));
    await client.rpush(key, 'late');
    expect(await forever).toEqual([key, 'late']);
  });

  it('leave the latency of other commands alone, a thousand of them on one node', async () => {
    const tag = freshKey();
    const master = await cluster.masterOf(keySlot(tag));
    const blocked = Array.from({ length: 1000 }, (_, i) => client.blpop(`{${tag}}:${i}`, 0));
    await untilHeld(master, 1000);
    const latencies: number[] = [];
    for (let i = 0; i < 200; i++) {
      const startedAt = performance.now();
      expect(await client.get(`{${tag}}:value`)).toBeNull();
      latencies.push(performance.now() - startedAt);
    }
    latencies.sort((a, b) => a - b);
    expect(latencies[100]).toBeLessThan(20);
    await Promise.all(blocked.map((_, i) => client.rpush(`{${tag}}:${i}`, `e${i}`)));
    const replies = await Promise.all(blocked);
    expect(replies).toEqual(blocked.map((_, i) => [`{${tag}}:${i}`, `e${i}`]));
  });

  it('wait their turn beyond maxExclusive connections', async () => {
    const tag = freshKey();
    const master = await cluster.masterOf(keySlot(tag));
    const few = new ClusterClient(master.address, { maxExclusive: 3 });
    clients.push(few);
    await few.connect();
    const blocked = Array.from({ length: 8 }, () => few.blpop(`{${tag}}:list`, 0));
    await untilHeld(master, 3);
    expect(await few.get(`{${tag}}:value`)).toBeNull();
    await few.rpush(`{${tag}}:list`, '0', '1', '2', '3', '4', '5', '6', '7');
    const elements = (await Promise.all(blocked)).map((reply) => reply?.[1]);
    expect(elements.sort()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
  });

  it('end when their signal aborts, and the server lets go of them', async () => {
    const key = freshKey();
    const master = await cluster.masterOf(keySlot(key));
    const controller = new AbortController();
    const popped = client.with({ signal: controller.signal }).blpop(key, 0);
    popped.catch(() => {});
    await untilHeld(master, 1);
    controller.abort(new Error('enough'));
    await expect(popped).rejects.toThrow(CommandAbortedError);
    await untilHeld(master, 0);
    await client.rpush(key, 'kept');
    expect(await client.lrange(key, 0, -1)).toEqual(['kept']);
  });

  it('are ended by close(), which waits for everything else', async () => {
    const key = freshKey();
    const other = new ClusterClient(cluster.addresses[0] ?? '');
    clients.push(other);
    await other.connect();
    const socketsBefore = openSockets();
    const popped = other.blpop(key, 0);
    popped.catch(() => {});
    await untilHeld(await cluster.masterOf(keySlot(key)), 1);
    const written = other.set(`{${key}}:beside`, 'served');
    await other.close();
    expect(await written).toBe('OK');
    await expect(popped).rejects.toThrow(ClientClosedError);
    await expect(popped).rejects.toMatchObject({ executed: 'unknown', command: 'BLPOP' });
    await until('its connections are closed', () => openSockets() < socketsBefore);
  });

  it('go on waiting when the server lets go of them with an error, or their connection is lost', async () => {
    const key = freshKey();
    const master = await cluster.masterOf(keySlot(key));
    const popped = client.blpop(key, 0);
    await untilHeld(master, 1);
    const held = async () => /id=(\d+)[^\n]* flags=b /.exec(String(await master.call('CLIENT', 'LIST')))?.[1] ?? '';
    expect(await master.call('CLIENT', 'UNBLOCK', await held(), 'ERROR')).toBe(1);
    await untilHeld(master, 1);
    await master.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await untilHeld(master, 1);
    await client.rpush(key, 'in the end');
    expect(await popped).toEqual([key, 'in the end']);
  });

  it('tell the next server only the time that is left', async () => {
    const key = freshKey();
    const master = await cluster.masterOf(keySlot(key));
    const startedAt = performance.now();
    const popped = client.blpop(key, 1);
    await untilHeld(master, 1);
    await new Promise((resolve) => setTimeout(resolve, 600));
    await master.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    expect(await popped).toBeNull();
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThan(950);
    expect(tookMs).toBeLessThan(1_500);
  });

  it('move with their slot', async () => {
    const key = freshKey();
    const slot = keySlot(key);
    const master = await cluster.masterOf(slot);
    const target = (await cluster.masters()).find((node) => node !== master) as TestNode;
    const popped = client.blpop(key, 0);
    await untilHeld(master, 1);
    await cluster.moveSlots(master, target, [slot]);
    await untilHeld(target, 1);
    await client.rpush(key, 'moved');
    expect(await popped).toEqual([key, 'moved']);
  });

  it('read from a stream until there is an entry', async () => {
    const key = freshKey();
    const read = client.xread('BLOCK', 0, 'STREAMS', key, '$');
    await untilHeld(await cluster.masterOf(keySlot(key)), 1);
    const id = await client.xadd(key, '*', { colour: 'red' });
    expect(await read).toEqual([[key, [[id, ['colour', 'red']]]]]);
    expect(await client.xread('STREAMS', key, '0')).toEqual([[key, [[id, ['colour', 'red']]]]]);
  });

  it('wait at the node to which half of their slot has gone', async () => {
    const key = freshKey();
    const slot = keySlot(key);
    const from = await cluster.masterOf(slot);
    const to = (await cluster.masters()).find((node) => node !== from) as TestNode;
    await client.set(`{${key}}:stays`, 'v');
    let popped: Promise<unknown> | undefined;
    const onStep = async ({ step }: { readonly step: string }): Promise<void> => {
      if (step !== 'migrating' || popped !== undefined) return;
      popped = client.blpop(key, 0);
      await untilHeld(to, 1);
      await client.rpush(key, 'ahead of its slot');
      expect(await popped).toEqual([key, 'ahead of its slot']);
    };
    await cluster.moveSlots(from, to, [slot], { onStep });
    expect(popped).toBeDefined();
  });

  it('keep their place in a pipeline, and do not block in a transaction', async () => {
    const key = freshKey();
    const piped = client.pipeline().set(`{${key}}:a`, '1').blpop(key, 0).get(`{${key}}:a`).exec();
    await untilHeld(await cluster.masterOf(keySlot(key)), 1);
    await client.rpush(key, 'piped');
    expect(await piped).toEqual([
      [null, 'OK'],
      [null, [key, 'piped']],
      [null, '1'],
    ]);
    expect(await client.multi().blpop(key, 0).exec()).toEqual([[null, null]]);
  });

  it('work on a single node, where the caller sees what happens to them', async () => {
    const key = freshKey();
    const node = await client.nodeFor(key);
    const popped = node.blpop(key, 0);
    await untilHeld(await cluster.masterOf(keySlot(key)), 1);
    await client.rpush(key, 'here');
    expect(await popped).toEqual([key, 'here']);
  });
});
