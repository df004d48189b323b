import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { commandTable } from '../../../src/cli/command-table.ts';
import { runCommandLine } from '../../../src/cli/run-command-line.ts';
import { readLine } from '../../../src/cli/terminal.ts';
import { VERSION } from '../../../src/version.ts';

async function run(words: readonly string[], environment: Record<string, string> = {}) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const exitCode = await runCommandLine(words, {
    stdout,
    stderr,
    stdin: Readable.from([]),
    environment,
    untilInterrupted: () => Promise.resolve(),
  });
  return { exitCode, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

describe('the slotwise command line', () => {
  it('lists every command in its help', async () => {
    const { exitCode, stdout } = await run(['--help']);
    expect(exitCode).toBe(0);
    for (const { name } of commandTable) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  it.each(commandTable.map(({ name, options }) => [name, options]))(
    'explains every option of %s',
    async (name, options) => {
      const { exitCode, stdout } = await run([name, '--help']);
      expect(exitCode).toBe(0);
      for (const { flags } of options) expect(stdout).toContain(flags);
    },
  );

  it.each([
    [[], 'Usage: slotwise'],
    [['destroy'], "unknown command 'destroy'"],
    [['check'], "missing required argument 'address'"],
    [['check', '127.0.0.1:1', '127.0.0.1:2'], 'too many arguments'],
    [['check', '127.0.0.1:1', '--replicas', '1'], "unknown option '--replicas'"],
    [['create', '--replicas', 'one', '127.0.0.1:1'], 'It must be a whole number'],
    [['create', '--replicas', '-1', '127.0.0.1:1'], 'It must be a whole number'],
    [['dev', '--base-port', '70000'], 'It must be a whole number from 0 to 65535'],
    [['dev', '--nodes', '7'], 'try --nodes 8'],
    [['dev', '--nodes', '4', '--replicas', '0', '--base-port', '80'], 'base port must be'],
    [['check', 'nonsense'], '"nonsense" is not an address'],
    [['check', '127.0.0.1:1', '--user', 'ada'], '--user needs a password'],
    [['check', '127.0.0.1:1', '--ca', '/nowhere.pem'], '--ca: ENOENT'],
  ])('exits with 2 for %j', async (words, message) => {
    const { exitCode, stdout, stderr } = await run(words);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });

  it('tells its version', async () => {
    expect(await run(['--version'])).toEqual({ exitCode: 0, stdout: `${VERSION}\n`, stderr: '' });
  });

  it('exits with 1 when a node cannot be asked, with the error as JSON where that was asked for', async () => {
    const { exitCode, stdout, stderr } = await run(['info', '127.0.0.1:1', '--json'], { SLOTWISE_PASSWORD: 'hidden' });
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: 'CONNECT_FAILED' } });
    expect(stderr).toContain('[ERR] 127.0.0.1:1');
    expect(stdout + stderr).not.toContain('hidden');
  });

  it('exits with 1 for fewer nodes than a cluster needs, before asking any', async () => {
    const { exitCode, stderr } = await run(['create', '--replicas', '2', '127.0.0.1:1', '127.0.0.1:2', '127.0.0.1:3']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('takes 9 nodes: 3 given');
  });
});

describe('readLine', () => {
  it.each([
    [['yes\n'], 'yes'],
    [['y', 'es\nand more\n'], 'yes'],
    [['yes\r\n'], 'yes'],
    [['yes'], 'yes'],
    [['\n'], ''],
    [[], undefined],
  ])('reads %j', async (chunks, line) => {
    expect(await readLine(Readable.from(chunks))).toBe(line);
  });
});
