import { SLOT_COUNT } from '../slots/key-slot.ts';
import type { Address } from '../util/address.ts';
import { SlotSet } from './slot-set.ts';

/** What one node says of itself at one moment. */
export interface NodeLook {
  /** The node's 40-digit name in the cluster. */
  readonly id: string;
  /** Of the server process: another one after every start. Empty where INFO is not allowed. */
  readonly runId: string;
  readonly isMaster: boolean;
  /** Its configuration epoch: grows whenever it becomes a master, or gets a slot that another node had later than it. */
  readonly epoch: number;
  /** The slots that it owns, those being moved away included. */
  readonly owned: SlotSet;
  /** Slots that it owns and whose keys are being moved to the node with this id. */
  readonly migrating: ReadonlyMap<number, string>;
  /** Slots that it does not own yet and whose keys come from the node with this id. */
  readonly importing: ReadonlyMap<number, string>;
  /** Where it says that the nodes of the cluster are, by id. */
  readonly addresses: ReadonlyMap<string, Address>;
}

/**
 * Reads a node's CLUSTER NODES and INFO server. Undefined if the first has no line of the node itself.
 *
 * {@link https://redis.io/docs/latest/commands/cluster-nodes/}
 */
export function parseLook(clusterNodes: string, infoServer: string): NodeLook | undefined {
  const addresses = new Map<string, Address>();
  let own: string[] | undefined;
  for (const line of clusterNodes.split('\n')) {
    const words = line.trim().split(' ');
    const [id = '', where = '', flags = ''] = words;
    if (id === '') continue;
    const address = parseWhere(where);
    if (address !== undefined) addresses.set(id, address);
    if (flags.split(',').includes('myself')) own = words;
  }
  if (own === undefined) return undefined;
  const [id = '', , flags = '', , , , epoch = '0'] = own;
  return {
    id,
    runId: parseRunId(infoServer),
    isMaster: flags.split(',').includes('master'),
    epoch: Number(epoch),
    addresses,
    ...parseSlotWords(own.slice(8)),
  };
}

/** The name of the server process by INFO server; empty if it is not there. */
export function parseRunId(infoServer: string): string {
  return /run_id:(\w+)/.exec(infoServer)?.[1] ?? '';
}

/** `5460`, `0-5460`, `[93->-id]` for a slot that leaves, `[77-<-id]` for one that comes. */
function parseSlotWords(words: readonly string[]): Pick<NodeLook, 'owned' | 'migrating' | 'importing'> {
  const owned = new SlotSet();
  const migrating = new Map<number, string>();
  const importing = new Map<number, string>();
  for (const word of words) {
    const open = /^\[(\d+)-([<>])-(\w+)\]$/.exec(word);
    if (open !== null) {
      (open[2] === '>' ? migrating : importing).set(Number(open[1]), open[3] ?? '');
      continue;
    }
    const range = /^(\d+)(?:-(\d+))?$/.exec(word);
    if (range === null) continue;
    const end = Math.min(Number(range[2] ?? range[1]), SLOT_COUNT - 1);
    for (let slot = Number(range[1]); slot <= end; slot++) owned.add(slot);
  }
  return { owned, migrating, importing };
}

/** `host:port@busport`, with more behind a comma. */
function parseWhere(where: string): Address | undefined {
  const match = /^(.+):(\d+)(?:@|$)/.exec(where.split(',')[0] ?? '');
  const port = Number(match?.[2]);
  return match === null || port === 0 ? undefined : { host: match[1] ?? '', port };
}
