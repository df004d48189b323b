import { expect, it } from 'vitest';
import { runScript } from '../helpers/run-script.ts';

it('the demo creates a cluster, survives resharding and a failover, and ends with exit code 0', async () => {
  const { exitCode, stdout, stderr } = await runScript('demo/main.ts', { SLOTWISE_DEMO_KEYS: '5000' });
  expect(stderr).toBe('');
  expect(stdout).toContain('cluster-enabled yes');
  expect(stdout).toMatch(/^M: [0-9a-f]{40} 127\.0\.0\.1:\d+\n {3}slots:0-5460 \(5461 slots\) master$/m);
  expect(stdout).toMatch(/^S: [0-9a-f]{40} 127\.0\.0\.1:\d+\n {3}replicates [0-9a-f]{40}$/m);
  expect(stdout).toContain('[OK] All 16384 slots covered.');
  expect(stdout).toMatch(/10923-16383 +-> 127\.0\.0\.1:\d+, replica 127\.0\.0\.1:\d+/);
  expect(stdout).toContain('[OK] 5,000 values stored, 5,000 read back right');
  expect(stdout).toMatch(/MOVED followed: [1-9][\d,]*, ASK followed: [1-9]/);
  expect(stdout).toMatch(/its slots served again through the client after \d/);
  expect(stdout.match(/\[OK\] errors: 0/g)).toHaveLength(2);
  expect(stdout.match(/\[OK\] .*acknowledged writes.* lost: 0/g)).toHaveLength(2);
  expect(stdout).toContain('[OK] all servers have ended, and their files are removed');
  expect(stdout).not.toContain('[FAILED]');
  expect(stdout, 'colour without a terminal').not.toContain('\x1b');
  expect(stdout, 'redrawn lines without a terminal').not.toContain('\r');
  expect(exitCode).toBe(0);
}, 120_000);
