import type { Executor } from '../cluster/executor.ts';
import type { CallSettings } from '../commands/command.ts';
import type { WireArgument } from '../commands/command-spec.ts';
import { ReplyError } from '../errors.ts';
import { isUnknownCommand } from '../protocol/server-error.ts';
import { keySlot } from '../slots/key-slot.ts';
import { type Address, formatAddress } from '../util/address.ts';
import { NodeAsker } from './node-asker.ts';
import type { NodeLook } from './node-look.ts';
import type { PassPlan } from './plan-passes.ts';
import { type HalfMove, type PassOutcome, SlotPass } from './slot-pass.ts';
import { ClusterScanWalk, type ScannedKey, ScanWalk, type Walk } from './walk.ts';

/** What all pages of a scan have in common. */
export interface PageRequest {
  readonly executor: Executor;
  readonly settings: CallSettings;
  /** COUNT, MATCH and TYPE with their values. */
  readonly args: readonly WireArgument[];
  readonly asBuffers: boolean;
}

/** One walk over one node, and what it proves. */
export class NodePass {
  readonly where: Address;
  readonly pass: SlotPass;
  walk: Walk;
  readonly #request: PageRequest;
  readonly #asker: NodeAsker;
  /** It is about all slots that the node had: every key that is met there is wanted. */
  #isWhole = false;
  /** Where the nodes of the cluster are, by the latest look. */
  #addresses: NodeLook['addresses'] = new Map();

  private constructor(request: PageRequest, where: Address, pass: SlotPass, walk: Walk, asker: NodeAsker) {
    this.#request = request;
    this.where = where;
    this.pass = pass;
    this.walk = walk;
    this.#asker = asker;
  }

  /**
   * Takes the first look.
   * @throws NodeGoneError when the node turns out not to be the one to ask.
   */
  static async begin(request: PageRequest, plan: PassPlan, mayClusterScan: boolean): Promise<NodePass> {
    const asker = askerOf(request, plan.where, plan.arriving.size > 0);
    const look = await asker.look();
    const pass = SlotPass.begin(look, plan.slots, plan.arriving);
    const walk = mayClusterScan && !pass.isAnyMoving ? new ClusterScanWalk(pass) : new ScanWalk();
    const begun = new NodePass(request, plan.where, pass, walk, asker);
    begun.#isWhole = [...look.owned].every((slot) => plan.slots.has(slot));
    return begun;
  }

  /** A pass that was begun by an earlier call. */
  static resume(request: PageRequest, where: Address, pass: SlotPass, walk: Walk): NodePass {
    return new NodePass(request, where, pass, walk, askerOf(request, where, pass.isAnyMoving));
  }

  get isDone(): boolean {
    return this.walk.isDone || !this.pass.hasLive;
  }

  /** The keys of the next page, as far as this pass is about them. */
  async step(): Promise<ScannedKey[]> {
    const { args, asBuffers } = this.#request;
    try {
      const page = await this.walk.step((spec, wire, buffers) => this.#asker.ask(spec, wire, buffers), args, asBuffers);
      return this.#isWhole ? page : page.filter((key) => this.pass.isLive(keySlot(key)));
    } catch (error) {
      if (!(error instanceof ReplyError && this.walk instanceof ClusterScanWalk && isUnknownCommand(error)))
        throw error;
      // An older node in a cluster of newer ones.
      this.walk = new ScanWalk();
      return [];
    }
  }

  async look(): Promise<void> {
    const look = await this.#asker.look();
    this.#addresses = look.addresses;
    this.pass.observe(look);
  }

  /** To be called after the look that follows the last page. */
  finish(): PassOutcome {
    const { proved, half } = this.pass.finish();
    const found = new Map<number, HalfMove>();
    // CLUSTERSCAN shows nothing of the half that stays behind.
    if (this.walk instanceof ScanWalk) {
      for (const [slot, move] of half) found.set(slot, { ...move, at: this.#addressOf(move.to) });
    }
    return { proved, half: found };
  }

  #addressOf(id: string): Address | undefined {
    const address = this.#addresses.get(id);
    return address === undefined ? undefined : this.#request.executor.mapAddress(address);
  }
}

/** @param isSecondHalf whether the node may be one that has no slots yet. */
function askerOf({ executor, settings }: PageRequest, where: Address, isSecondHalf: boolean): NodeAsker {
  const address = formatAddress(where.host, where.port);
  const isWanted = (): boolean =>
    executor.routes.isMaster(address) || (isSecondHalf && !executor.routes.isKnown(address));
  return new NodeAsker(executor, where, settings, isWanted);
}
