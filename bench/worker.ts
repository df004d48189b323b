import { listContestants } from './contestants.ts';
import { type Figures, LatencySample } from './figures.ts';
import { Floor } from './floor.ts';
import type { Contestant } from './operations.ts';
import { PromiseFloor } from './promise-floor.ts';
import { Prototype } from './prototype.ts';
import { type Workload, workloads } from './workloads.ts';

/** What main asks of a worker process; each is answered by one {@link Answer}. */
export type Request =
  | {
      readonly type: 'open';
      readonly contestant: string;
      readonly workload: string;
      readonly host: string;
      readonly port: number;
    }
  | { readonly type: 'warm'; readonly durationMs: number }
  | { readonly type: 'run'; readonly durationMs: number }
  | { readonly type: 'pending'; readonly commands: number }
  | { readonly type: 'close' };

export type Answer =
  | { readonly ok: true; readonly figures?: Figures; readonly bytesPerCommand?: number; readonly isAble?: boolean }
  | { readonly ok: false; readonly error: string };

/** One contestant with one workload, ready to be run again and again. */
interface Runner {
  run(calls: number, sampleEvery: number): Promise<Figures>;
  close(): unknown;
}

type Call = (i: number) => Promise<unknown> | undefined;

/** Drives whatever gives a promise a call, by as many callers as are to be in flight. */
class CallRunner implements Runner {
  readonly #inFlight: number;
  readonly #call: Call;
  readonly close: () => unknown;
  #latencies = new LatencySample();
  #toIssue = 0;
  #issued = 0;

  constructor(inFlight: number, call: Call, close: () => unknown) {
    this.#inFlight = inFlight;
    this.#call = call;
    this.close = close;
  }

  async run(calls: number, sampleEvery: number): Promise<Figures> {
    this.#latencies = new LatencySample(sampleEvery);
    this.#toIssue = calls;
    this.#issued = 0;
    const lanes: Promise<void>[] = [];
    const cpu = process.cpuUsage();
    const start = performance.now();
    for (let i = 0; i < this.#inFlight; i++) lanes.push(this.#callInTurn());
    await Promise.all(lanes);
    const elapsedMs = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    return this.#latencies.figures(calls, elapsedMs, (user + system) / 1000);
  }

  /** One of the callers: awaits each call before it makes the next. */
  async #callInTurn(): Promise<void> {
    const call = this.#call;
    while (this.#issued < this.#toIssue) {
      const i = this.#issued++;
      if (this.#latencies.isDue(i)) {
        const start = performance.now();
        await call(i);
        this.#latencies.add(performance.now() - start);
      } else {
        await call(i);
      }
    }
  }
}

type Mark = (host: string, port: number, workload: Workload) => Promise<Runner | undefined>;

/** What slotwise is measured against besides other clients; undefined where one cannot do the workload. */
const marks: Readonly<Record<string, Mark>> = {
  floor: async (host, port, workload) => (workload.wire === undefined ? undefined : Floor.open(host, port, workload)),
  'promise-floor': async (host, port, workload) => {
    if (!workload.isPlain) return undefined;
    const floor = await PromiseFloor.open(host, port, workload);
    return new CallRunner(
      workload.inFlight,
      (i) => floor.call(i),
      () => floor.close(),
    );
  },
  prototype: async (host, port, { isPlain, inFlight, call }) => {
    if (!isPlain) return undefined;
    const prototype = await Prototype.open(host, port);
    return new CallRunner(
      inFlight,
      (i) => call(prototype, i),
      () => prototype.close(),
    );
  },
};

let runner: Runner | undefined;
let contestant: Contestant | undefined;
let workload: Workload | undefined;
let callsPerMs = 0;

async function open(request: Extract<Request, { type: 'open' }>): Promise<boolean> {
  workload = workloads.find(({ name }) => name === request.workload);
  if (workload === undefined) throw new Error(`no workload is called ${request.workload}`);
  const mark = marks[request.contestant];
  if (mark !== undefined) {
    runner = await mark(request.host, request.port, workload);
    return runner !== undefined;
  }
  const entry = listContestants().find(({ name }) => name === request.contestant);
  if (entry === undefined) throw new Error(`no contestant is called ${request.contestant}`);
  const client = await entry.connect(request.host, request.port);
  const { call, inFlight } = workload;
  contestant = client;
  runner = new CallRunner(
    inFlight,
    (i) => call(client, i),
    () => client.close(),
  );
  const answered = call(client, 0);
  if (answered === undefined) return false;
  if (!workload.isRight(await answered)) throw new Error(`${entry.name} gives a wrong reply to ${workload.name}`);
  return true;
}

function opened(): { readonly runner: Runner; readonly least: number } {
  if (runner === undefined || workload === undefined) throw new Error('not open');
  // One call that takes seconds is a run; of short ones each caller makes two at least.
  return { runner, least: workload.commandsPerCall > 100_000 ? 1 : workload.inFlight * 2 };
}

/** Doubles its runs until they took about as long as asked: compiles the code on the way, and learns the rate. */
async function warm(durationMs: number): Promise<void> {
  const { runner, least } = opened();
  let figures = await runner.run(least, 1);
  while (figures.elapsedMs < durationMs / 2) figures = await runner.run(figures.calls * 2, 64);
  callsPerMs = figures.calls / figures.elapsedMs;
}

/** Runs for about as long as asked; how many calls that takes is known from the run before. */
async function run(durationMs: number): Promise<Figures> {
  const { runner, least } = opened();
  const calls = Math.max(least, Math.round(callsPerMs * durationMs));
  const figures = await runner.run(calls, Math.max(1, Math.min(64, calls >> 11)));
  callsPerMs = figures.calls / figures.elapsedMs;
  return figures;
}

function heapBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Bytes of heap and of Buffers that each of many unanswered commands holds. The nodes are held still meanwhile. */
async function measurePending(commands: number): Promise<number> {
  if (contestant === undefined || workload === undefined) throw new Error('not open');
  const waiting: unknown[] = new Array(commands);
  // Some clients have a deadline of a few seconds by default; that is no concern of this measurement.
  process.on('unhandledRejection', () => {});
  const before = heapBytes();
  for (let i = 0; i < commands; i++) waiting[i] = workload.call(contestant, i);
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  const grown = heapBytes() - before;
  return grown / waiting.length;
}

async function answer(request: Request): Promise<Answer> {
  if (request.type === 'open') return { ok: true, isAble: await open(request) };
  if (request.type === 'warm') {
    await warm(request.durationMs);
    return { ok: true };
  }
  if (request.type === 'run') return { ok: true, figures: await run(request.durationMs) };
  if (request.type === 'pending') return { ok: true, bytesPerCommand: await measurePending(request.commands) };
  await runner?.close();
  // Leaves after the answer; some clients keep the process alive for seconds.
  setTimeout(() => process.exit(0), 50);
  return { ok: true };
}

process.on('message', (request: Request) => {
  answer(request).then(
    (given) => process.send?.(given),
    (error: unknown) => process.send?.({ ok: false, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
