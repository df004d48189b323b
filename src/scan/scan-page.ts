import type { WireArgument } from '../commands/command-spec.ts';
import { ClusterError } from '../errors.ts';
import { nowMs } from '../util/clock.ts';
import { textOf } from '../util/text-of.ts';
import { NodeGoneError } from './node-asker.ts';
import { NodePass, type PageRequest } from './node-pass.ts';
import { slotOfPattern } from './pattern-slot.ts';
import { planPasses } from './plan-passes.ts';
import { decodeCursor, encodeCursor, type PassState, type ScanState } from './scan-cursor.ts';
import { hasClusterScan } from './server-scans.ts';
import { SlotPass } from './slot-pass.ts';
import { SlotSet } from './slot-set.ts';
import { ClusterScanWalk, type ScannedKey, ScanWalk } from './walk.ts';

/** While slots have no master: how often to look. */
const AGAIN_MS = 50;

/**
 * One page of a scan of the whole cluster, as the method `scan` gives it: the cursor for the next one, `'0'` after the last, and
 * keys. Between two calls nothing is kept but the cursor.
 * @throws UsageError when the cursor is none of ours.
 */
export async function scanPage(request: PageRequest, cursor: string): Promise<[cursor: string, keys: ScannedKey[]]> {
  const state: ScanState =
    cursor === '0' ? { open: slotsOf(request.args), halves: new Map(), current: undefined } : decodeCursor(cursor);
  try {
    const node = state.current === undefined ? await beginNext(request, state) : resume(request, state.current);
    const keys = await node.step();
    await node.look();
    return [encodeCursor(after(state, node)), keys];
  } catch (error) {
    if (!(error instanceof NodeGoneError)) throw error;
    return [encodeCursor({ ...state, current: undefined }), []];
  }
}

/** All slots, or the one that the pattern is about. */
function slotsOf(args: readonly WireArgument[]): SlotSet {
  const at = args.findIndex((arg) => textOf(arg).toUpperCase() === 'MATCH');
  const pattern = at === -1 ? undefined : args[at + 1];
  const slot = pattern === undefined ? undefined : slotOfPattern(pattern);
  return slot === undefined ? SlotSet.all() : SlotSet.of(slot);
}

async function beginNext(request: PageRequest, { open, halves }: ScanState): Promise<NodePass> {
  const { executor, settings } = request;
  const startedAt = nowMs();
  for (;;) {
    const [plan] = planPasses(executor.topology, open, halves);
    if (plan !== undefined) {
      // A half counts only for the very next pass.
      for (const slot of plan.arriving.keys()) halves.delete(slot);
      return await NodePass.begin(request, plan, await hasClusterScan(executor, settings));
    }
    if (nowMs() - startedAt > settings.timeoutMs) {
      const slot = open.firstFrom(0);
      throw new ClusterError('SLOT_UNCOVERED', `the scan cannot go on: slot ${slot} has no owner in the topology`, {
        command: 'SCAN',
        slot,
      });
    }
    executor.requestRefresh('urgent');
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

function resume(request: PageRequest, { host, port, pass: record, walk }: PassState): NodePass {
  const pass = SlotPass.fromRecord(record);
  if (pass === undefined) throw new NodeGoneError('NODE_LEFT', 'the cursor names no pass');
  const way = walk.by === 'SCAN' ? new ScanWalk(walk.cursor) : new ClusterScanWalk(pass, walk.cursor, walk.slot);
  return NodePass.resume(request, { host, port }, pass, way);
}

function after({ open, halves }: ScanState, node: NodePass): ScanState {
  if (!node.isDone) {
    const { host, port } = node.where;
    return { open, halves, current: { host, port, pass: node.pass.toRecord(), walk: node.walk.toRecord() } };
  }
  const { proved, half } = node.finish();
  for (const slot of proved) open.delete(slot);
  for (const [slot, move] of half) halves.set(slot, move);
  return { open, halves, current: undefined };
}
