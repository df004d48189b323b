import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withLink } from '../../src/admin/node-link.ts';
import { keySlot } from '../../src/slots/key-slot.ts';
import { type SlotMoveProgress, startCluster, type TestCluster, type TestNode } from '../../src/testing/index.ts';

const password = 'test-word';

/** A replica of the master; the tests' cluster has one each. */
async function replicaOf(cluster: TestCluster, master: TestNode): Promise<TestNode> {
  const [replica] = await cluster.replicasOf(master);
  if (replica === undefined) throw new Error(`${master.address} has no replica`);
  return replica;
}

describe('a running test cluster', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startCluster({ config: { requirepass: password } });
  });
  afterAll(() => cluster?.stop());

  it('has three masters with a replica each, and tells who serves a slot', async () => {
    expect(cluster.addresses).toHaveLength(6);
    const masters = await cluster.masters();
    expect(masters).toHaveLength(3);
    for (const master of masters) expect(await cluster.replicasOf(master)).toHaveLength(1);
    const owner = await cluster.masterOf(keySlot('user:42'));
    expect(await owner.call('SET', 'user:42', 'Ada')).toBe('OK');
    const other = await cluster.masterOf(keySlot('user:42') < 8192 ? 16383 : 0);
    await expect(other.call('GET', 'user:42')).rejects.toMatchObject({ code: 'MOVED' });
  });

  it('fails over to a replica and sees the new roles at once', async () => {
    const oldMaster = await cluster.masterOf(0);
    const replica = await replicaOf(cluster, oldMaster);
    await cluster.failover(replica);
    expect(await cluster.masterOf(0)).toBe(replica);
    expect(await cluster.replicasOf(replica)).toEqual([oldMaster]);
    expect(await cluster.masters()).not.toContain(oldMaster);
    await expect(cluster.failover(replica)).rejects.toThrow('is not a running replica');
  });

  it('kills a master, waits for its failover, and brings it back as a replica with its data', async () => {
    await cluster.untilOk();
    const master = await cluster.masterOf(keySlot('kept'));
    const replica = await replicaOf(cluster, master);
    await master.call('SET', 'kept', '1');
    expect(await master.call('WAIT', 1, 5_000)).toBe(1);
    await cluster.kill(master);
    expect(master).toMatchObject({ state: 'stopped', pid: undefined });
    await expect(master.call('PING')).rejects.toMatchObject({ name: 'ConnectionError' });
    await cluster.untilOk();
    expect(await cluster.masterOf(keySlot('kept'))).toBe(replica);
    expect(await replica.call('GET', 'kept')).toBe('1');
    await cluster.restart(master);
    await cluster.untilOk();
    expect(await cluster.replicasOf(replica)).toEqual([master]);
    expect(Number(await master.call('DBSIZE'))).toBeGreaterThan(0);
  });

  it('freezes a node that keeps its connections, and lets it go on', async () => {
    const node = await cluster.masterOf(16383);
    const access = { password, timeoutMs: 30_000 };
    await withLink(node.address, access, async (link) => {
      await cluster.pause(node);
      let answered = false;
      const reply = link.call('PING').then((pong) => {
        answered = true;
        return pong;
      });
      // Another node answers in the meantime: the frozen one would have too.
      for (let i = 0; i < 20; i++) await (await cluster.masterOf(0)).call('PING');
      expect(answered).toBe(false);
      expect(node.state).toBe('paused');
      await expect(cluster.pause(node)).rejects.toThrow('only a running node can pause');
      await cluster.resume(node);
      expect(await reply).toBe('PONG');
    });
    await cluster.untilOk();
  });

  it('restarts a running node in good order, on its data', async () => {
    const node = await cluster.masterOf(keySlot('after-restart'));
    await node.call('SET', 'after-restart', 'yes');
    const pid = node.pid;
    await cluster.restart(node);
    expect(node.pid).not.toBe(pid);
    expect(node.state).toBe('running');
    await cluster.untilOk();
    expect(await (await cluster.masterOf(keySlot('after-restart'))).call('GET', 'after-restart')).toBe('yes');
  });

  it('adds a master and a replica, and removes them again', async () => {
    const master = await cluster.addNode();
    const replica = await cluster.addNode({ replicaOf: master });
    expect(await cluster.masters()).toContain(master);
    expect(await cluster.replicasOf(master)).toEqual([replica]);
    expect(cluster.addresses).toHaveLength(8);

    const source = await cluster.masterOf(100);
    await cluster.moveSlots(source, master, [{ from: 100, to: 102 }, 104]);
    await cluster.untilOk();
    expect(await cluster.masterOf(104)).toBe(master);
    expect(await cluster.masterOf(103)).toBe(source);
    await expect(cluster.removeNode(master)).rejects.toThrow('owns slots');

    await cluster.moveSlots(master, source, [100, 101, 102, 104]);
    await cluster.removeNode(replica);
    await cluster.removeNode(master);
    expect(cluster.addresses).toHaveLength(6);
    await cluster.untilOk();
    const view = String(await source.call('CLUSTER', 'NODES'));
    expect(view).not.toContain(master.id);
    expect(view).not.toContain(replica.id);
    await expect(cluster.kill(master)).rejects.toThrow('not a node of this cluster');
  });
});

