import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

export interface CliOutcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** Written to standard input, which is then closed. */
  readonly input?: string;
  readonly environment?: Record<string, string>;
}

/** Starts the command-line tool as a process of its own. */
export function spawnCli(words: readonly string[], environment: Record<string, string> = {}): ChildProcess {
  const { SLOTWISE_PASSWORD: _, ...inherited } = process.env;
  return spawn(process.execPath, ['--import', 'tsx', main, ...words], {
    cwd: root,
    env: { ...inherited, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Runs the command-line tool and collects what it printed. */
export async function runCli(words: readonly string[], options: CliOptions = {}): Promise<CliOutcome> {
  const child = spawnCli(words, options.environment);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin?.end(options.input ?? '');
  await once(child, 'close');
  return { exitCode: child.exitCode, stdout, stderr };
}
