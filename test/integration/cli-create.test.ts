import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestNode } from '../../src/testing/index.ts';
import { type BareNodes, startBareNodes } from '../helpers/bare-nodes.ts';
import { runCli } from '../helpers/run-cli.ts';

/** Whether the node is still as it was started: alone, without slots. */
async function isUntouched(node: TestNode): Promise<boolean> {
  const facts = String(await node.call('CLUSTER', 'INFO'));
  return facts.includes('cluster_known_nodes:1\r') && facts.includes('cluster_slots_assigned:0\r');
}

describe('slotwise create', () => {
  let bare: BareNodes;

  beforeAll(async () => {
    bare = await startBareNodes(6);
  });
  afterAll(() => bare?.stop());

  it.each([
    ['another answer', 'no\n'],
    ['YES in capitals', 'YES\n'],
    ['an end of input without an answer', ''],
  ])('changes nothing after %s', async (_, input) => {
    const { exitCode, stdout, stderr } = await runCli(['create', '--replicas', '1', ...bare.addresses], { input });
    expect(stdout).toContain("Can I set the above configuration? (type 'yes' to accept): ");
    expect(stderr).toContain('Nothing was changed.');
    expect(exitCode).toBe(1);
    expect(await Promise.all(bare.nodes.map(isUntouched))).toEqual(bare.nodes.map(() => true));
  });

  it('refuses too few nodes and says how many it takes', async () => {
    const { exitCode, stderr } = await runCli(['create', '--replicas', '1', ...bare.addresses.slice(0, 5), '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('takes 6 nodes: 5 given');
  });

  it('refuses unfit nodes, all in one message, and changes nothing', async () => {
    const [holder, owner, ...fit] = bare.nodes;
    if (holder === undefined || owner === undefined) throw new Error('six nodes expected');
    await holder.call('CLUSTER', 'ADDSLOTS', 0);
    await holder.call('CONFIG', 'SET', 'cluster-require-full-coverage', 'no');
    while (!String(await holder.call('CLUSTER', 'INFO')).includes('cluster_state:ok')) {
      // Served after the two seconds that a new master waits.
    }
    await holder.call('SET', '{06S}', 'kept');
    await owner.call('CLUSTER', 'ADDSLOTS', 1);
    const words = ['create', '127.0.0.1:1', ...bare.addresses, '--yes'];
    const { exitCode, stderr } = await runCli(words);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('nothing was changed');
    expect(stderr).toContain('127.0.0.1:1: connect ECONNREFUSED');
    expect(stderr).toContain(`${holder.address}: is not empty`);
    expect(stderr).toContain(`${owner.address}: already owns slots`);
    expect(await Promise.all(fit.map(isUntouched))).toEqual(fit.map(() => true));
    expect(await holder.call('GET', '{06S}')).toBe('kept');
    await holder.call('FLUSHALL');
    for (const node of [holder, owner]) await node.call('CLUSTER', 'RESET', 'HARD');
  });

  it('creates a cluster after a piped yes, which check and info then describe', async () => {
    const { exitCode, stdout, stderr } = await runCli(['create', '--replicas', '1', ...bare.addresses], {
      input: 'yes\n',
    });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^M: [0-9a-f]{40} 127\.0\.0\.1:\d+\n {3}slots:0-5460 \(5461 slots\) master$/m);
    expect(stdout).toMatch(/^S: [0-9a-f]{40} 127\.0\.0\.1:\d+\n {3}replicates [0-9a-f]{40}$/m);
    expect(stdout).toContain('slots:5461-10922 (5462 slots) master');
    expect(stdout).toContain('slots:10923-16383 (5461 slots) master');
    expect(stdout).toMatch(/^Waiting for the cluster to join\.+$/m);
    expect(stdout).toContain('[OK] All nodes agree about slots configuration.');
    expect(stdout).toContain('[OK] All 16384 slots covered.');
    expect(exitCode).toBe(0);

    const [, , , , , replica] = bare.addresses;
    const check = await runCli(['check', String(replica)]);
    expect(check.exitCode).toBe(0);
    expect(check.stdout).toContain('[OK] All 16384 slots covered.');
    expect(check.stdout.match(/^M: /gm)).toHaveLength(3);
    expect(check.stdout.match(/^S: /gm)).toHaveLength(3);

    await bare.nodes[0]?.call('SET', '{06S}', 'x');
    const summary = await runCli(['info', String(bare.addresses[0]), '--json']);
    expect(summary.exitCode).toBe(0);
    expect(JSON.parse(summary.stdout)).toMatchObject({
      ok: true,
      masters: 3,
      replicas: 3,
      keys: 1,
      coveredSlots: 16384,
    });
    const text = await runCli(['info', String(bare.addresses[0])]);
    expect(text.stdout).toMatch(/-> 1 key \| 5461 slots \| 1 replica \|/);
    expect(text.stdout).toContain('[OK] 1 key in 3 masters');
  });

  it('refuses nodes of an existing cluster', async () => {
    const { exitCode, stderr } = await runCli(['create', ...bare.addresses, '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('already knows 5 other nodes');
  });
});

describe('slotwise create with a password', () => {
  let bare: BareNodes;
  const password = 'a-secret-word';

  beforeAll(async () => {
    bare = await startBareNodes(3, { requirepass: password, masterauth: password });
  });
  afterAll(() => bare?.stop());

  it('says what is missing without one', async () => {
    const { exitCode, stderr } = await runCli(['create', ...bare.addresses, '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`${bare.addresses[0]}: NOAUTH Authentication required. (give a password)`);
    const check = await runCli(['check', String(bare.addresses[0])]);
    expect(check.stderr).toBe(`[ERR] ${bare.addresses[0]}: NOAUTH Authentication required. (give a password)\n`);
  });

  it('does not print a wrong one', async () => {
    const { exitCode, stdout, stderr } = await runCli(['create', ...bare.addresses, '--yes', '--pass', 'not-this-one']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('check user and password');
    expect(stdout + stderr).not.toContain('not-this-one');
  });

  it('takes it from the environment, and gives the outcome as one JSON document', async () => {
    const environment = { SLOTWISE_PASSWORD: password };
    const { exitCode, stdout, stderr } = await runCli(['create', ...bare.addresses, '--yes', '--json'], {
      environment,
    });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ created: true, check: { ok: true, coveredSlots: 16384, problems: [] } });
    expect(stdout + stderr).not.toContain(password);
  });
});
