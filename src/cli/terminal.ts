import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** Where a command of the tool writes and reads. */
export interface Terminal {
  /** The outcome, and with `--json` nothing but it. */
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly stdin: Readable;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Resolves when the user wants a command that stays up to end (Ctrl-C, SIGTERM). */
  readonly untilInterrupted: () => Promise<void>;
}

/** The process's own streams and signals. A reader of our output that has gone away (`| head`) is no error. */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  const { stdout, stderr, stdin, env } = process;
  return { stdout, stderr, stdin, environment: env, untilInterrupted };
}

function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    // Listening for signals alone does not keep a process alive.
    const alive = setInterval(() => {}, 60_000);
    const onSignal = (): void => {
      clearInterval(alive);
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(name, onSignal);
      resolve();
    };
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  });
}

/** The next line of input without its end; undefined when the input ends before one. */
export function readLine(input: Readable): Promise<string | undefined> {
  return new Promise((resolve) => {
    const lines = createInterface({ input, terminal: false });
    lines.once('line', (line) => {
      resolve(line);
      lines.close();
    });
    lines.once('close', () => resolve(undefined));
  });
}
