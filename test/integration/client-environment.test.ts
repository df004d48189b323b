import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { startCluster } from '../../src/testing/start-cluster.ts';
import { FakeNode } from '../helpers/fake-node.ts';
import { simpleReply } from '../helpers/fake-reply.ts';
import { runNode } from '../helpers/run-script.ts';
import { startStandalone } from '../helpers/standalone-server.ts';

const clients: ClusterClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

function makeClient(...args: ConstructorParameters<typeof ClusterClient>): ClusterClient {
  const client = new ClusterClient(...args);
  clients.push(client);
  return client;
}

describe('a cluster with a password', () => {
  it('is used with it, in an option or a URL, under both protocols, and not without', async () => {
    await using cluster = await startCluster({ replicas: 0, config: { requirepass: 'p@ss:w%rd' } });
    const [address = ''] = cluster.addresses;
    for (const protocol of [2, 3] as const) {
      expect(await makeClient(address, { password: 'p@ss:w%rd', protocol }).set('key', '1')).toBe('OK');
      expect(await makeClient(`redis://default:p%40ss%3Aw%25rd@${address}`, { protocol }).get('key')).toBe('1');
      const without = makeClient(address, { protocol });
      await expect(without.connect()).rejects.toThrow(/NOAUTH.*set `password`/);
      const wrong = makeClient(address, { protocol, password: 'battery-staple' });
      const failure = await wrong.connect().catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: 'ClusterError', code: 'NO_SEED', isPermanent: true });
      expect(String(failure)).toMatch(/WRONGPASS/);
      expect(String(failure)).not.toContain('battery');
    }
  });
});

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));

// Only where the machine speaks IPv6 at all.
describe.runIf(hasIpv6)('IPv6', () => {
  it('seeds and announced addresses are reached', async () => {
    await using node = await FakeNode.start({ host: '::1' });
    node.on('SET', () => simpleReply('OK'));
    expect(await makeClient(`[::1]:${node.port}`).set('key', '1')).toBe('OK');
    expect(await makeClient({ host: '::1', port: node.port }).set('key', '1')).toBe('OK');
    expect(node.received('SET')).toHaveLength(2);
  });
});

/** Runs a program that has `client` for a client of this seed and may await; `tsx` gives it the sources as they are. */
function runProgram(seed: string, program: string) {
  const lines = [
    `import { ClusterClient } from './src/index.ts';`,
    `const client = new ClusterClient(${JSON.stringify(seed)}, { timeoutMs: 2_000 });`,
    program,
  ];
  return runNode(['--import', 'tsx', '--input-type=module', '--eval', lines.join('\n')]);
}

describe('the process of a client', () => {
  it('ends by itself after close() and destroy(), and not before its commands are answered', async () => {
    await using cluster = await startCluster({ replicas: 0 });
    const [address = ''] = cluster.addresses;
    const outcomes = await Promise.all([
      runProgram(address, `console.log(await client.set('key', '1')); await client.close();`),
      runProgram(address, `client.set('key', '1').then(console.log); client.close();`),
      runProgram(address, `await client.set('key', '1'); client.destroy(); console.log('OK');`),
      runProgram(address, `client.get('key').catch((error) => console.log(error.code)); client.destroy();`),
    ]);
    expect(outcomes.map(({ exitCode, stdout, stderr }) => [exitCode, stdout.trim(), stderr])).toEqual([
      [0, 'OK', ''],
      [0, 'OK', ''],
      [0, 'OK', ''],
      [0, 'CLOSED', ''],
    ]);
  });

  it('survives that nobody can be reached, with no listener and no catch but the one on its command', async () => {
    const dead = await FakeNode.start();
    await dead.stop();
    const standalone = await startStandalone();
    try {
      const outcomes = await Promise.all([
        runProgram(
          dead.address,
          `try { await client.get('key'); } catch (error) { console.log(error.code); } await client.close();`,
        ),
        runProgram(
          standalone.address,
          `try { await client.connect(); } catch (error) { console.log(/cluster-enabled yes/.test(error.message)); } client.destroy();`,
        ),
      ]);
      expect(outcomes.map(({ exitCode, stdout, stderr }) => [exitCode, stdout.trim(), stderr])).toEqual([
        [0, 'TIMEOUT', ''],
        [0, 'true', ''],
      ]);
    } finally {
      await standalone.stop();
    }
  });
});
