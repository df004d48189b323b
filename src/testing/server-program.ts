import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { UsageError } from '../errors.ts';

/** A server program that has told its version. */
export interface ServerProgram {
  readonly path: string;
  /** `redis 7.0.15`. */
  readonly name: string;
  readonly major: number;
}

const run = promisify(execFile);

/**
 * Finds the server to run: the path given, else the environment variable SLOTWISE_SERVER, else `redis-server`, else
 * `valkey-server` on the PATH.
 * @throws UsageError (`NO_SERVER`) saying what was tried and how to install one.
 */
export async function findServer(path: string | undefined): Promise<ServerProgram> {
  const chosen = path ?? process.env['SLOTWISE_SERVER'];
  if (chosen !== undefined && chosen !== '') return inspect(chosen);
  const complaints: string[] = [];
  for (const name of ['redis-server', 'valkey-server']) {
    try {
      return await inspect(name);
    } catch (error) {
      complaints.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new UsageError(
    'NO_SERVER',
    `no Redis or Valkey server was found (${complaints.join('; ')}). Install one (Debian, Ubuntu: apt install redis-server; ` +
      'Fedora: dnf install redis; Alpine: apk add redis; macOS: brew install redis) or set SLOTWISE_SERVER to its path',
  );
}

async function inspect(path: string): Promise<ServerProgram> {
  let output: string;
  try {
    output = (await run(path, ['--version'])).stdout;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const reason = code === 'ENOENT' ? 'there is no such program' : `it ended with ${code}`;
    throw new UsageError('NO_SERVER', `${path} cannot be run as a server: ${reason}`, { cause: error });
  }
  const match = /(\w+) server v=((\d+)\.[\w.]+)/i.exec(output);
  if (match === null) {
    throw new UsageError(
      'NO_SERVER',
      `${path} is no Redis or Valkey server: it did not tell a version when asked --version`,
    );
  }
  return { path, name: `${(match[1] ?? '').toLowerCase()} ${match[2]}`, major: Number(match[3]) };
}
