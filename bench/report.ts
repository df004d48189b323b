import { type Figures, median } from './figures.ts';
import type { Footprint } from './footprint.ts';
import type { Workload } from './workloads.ts';

/** Medians over the rounds of one workload. "Command" is one key where a call has many. */
export interface Standing {
  readonly commandsPerSecond: number;
  readonly megabytesPerSecond?: number;
  readonly cpuUsPerCommand: number;
  /** Of a whole call. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Ratios {
  /** slotwise by the best of the peers in that column; below 1 is better than all peers, above 1 for throughput. */
  readonly cpuToBestPeer?: number;
  readonly throughputToBestPeer?: number;
  readonly p50ToBestPeer?: number;
  readonly p99ToBestPeer?: number;
  readonly cpuToFloor?: number;
  readonly cpuToPromiseFloor?: number;
  readonly p50ToFloor?: number;
}

export interface WorkloadReport {
  readonly name: string;
  readonly title: string;
  readonly standings: Readonly<Record<string, Standing>>;
  readonly ratios: Ratios;
}

export interface Report {
  readonly takenAt: string;
  /** Short rounds, few workloads: to see whether something changed, not to be quoted. */
  readonly isQuick: boolean;
  /** The machine's load average of one minute before the run; near 0 if the figures are to mean much. */
  readonly loadBefore: number;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string; readonly server: string };
  readonly rounds: number;
  readonly roundMs: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly workloads: readonly WorkloadReport[];
  readonly footprints: Readonly<Record<string, Footprint>>;
  /** Bytes held by each of 100,000 unanswered GETs. */
  readonly bytesPerPending: Readonly<Record<string, number>>;
}

export function toStanding(workload: Workload, rounds: readonly Figures[]): Standing {
  const { commandsPerCall, valueBytes } = workload;
  const commandsPerSecond = median(rounds.map((one) => (one.calls * commandsPerCall * 1000) / one.elapsedMs));
  return {
    commandsPerSecond,
    ...(valueBytes === undefined ? {} : { megabytesPerSecond: (commandsPerSecond * valueBytes) / 1e6 }),
    cpuUsPerCommand: median(rounds.map((one) => (one.cpuMs * 1000) / (one.calls * commandsPerCall))),
    p50Ms: median(rounds.map((one) => one.p50Ms)),
    p99Ms: median(rounds.map((one) => one.p99Ms)),
  };
}

export function toRatios(standings: Readonly<Record<string, Standing>>): Ratios {
  const { slotwise, floor, 'promise-floor': promiseFloor, ...peers } = standings;
  if (slotwise === undefined) return {};
  const best = (column: (standing: Standing) => number, pick: (...values: number[]) => number) =>
    pick(...Object.values(peers).map(column));
  const hasPeers = Object.keys(peers).length > 0;
  return {
    ...(hasPeers && {
      cpuToBestPeer: slotwise.cpuUsPerCommand / best((one) => one.cpuUsPerCommand, Math.min),
      throughputToBestPeer: slotwise.commandsPerSecond / best((one) => one.commandsPerSecond, Math.max),
      p50ToBestPeer: slotwise.p50Ms / best((one) => one.p50Ms, Math.min),
      p99ToBestPeer: slotwise.p99Ms / best((one) => one.p99Ms, Math.min),
    }),
    ...(floor && {
      cpuToFloor: slotwise.cpuUsPerCommand / floor.cpuUsPerCommand,
      p50ToFloor: slotwise.p50Ms / floor.p50Ms,
    }),
    ...(promiseFloor && { cpuToPromiseFloor: slotwise.cpuUsPerCommand / promiseFloor.cpuUsPerCommand }),
  };
}

const count = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')}`;
  return [line(header), ...rows.map(line)].join('\n');
}

export function formatWorkload({ title, standings, ratios }: WorkloadReport): string {
  const hasBytes = Object.values(standings).some((one) => one.megabytesPerSecond !== undefined);
  const header = ['', 'commands/s', ...(hasBytes ? ['MB/s'] : []), 'CPU µs/command', 'p50 ms', 'p99 ms'];
  const rows = Object.entries(standings).map(([name, one]) => [
    name,
    count.format(one.commandsPerSecond),
    ...(hasBytes ? [count.format(one.megabytesPerSecond ?? 0)] : []),
    one.cpuUsPerCommand.toFixed(2),
    one.p50Ms.toFixed(3),
    one.p99Ms.toFixed(3),
  ]);
  return `\n${title}\n${table(header, rows)}\n${formatRatios(ratios)}`;
}

function formatRatios(ratios: Ratios): string {
  const times = (value: number | undefined) => (value === undefined ? '–' : `${value.toFixed(2)} ×`);
  return (
    `  slotwise: CPU ${times(ratios.cpuToBestPeer)} the best peer, ${times(ratios.cpuToFloor)} the floor, ` +
    `${times(ratios.cpuToPromiseFloor)} with promises; ` +
    `throughput ${times(ratios.throughputToBestPeer)}, p50 ${times(ratios.p50ToBestPeer)} ` +
    `(floor ${times(ratios.p50ToFloor)}), p99 ${times(ratios.p99ToBestPeer)} the best peer`
  );
}

export function formatFootprints(report: Pick<Report, 'footprints' | 'bytesPerPending'>): string {
  const names = [...new Set([...Object.keys(report.footprints), ...Object.keys(report.bytesPerPending)])];
  const rows = names.map((name) => {
    const footprint = report.footprints[name];
    const bytes = report.bytesPerPending[name];
    return [
      name,
      footprint === undefined ? '–' : footprint.importMs.toFixed(1),
      footprint === undefined ? '–' : (footprint.installedBytes / 1e6).toFixed(2),
      footprint === undefined ? '–' : String(footprint.packages),
      bytes === undefined ? '–' : count.format(bytes),
    ];
  });
  return `\nFootprint\n${table(['', 'import ms', 'installed MB', 'packages', 'bytes/pending command'], rows)}`;
}
