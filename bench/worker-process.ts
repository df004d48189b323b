import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'tsdown';
import type { Answer, Request } from './worker.ts';

type GoodAnswer = Extract<Answer, { ok: true }>;

const built = new URL('./.build/', import.meta.url);

/** Compiles the worker once, so that its processes start without doing so. */
export async function buildWorker(): Promise<void> {
  const entry = fileURLToPath(new URL('./worker.ts', import.meta.url));
  const silent = { config: false, dts: false, logLevel: 'silent', platform: 'node' } as const;
  await build({ ...silent, entry, format: 'esm', outDir: fileURLToPath(built) });
}

/** A child process with one contestant in it. All get the same flags, and one at a time is asked to work. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #name: string;
  #isGone = false;

  constructor(name: string, moreFlags: readonly string[] = []) {
    this.#name = name;
    this.#child = fork(fileURLToPath(new URL('worker.mjs', built)), {
      execArgv: ['--expose-gc', ...moreFlags],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.once('exit', () => {
      this.#isGone = true;
    });
  }

  async ask(request: Request): Promise<GoodAnswer> {
    if (this.#isGone) throw new Error(`${this.#name} has ended`);
    const answer = await new Promise<Answer>((resolve, reject) => {
      const onExit = () => reject(new Error(`${this.#name} ended before it answered`));
      this.#child.once('exit', onExit);
      this.#child.once('message', (message: Answer) => {
        this.#child.off('exit', onExit);
        resolve(message);
      });
      this.#child.send(request);
    });
    if (!answer.ok) throw new Error(`${this.#name}: ${answer.error}`);
    return answer;
  }

  /** Ends the process at once, whatever it waits for. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Ends the process: nicely first, so that a profile is written, and for certain after two seconds. */
  async stop(): Promise<void> {
    if (this.#isGone) return;
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    const forced = setTimeout(() => this.#child.kill('SIGKILL'), 2000);
    this.ask({ type: 'close' }).catch(() => this.#child.kill('SIGKILL'));
    await gone;
    clearTimeout(forced);
  }
}