describe('moving slots of a test cluster', () => {
  let cluster: TestCluster;
  const keys = ['{tag}1', '{tag}2', '{tag}3'];
  const slot = keySlot('{tag}');

  beforeAll(async () => {
    cluster = await startCluster({ replicas: 0 });
  });
  afterAll(() => cluster?.stop());

  it('can be held at every step, and the servers answer as they do half-way', async () => {
    const source = await cluster.masterOf(slot);
    const [target] = (await cluster.masters()).filter((node) => node !== source);
    if (target === undefined) throw new Error('three masters expected');
    for (const key of keys) await source.call('SET', key, `value of ${key}`);
    const steps: string[] = [];
    const onStep = async ({ step, keysMoved }: SlotMoveProgress): Promise<void> => {
      steps.push(step);
      if (step === 'importing') await expect(target.call('GET', '{tag}1')).rejects.toMatchObject({ code: 'MOVED' });
      if (step === 'migrating') {
        expect(await source.call('GET', '{tag}1')).toBe('value of {tag}1');
        await expect(source.call('GET', '{tag}absent')).rejects.toMatchObject({ code: 'ASK' });
      }
      if (step === 'keys' && keysMoved === 1) {
        await expect(source.call('MGET', ...keys)).rejects.toMatchObject({ code: 'TRYAGAIN' });
      }
      if (step === 'taken') expect(await target.call('GET', '{tag}1')).toBe('value of {tag}1');
    };
    await cluster.moveSlots(source, target, [slot], { onStep, keysPerBatch: 1 });
    expect(steps).toEqual(['importing', 'migrating', 'keys', 'keys', 'keys', 'taken', 'given', 'done']);
    expect(await cluster.masterOf(slot)).toBe(target);
    for (const key of keys) expect(await target.call('GET', key)).toBe(`value of ${key}`);
    await cluster.untilOk();
    await expect(source.call('GET', '{tag}1')).rejects.toMatchObject({ code: 'MOVED' });
  });

  it('goes on where a move has stopped half-way', async () => {
    const source = await cluster.masterOf(slot);
    const [target] = (await cluster.masters()).filter((node) => node !== source);
    if (target === undefined) throw new Error('three masters expected');
    const stopHere = new Error('the one who moves has died');
    const dying = cluster.moveSlots(source, target, [slot], {
      keysPerBatch: 1,
      onStep: ({ step }) => {
        if (step === 'keys') throw stopHere;
      },
    });
    await expect(dying).rejects.toBe(stopHere);
    expect(await cluster.masterOf(slot)).toBe(source);
    await cluster.moveSlots(source, target, [slot]);
    expect(await cluster.masterOf(slot)).toBe(target);
    for (const key of keys) expect(await target.call('GET', key)).toBe(`value of ${key}`);
  });
});
