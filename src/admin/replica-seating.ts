import type { Address } from '../util/address.ts';

/**
 * Seats every replica with a master: `result[m]` holds the replicas of `masters[m]`.
 *
 * Masters' counts differ by one at most, and as few replicas as these masters and that balance allow share their master's
 * host. Among siblings (replicas of one master) shared hosts are avoided too, as far as swapping pairs gets.
 *
 * Why pairs suffice for the first promise: let a replica sit on its master's host h. If no swap helps, every replica that is
 * not of host h sits with a master of host h, so all masters elsewhere are already full of replicas from h, and this one had
 * nowhere to go.
 */
export function seatReplicas(replicas: readonly Address[], masters: readonly Address[]): Address[][] {
  const seating = fillSeats(replicas, masters, seatCounts(replicas, masters));
  while (improve(seating, masters)) {
    // Each round has lowered the penalty, a non-negative integer.
  }
  return seating;
}

/**
 * How many replicas each master gets. What is left after even shares goes to masters whose host is under the least pressure
 * (its own replicas, which cannot stay, plus the seats there, which they cannot take): at most one host can have more
 * replicas than there are seats elsewhere, and this lowers exactly that excess.
 */
function seatCounts(replicas: readonly Address[], masters: readonly Address[]): number[] {
  const share = Math.floor(replicas.length / masters.length);
  const counts = masters.map(() => share);
  const pressure = new Map<string, number>();
  const press = (host: string, by: number): void => void pressure.set(host, (pressure.get(host) ?? 0) + by);
  for (const replica of replicas) press(replica.host, 1);
  for (const master of masters) press(master.host, share);
  for (let extra = replicas.length % masters.length; extra > 0; extra--) {
    const open = masters.flatMap((master, m) => (counts[m] === share ? [{ m, host: master.host }] : []));
    const calmest = open.reduce((best, each) =>
      (pressure.get(each.host) ?? 0) < (pressure.get(best.host) ?? 0) ? each : best,
    );
    counts[calmest.m] = share + 1;
    press(calmest.host, 1);
  }
  return counts;
}

/** One replica a master and round, in the given order, each the first that fits best. */
function fillSeats(replicas: readonly Address[], masters: readonly Address[], counts: readonly number[]): Address[][] {
  const waiting = [...replicas];
  const seating: Address[][] = masters.map(() => []);
  for (let round = 0; waiting.length > 0; round++) {
    for (const [m, master] of masters.entries()) {
      const siblings = seating[m];
      if (siblings === undefined || round >= (counts[m] ?? 0)) continue;
      let best = waiting.findIndex((each) => penalty(each, master, siblings) === 0);
      if (best === -1) best = waiting.findIndex((each) => each.host !== master.host);
      siblings.push(...waiting.splice(Math.max(best, 0), 1));
    }
  }
  return seating;
}

const BESIDE_MASTER = 1_000_000;

/** What it costs that the replica follows this master beside these others. Siblings never outweigh a shared master's host. */
function penalty(replica: Address, master: Address, others: readonly Address[]): number {
  const beside = replica.host === master.host ? BESIDE_MASTER : 0;
  return others.reduce((sum, other) => (other.host === replica.host ? sum + 1 : sum), beside);
}

/** Swaps two replicas so that the total penalty falls; false if no pair does that. */
function improve(seating: readonly Address[][], masters: readonly Address[]): boolean {
  for (const [m, mine] of seating.entries()) {
    for (const [r, replica] of mine.entries()) {
      const master = masters[m];
      if (master === undefined || penalty(replica, master, without(mine, r)) === 0) continue;
      if (swapWithBetter(seating, masters, m, r)) return true;
    }
  }
  return false;
}

function swapWithBetter(seating: readonly Address[][], masters: readonly Address[], m: number, r: number): boolean {
  const mine = seating[m] ?? [];
  const master = masters[m];
  const replica = mine[r];
  if (master === undefined || replica === undefined) return false;
  const siblings = without(mine, r);
  for (const [n, theirs] of seating.entries()) {
    const otherMaster = masters[n];
    if (n === m || otherMaster === undefined) continue;
    for (const [s, other] of theirs.entries()) {
      const otherSiblings = without(theirs, s);
      const before = penalty(replica, master, siblings) + penalty(other, otherMaster, otherSiblings);
      const after = penalty(other, master, siblings) + penalty(replica, otherMaster, otherSiblings);
      if (after >= before) continue;
      mine[r] = other;
      theirs[s] = replica;
      return true;
    }
  }
  return false;
}

function without<T>(items: readonly T[], index: number): T[] {
  return items.filter((_, i) => i !== index);
}
