import { UsageError } from '../errors.ts';
import { SLOT_COUNT } from '../slots/key-slot.ts';
import { type Address, formatAddress, parseAddress } from '../util/address.ts';
import { seatReplicas } from './replica-seating.ts';
import type { SlotRange } from './slot-ranges.ts';

/** A cluster needs three masters, so that a majority remains when one is lost. */
export const MIN_MASTERS = 3;

export interface PlannedMaster {
  /** `host:port`. */
  readonly address: string;
  readonly slots: SlotRange;
  /** Addresses of the replicas that will follow it. */
  readonly replicas: readonly string[];
}

/** Who becomes what in a cluster to be created. */
export interface CreatePlan {
  readonly masters: readonly PlannedMaster[];
  /** Replicas that share their master's host, because the nodes given leave no other way. Empty: perfect anti-affinity. */
  readonly onMastersHost: readonly string[];
}

export interface PlanOptions {
  /** Replicas of each master; 0 by default. Spare nodes become replicas too. */
  readonly replicas?: number | undefined;
}

/**
 * Plans a cluster of these nodes: floor(nodes / (replicas + 1)) masters, taken from the hosts in turn so that no host has
 * more of them than it must; slots in even, ascending ranges (three masters get 0-5460, 5461-10922 and 10923-16383); every
 * replica on another host than its master wherever these masters allow it.
 *
 * A pure function of its arguments: the same nodes in the same order give the same plan. Hosts are compared as written.
 *
 * @param nodes `host:port` each.
 * @throws UsageError when there are too few nodes for three masters, a node is given twice, or an address cannot be read.
 */
export function planCreate(nodes: readonly (string | Address)[], options: PlanOptions = {}): CreatePlan {
  const replicas = options.replicas ?? 0;
  const addresses = nodes.map((node) => (typeof node === 'string' ? parseAddress(node) : node));
  checkRequest(addresses, replicas);
  const masterCount = Math.floor(addresses.length / (replicas + 1));
  const interleaved = interleaveHosts(addresses);
  const masters = interleaved.slice(0, masterCount);
  const seating = seatReplicas(interleaved.slice(masterCount), masters);
  const ranges = splitSlots(masterCount);
  return {
    masters: masters.map((master, m) => ({
      address: formatAddress(master.host, master.port),
      slots: ranges[m] ?? { from: 0, to: -1 },
      replicas: (seating[m] ?? []).map((replica) => formatAddress(replica.host, replica.port)),
    })),
    onMastersHost: masters.flatMap((master, m) =>
      (seating[m] ?? [])
        .filter((replica) => replica.host === master.host)
        .map((replica) => formatAddress(replica.host, replica.port)),
    ),
  };
}

/** All slots in `count` ranges whose lengths differ by one at most. */
export function splitSlots(count: number): SlotRange[] {
  const share = SLOT_COUNT / count;
  return Array.from({ length: count }, (_, i) => ({
    from: Math.round(i * share),
    to: Math.round((i + 1) * share) - 1,
  }));
}

function checkRequest(addresses: readonly Address[], replicas: number): void {
  if (!Number.isInteger(replicas) || replicas < 0) {
    throw new UsageError('USAGE', `replicas must be a whole number from 0 on, not ${replicas}`);
  }
  const seen = new Set<string>();
  for (const { host, port } of addresses) {
    const text = formatAddress(host, port);
    if (seen.has(text)) throw new UsageError('USAGE', `${text} is given twice: name every node once`);
    seen.add(text);
  }
  const needed = MIN_MASTERS * (replicas + 1);
  if (addresses.length < needed) {
    const each = replicas === 1 ? '1 replica' : `${replicas} replicas`;
    throw new UsageError(
      'TOO_FEW_NODES',
      `a cluster needs at least ${MIN_MASTERS} masters, and with ${each} each that takes ${needed} nodes: ` +
        `${addresses.length} given. Add nodes or ask for fewer replicas`,
    );
  }
}

/** The nodes, one of each host in turn, hosts and their nodes in the order given. */
function interleaveHosts(addresses: readonly Address[]): Address[] {
  const hosts = new Map<string, Address[]>();
  for (const address of addresses) {
    const sameHost = hosts.get(address.host);
    if (sameHost === undefined) hosts.set(address.host, [address]);
    else sameHost.push(address);
  }
  const rounds = Math.max(...[...hosts.values()].map((list) => list.length));
  return Array.from({ length: rounds }, (_, round) =>
    [...hosts.values()].flatMap((list) => list.slice(round, round + 1)),
  ).flat();
}
