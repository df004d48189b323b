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

/** Undefined where one side was not measured. */
export interface Ratios {
  /** slotwise by the best of the peers in that column; below 1 is better than all peers, above 1 for throughput. */
  readonly cpuToBestPeer: number | undefined;
  readonly throughputToBestPeer: number | undefined;
  readonly p50ToBestPeer: number | undefined;
  readonly p99ToBestPeer: number | undefined;
  readonly cpuToFloor: number | undefined;
  readonly cpuToPromiseFloor: number | undefined;
  readonly cpuToPrototype: number | undefined;
  readonly cpuToAgainst: number | undefined;
  readonly p50ToFloor: number | undefined;
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

type Column = (one: Figures) => number;

const cpu: Column = (one) => one.cpuMs / one.calls;
const rate: Column = (one) => one.calls / one.elapsedMs;
const p50: Column = (one) => one.p50Ms;
const p99: Column = (one) => one.p99Ms;

const marks: readonly string[] = ['slotwise', 'floor', 'promise-floor', 'prototype', 'against'];

/**
 * Each ratio is the median of those of the single rounds: what disturbs the machine for some seconds disturbs both sides of one
 * round alike. Of the peers the one counts that comes off best against slotwise.
 */
export function toRatios(figures: ReadonlyMap<string, readonly Figures[]>): Ratios {
  const own = figures.get('slotwise');

  const ratioTo = (name: string, column: Column): number | undefined => {
    const others = figures.get(name);
    if (own === undefined || others === undefined) return undefined;
    return median(own.map((one, i) => column(one) / column(others[i] as Figures)));
  };
  const peers = [...figures.keys()].filter((name) => !marks.includes(name));
  const toBest = (column: Column, pick: (...values: number[]) => number): number | undefined =>
    peers.length === 0 ? undefined : pick(...peers.map((name) => ratioTo(name, column) ?? Number.NaN));
  return {
    cpuToBestPeer: toBest(cpu, Math.max),
    throughputToBestPeer: toBest(rate, Math.min),
    p50ToBestPeer: toBest(p50, Math.max),
    p99ToBestPeer: toBest(p99, Math.max),
    cpuToFloor: ratioTo('floor', cpu),
    p50ToFloor: ratioTo('floor', p50),
    cpuToPromiseFloor: ratioTo('promise-floor', cpu),
    cpuToPrototype: ratioTo('prototype', cpu),
    cpuToAgainst: ratioTo('against', cpu),
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
  const lines = [
    `CPU ${times(ratios.cpuToBestPeer)} the best peer, ${times(ratios.cpuToFloor)} the floor`,
    `throughput ${times(ratios.throughputToBestPeer)} the best peer, p99 ${times(ratios.p99ToBestPeer)}`,
    `p50 ${times(ratios.p50ToBestPeer)} the best peer, ${times(ratios.p50ToFloor)} the floor`,
  ];
  if (ratios.cpuToPrototype !== undefined) {
    lines.push(
      `CPU ${times(ratios.cpuToPrototype)} the prototype, ${times(ratios.cpuToPromiseFloor)} the floor with promises`,
    );
  }
  if (ratios.cpuToAgainst !== undefined) lines.push(`CPU ${times(ratios.cpuToAgainst)} the other build`);
  return lines.map((line) => `  slotwise: ${line}`).join('\n');
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
