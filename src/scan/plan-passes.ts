import type { Topology } from '../topology/topology.ts';
import type { Address } from '../util/address.ts';
import type { HalfMove } from './slot-pass.ts';
import { SlotSet } from './slot-set.ts';

/** What is to be walked at one node. */
export interface PassPlan {
  readonly where: Address;
  readonly slots: SlotSet;
  /** Slots whose other half has been walked, with the id of the node where. */
  readonly arriving: ReadonlyMap<number, string>;
}

interface OpenPlan extends PassPlan {
  readonly arriving: Map<number, string>;
}

/**
 * The passes for these slots: one for each master that has some of them, and one for each node to which the second half of a
 * move leads. Slots without a master are left out; so are halves whose second node cannot be found, to be begun again.
 */
export function planPasses(
  topology: Topology,
  slots: Iterable<number>,
  halves: ReadonlyMap<number, HalfMove>,
): PassPlan[] {
  const plans = new Map<string, OpenPlan>();
  const planAt = (where: Address): OpenPlan => {
    const key = `${where.host} ${where.port}`;
    let plan = plans.get(key);
    if (plan === undefined) {
      plan = { where, slots: new SlotSet(), arriving: new Map() };
      plans.set(key, plan);
    }
    return plan;
  };
  const byId = new Map(topology.masters().map((master) => [master.id, master]));
  for (const slot of slots) {
    const half = halves.get(slot);
    const second = half === undefined ? undefined : (byId.get(half.to) ?? half.at);
    if (half !== undefined && second !== undefined) {
      planAt(second).arriving.set(slot, half.from);
      continue;
    }
    const master = topology.shardOf(slot)?.master;
    if (master !== undefined) planAt(master).slots.add(slot);
  }
  return [...plans.values()];
}
