import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkCluster, createCluster, describeCluster } from '../../src/admin/index.ts';
import { startCluster, type TestCluster, type TestNode } from '../../src/testing/index.ts';
import { type BareNodes, startBareNodes } from '../helpers/bare-nodes.ts';
import { runCli } from '../helpers/run-cli.ts';

describe('checkCluster', () => {
  let cluster: TestCluster;
  let first: TestNode;
  let second: TestNode;

  beforeAll(async () => {
    cluster = await startCluster({ replicas: 0 });
    first = await cluster.masterOf(0);
    second = await cluster.masterOf(16383);
  });
  afterAll(() => cluster?.stop());

  it('finds nothing wrong with a sound cluster, from any node', async () => {
    for (const address of cluster.addresses) {
      const check = await checkCluster(address);
      expect(check.problems).toEqual([]);
      expect(check).toMatchObject({ ok: true, coveredSlots: 16384, address });
      expect(check.nodes).toHaveLength(3);
    }
  });

  it('names a slot that was left half-moved, at both ends', async () => {
    await second.call('CLUSTER', 'SETSLOT', 7, 'IMPORTING', first.id);
    await first.call('CLUSTER', 'SETSLOT', 7, 'MIGRATING', second.id);
    const { ok, problems } = await checkCluster(second.address);
    expect(ok).toBe(false);
    expect(problems).toContainEqual(
      expect.objectContaining({ kind: 'openSlot', address: first.address, slots: [{ from: 7, to: 7 }] }),
    );
    expect(problems).toContainEqual(expect.objectContaining({ kind: 'openSlot', address: second.address }));
    const { exitCode, stdout } = await runCli(['check', first.address]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`[ERR] ${first.address} has slot 7 in migrating state`);
    expect(stdout).toContain(`[ERR] ${second.address} has slot 7 in importing state`);
    for (const node of [first, second]) await node.call('CLUSTER', 'SETSLOT', 7, 'STABLE');
    expect((await checkCluster(first.address)).ok).toBe(true);
  });

  it('names uncovered slots, and who disagrees about them', async () => {
    await first.call('CLUSTER', 'DELSLOTS', 0, 1, 2, 5);
    const { ok, coveredSlots, problems } = await checkCluster(second.address);
    expect(ok).toBe(false);
    expect(coveredSlots).toBe(16380);
    const slots = [
      { from: 0, to: 2 },
      { from: 5, to: 5 },
    ];
    expect(problems).toContainEqual(expect.objectContaining({ kind: 'uncovered', slots }));
    expect(problems).toContainEqual(expect.objectContaining({ kind: 'disagreement', address: first.address, slots }));
    const { exitCode, stdout } = await runCli(['check', second.address, '--json']);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, coveredSlots: 16380 });
    await first.call('CLUSTER', 'ADDSLOTS', 0, 1, 2, 5);
    await cluster.untilOk();
    expect((await checkCluster(second.address)).ok).toBe(true);
  });

  it('names a node that is down, and the slots that nobody serves any more', async () => {
    await cluster.kill(second);
    const check = await checkCluster(first.address);
    expect(check.problems).toContainEqual(expect.objectContaining({ kind: 'unreachable', address: second.address }));
    const summary = await describeCluster(first.address);
    expect(summary.ok).toBe(false);
    expect(summary.nodes.find((node) => node.address === second.address)?.unreachable).toContain('ECONNREFUSED');
    await cluster.restart(second);
    await cluster.untilOk();
  });

  it('says why the node given cannot be asked', async () => {
    await expect(checkCluster('127.0.0.1:1')).rejects.toMatchObject({ name: 'ConnectionError' });
    const { exitCode, stderr } = await runCli(['check', '127.0.0.1:1']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('nothing listens there');
  });
});

describe('createCluster', () => {
  let bare: BareNodes;

  beforeAll(async () => {
    bare = await startBareNodes(3);
  });
  afterAll(() => bare?.stop());

  it('gives up in bounded time on a node that stops answering, and names it', async () => {
    const [, , silent] = bare.nodes;
    if (silent === undefined) throw new Error('three nodes expected');
    let pausing: Promise<void> | undefined;
    const creating = createCluster(bare.addresses, {
      joinTimeoutMs: 500,
      timeoutMs: 300,
      onProgress: ({ step }) => {
        if (step === 'joining') pausing ??= silent.pause();
      },
    });
    await expect(creating).rejects.toMatchObject({
      code: 'JOIN_TIMEOUT',
      message: expect.stringContaining(`${silent.address} does not answer`),
    });
    await pausing;
  });
});
