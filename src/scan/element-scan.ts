import type { Executor } from '../cluster/executor.ts';
import type { CallSettings } from '../commands/command.ts';
import type { CommandSpec, WireArgument } from '../commands/command-spec.ts';
import { ClusterError, ReplyError } from '../errors.ts';
import { kindOfReplyError, parseRedirect } from '../protocol/server-error.ts';
import { keySlot } from '../slots/key-slot.ts';
import { type Address, formatAddress } from '../util/address.ts';
import { backoffMs } from '../util/backoff.ts';
import { nowMs } from '../util/clock.ts';
import { textOf } from '../util/text-of.ts';
import { NodeAsker, NodeGoneError } from './node-asker.ts';

/** A walk over the elements of one key. */
export interface ElementRequest {
  readonly executor: Executor;
  readonly settings: CallSettings;
  /** HSCAN, SSCAN or ZSCAN. */
  readonly spec: CommandSpec;
  readonly key: WireArgument;
  /** COUNT and MATCH with their values. */
  readonly args: readonly WireArgument[];
  readonly asBuffers: boolean;
}

type Element = string | Buffer;

/** The server process that is asked at the moment. */
interface Holder {
  readonly where: Address;
  /** The key has gone there ahead of its slot. */
  readonly isAsking: boolean;
}

const AGAIN_BASE_MS = 5;
const AGAIN_CAP_MS = 100;

/**
 * The pages of elements as they come. An element that is there from the beginning to the end is met at least once, also when the
 * key moves or its master fails over: a cursor means something only to the process that gave it, so the walk begins again at the
 * process that has the key then.
 */
export async function* elementPages(
  request: ElementRequest,
  untilKnown: () => Promise<unknown>,
): AsyncGenerator<Element[], void, void> {
  await untilKnown();
  const { executor, settings } = request;
  const slot = keySlot(request.key);
  let holder: Holder | undefined;
  let progressAt = nowMs();
  for (let attempt = 0; ; attempt++) {
    const master = executor.topology.shardOf(slot)?.master;
    holder ??= master === undefined ? undefined : { where: master, isAsking: false };
    try {
      if (holder !== undefined) {
        for await (const page of walkAt(request, slot, holder)) {
          progressAt = nowMs();
          if (page.length > 0) yield page;
        }
        return;
      }
    } catch (error) {
      holder = holderAfter(error);
    }
    if (nowMs() - progressAt > settings.timeoutMs) throw unsettled(request.spec.name, slot);
    executor.requestRefresh(holder === undefined ? 'urgent' : 'soon');
    await new Promise((resolve) => setTimeout(resolve, backoffMs(attempt, AGAIN_BASE_MS, AGAIN_CAP_MS)));
  }
}

/** One walk at one process. @throws NodeGoneError when it came to nothing; MOVED and ASK as they are. */
async function* walkAt(
  { executor, settings, spec, key, args, asBuffers }: ElementRequest,
  slot: number,
  { where, isAsking }: Holder,
): AsyncGenerator<Element[], void, void> {
  const address = formatAddress(where.host, where.port);
  const isWanted = (): boolean =>
    isAsking
      ? executor.routes.isMaster(address) || !executor.routes.isKnown(address)
      : executor.topology.shardOf(slot)?.master.address === address;
  const asker = new NodeAsker(executor, where, settings, isWanted, isAsking);
  const step = async (cursor: string): Promise<[cursor: string, page: Element[]]> => {
    const [next, page] = (await asker.ask(spec, [key, cursor, ...args], asBuffers)) as [unknown, Element[]];
    return [textOf(next), page];
  };
  const [next, only] = await step('0');
  // What fits in one page is one moment's truth.
  if (next === '0') {
    yield only;
    return;
  }
  const runId = await asker.runId();
  for (let cursor = '0'; ; ) {
    const [further, page] = await step(cursor);
    yield page;
    if (further === '0') break;
    cursor = further;
  }
  if ((await asker.runId()) !== runId) throw new NodeGoneError('NODE_LEFT', `${address} has been started again`);
}

/** Who is to be asked next; undefined for the slot's master by the topology. @throws what is no matter of place. */
function holderAfter(error: unknown): Holder | undefined {
  if (error instanceof NodeGoneError) return undefined;
  const kind = error instanceof ReplyError ? kindOfReplyError(error) : 'failed';
  if (kind !== 'moved' && kind !== 'ask') throw error;
  const to = parseRedirect(error as ReplyError);
  if (to === undefined || to.host === '' || kind === 'moved') return undefined;
  return { where: { host: to.host, port: to.port }, isAsking: true };
}

function unsettled(command: string, slot: number): ClusterError {
  const message = `${command}: slot ${slot} never was at one node long enough`;
  return new ClusterError('SLOT_UNSETTLED', message, { command, slot });
}
