import type { Socket } from 'node:net';
import { keySlot } from '../src/slots/key-slot.ts';
import { dial, type Frame } from './bare-lane.ts';
import { readSlotOwners } from './fixtures.ts';
import type { Workload } from './workloads.ts';

export interface WireCommand {
  readonly lane: number;
  readonly frame: Frame;
}

function encode(parts: readonly (string | Buffer)[]): Frame {
  const pieces: Buffer[] = [Buffer.from(`*${parts.length}\r\n`)];
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    pieces.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  const whole = Buffer.concat(pieces);
  return parts.some((part) => typeof part !== 'string') ? whole : whole.toString('latin1');
}

/** One socket a master, and the calls of one cycle encoded, each as its commands; longer runs start again from the first. */
export interface Wiring {
  readonly sockets: readonly Socket[];
  readonly calls: readonly (readonly WireCommand[])[];
}

export async function wire(host: string, port: number, workload: Workload): Promise<Wiring> {
  const ownerOf = await readSlotOwners(`${host}:${port}`);
  const addresses = [...new Set(Array.from({ length: 16384 }, (_, slot) => ownerOf(slot)))];
  const sockets = await Promise.all(addresses.map(dial));
  let lane = -1;
  // Every benchmark key says so. MULTI and EXEC have none and go where the keys of their call go.
  const laneOf = (parts: readonly (string | Buffer)[] | undefined): number => {
    const key = parts?.find((part) => typeof part === 'string' && part.includes('bench:'));
    return key === undefined ? lane : addresses.indexOf(ownerOf(keySlot(key)));
  };
  const encodeCall = (commands: readonly (readonly (string | Buffer)[])[]): WireCommand[] => {
    lane = laneOf(commands.find((parts) => parts.length > 1));
    return commands.map((parts) => ({ lane: laneOf(parts), frame: encode(parts) }));
  };
  const isLarge = (workload.valueBytes ?? 0) > 100_000;
  const cycle = isLarge ? 16 : Math.max(16, Math.ceil(8192 / workload.commandsPerCall));
  return { sockets, calls: Array.from({ length: cycle }, (_, i) => encodeCall(workload.wire?.(i) ?? [])) };
}
