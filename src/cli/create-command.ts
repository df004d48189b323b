import { type CreateProgress, createCluster } from '../admin/create-cluster.ts';
import type { Invocation } from './command-line.ts';
import { affinityLines, checkLines, planLines } from './report-text.ts';
import { readLine } from './terminal.ts';

/** `slotwise create`: shows the plan, asks, carries it out, checks. 0 when a healthy cluster stands, else 1. */
export async function runCreate(invocation: Invocation): Promise<number> {
  const { options, operands, terminal } = invocation;
  const progress = new CreateProgressText(invocation);
  const report = await createCluster(operands, {
    ...invocation.access(),
    replicas: options.replicas,
    joinTimeoutMs: options.timeout === undefined ? undefined : options.timeout * 1000,
    onProgress: (step) => progress.show(step),
    confirm: async () => options.yes === true || (await confirm(invocation)),
  });
  if (report.check === undefined) {
    terminal.stderr.write('Nothing was changed.\n');
    invocation.give({ created: false });
    return 1;
  }
  invocation.say(checkLines(report.check));
  invocation.give({ created: true, plan: report.plan, check: report.check });
  return report.check.ok ? 0 : 1;
}

async function confirm(invocation: Invocation): Promise<boolean> {
  invocation.write("Can I set the above configuration? (type 'yes' to accept): ");
  const answer = await readLine(invocation.terminal.stdin);
  // Typed input brings its own line end; piped input does not show.
  if (!('isTTY' in invocation.terminal.stdin) || invocation.terminal.stdin.isTTY !== true) invocation.write('\n');
  return answer?.trim() === 'yes';
}

const DOT_EVERY_MS = 250;

/** Shows how far a creation has come: a line a step, and dots while nodes join. */
export class CreateProgressText {
  readonly #invocation: Pick<Invocation, 'say' | 'write'>;
  readonly #isOneMachine: boolean;
  #dotsAtMs: number | undefined;

  /** @param options.isOneMachine leaves out what there is to say about hosts. */
  constructor(invocation: Pick<Invocation, 'say' | 'write'>, options: { readonly isOneMachine?: boolean } = {}) {
    this.#invocation = invocation;
    this.#isOneMachine = options.isOneMachine ?? false;
  }

  show(progress: CreateProgress): void {
    if (progress.step === 'joining') {
      this.#showWaiting(progress.waitedMs);
      return;
    }
    if (this.#dotsAtMs !== undefined) {
      this.#invocation.write('\n');
      this.#dotsAtMs = undefined;
    }
    this.#invocation.say(linesOf(progress));
    if (progress.step === 'planned' && !this.#isOneMachine) this.#invocation.say(affinityLines(progress.plan));
  }

  #showWaiting(waitedMs: number): void {
    if (this.#dotsAtMs === undefined) {
      this.#invocation.write('Waiting for the cluster to join');
      this.#dotsAtMs = 0;
    }
    for (; this.#dotsAtMs <= waitedMs; this.#dotsAtMs += DOT_EVERY_MS) this.#invocation.write('.');
  }
}

function linesOf(progress: Exclude<CreateProgress, { step: 'joining' }>): string[] {
  switch (progress.step) {
    case 'inspecting':
      return [`>>> Creating a cluster of ${progress.addresses.length} nodes`];
    case 'planned':
      return [`>>> Using ${progress.plan.masters.length} masters`, ...planLines(progress.plan, progress.ids)];
    case 'assigning':
      return ['>>> Assigning the slots to the masters'];
    case 'settingEpochs':
      return ['>>> Giving each node a config epoch of its own'];
    case 'meeting':
      return ['>>> Introducing the nodes to each other (CLUSTER MEET)'];
    case 'replicating':
      return ['>>> Making the replicas follow their masters'];
    case 'checking':
      return [];
  }
}
