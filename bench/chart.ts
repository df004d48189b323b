import type { Report, Standing, WorkloadReport } from './report.ts';

/*
 * Horizontal bars, a group a workload, as plain SVG that reads well on light and dark pages: text takes a colour by the
 * reader's preference, bars have colours that stand out on both.
 */

const colours: Readonly<Record<string, string>> = { slotwise: '#2f81f7', floor: '#8b949e' };
const peerColour = '#d29922';
/** They say where time goes; the picture is about clients. */
const marksInBetween: readonly string[] = ['promise-floor', 'prototype', 'against'];

const style = `
  text { font: 13px ui-sans-serif, system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328; }
  .title { font-size: 17px; font-weight: 600; }
  .group { font-weight: 600; }
  .note, .unit { fill: #59636e; font-size: 12px; }
  .own { font-weight: 600; }
  line { stroke: #d1d9e0; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .note, .unit { fill: #9198a1; }
    line { stroke: #3d444d; }
  }`;

const width = 860;
const labelWidth = 120;
const barHeight = 18;
const barGap = 5;
const right = 90;

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export interface Chart {
  readonly title: string;
  readonly note: string;
  readonly workloads: readonly WorkloadReport[];
  value(standing: Standing): number;
  label(value: number): string;
  /** Whether short bars are the good ones; sorts the bars of a group. */
  readonly isLessBetter: boolean;
}

function drawGroup(
  chart: Chart,
  workload: WorkloadReport,
  top: number,
): { readonly svg: string; readonly bottom: number } {
  const shown = Object.entries(workload.standings).filter(([name]) => !marksInBetween.includes(name));
  const bars = shown.map(([name, one]) => ({ name, value: chart.value(one) }));
  bars.sort((a, b) => (chart.isLessBetter ? a.value - b.value : b.value - a.value));
  const longest = Math.max(...bars.map((bar) => bar.value));
  const parts = [`<text class="group" x="0" y="${top + 12}">${escapeXml(workload.title)}</text>`];
  let y = top + 24;
  for (const { name, value } of bars) {
    const length = Math.max(2, ((width - labelWidth - right) * value) / longest);
    const middle = y + barHeight / 2 + 4.5;
    const own = name === 'slotwise' ? ' class="own"' : '';
    const colour = colours[name] ?? peerColour;
    parts.push(
      `<text${own} x="${labelWidth - 8}" y="${middle}" text-anchor="end">${escapeXml(name === 'floor' ? 'bare sockets' : name)}</text>`,
      `<rect x="${labelWidth}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="3" fill="${colour}"/>`,
      `<text${own} x="${(labelWidth + length + 6).toFixed(1)}" y="${middle}">${escapeXml(chart.label(value))}</text>`,
    );
    y += barHeight + barGap;
  }
  parts.push(`<line x1="${labelWidth}" y1="${top + 20}" x2="${labelWidth}" y2="${y - 1}"/>`);
  return { svg: parts.join('\n'), bottom: y + 14 };
}

export function drawChart(chart: Chart): string {
  const groups: string[] = [];
  let y = 56;
  for (const workload of chart.workloads) {
    const { svg, bottom } = drawGroup(chart, workload, y);
    groups.push(svg);
    y = bottom;
  }
  const described = escapeXml(`${chart.title}. ${chart.note}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img" aria-label="${described}">
<style>${style}
</style>
<text class="title" x="0" y="18">${escapeXml(chart.title)}</text>
<text class="note" x="0" y="38">${escapeXml(chart.note)}</text>
${groups.join('\n')}
</svg>
`;
}

function compact(value: number): string {
  return value >= 10_000 ? `${Math.round(value / 1000)}k` : String(Math.round(value));
}

/** The pictures of one report, by file name. A picture whose workloads were not measured is left out. */
export function drawCharts(report: Report): Readonly<Record<string, string>> {
  const pick = (names: readonly string[]) => report.workloads.filter(({ name }) => names.includes(name));
  const { node, server, cores } = report.machine;
  const where = `Node ${node}, ${server}, three masters and the client on ${cores} cores; median of ${report.rounds} rounds. Bare sockets: prepared bytes out, replies counted, no more.`;
  const charts: Record<string, Chart> = {
    'cpu.svg': {
      title: 'Client CPU a command (µs): less is better',
      note: where,
      workloads: pick(['get-64', 'get-1000', 'set-64', 'mget-100']),
      value: (one) => one.cpuUsPerCommand,
      label: (value) => value.toFixed(1),
      isLessBetter: true,
    },
    'throughput.svg': {
      title: 'Commands a second: more is better',
      note: where,
      workloads: pick(['get-64', 'get-1000', 'set-64', 'mget-100']),
      value: (one) => one.commandsPerSecond,
      label: compact,
      isLessBetter: false,
    },
    'bytes.svg': {
      title: 'Long values, megabytes a second: more is better',
      note: where,
      workloads: pick(['get-10kB', 'get-1MB', 'get-1MB-buffer', 'set-1MB']),
      value: (one) => one.megabytesPerSecond ?? 0,
      label: compact,
      isLessBetter: false,
    },
    'p99.svg': {
      title: 'Latency, 99th percentile (ms): less is better',
      note: where,
      workloads: pick(['get-1', 'get-64', 'set-64']),
      value: (one) => one.p99Ms,
      label: (value) => value.toFixed(2),
      isLessBetter: true,
    },
  };
  const drawn = Object.entries(charts).filter(([, chart]) => chart.workloads.length > 0);
  return Object.fromEntries(drawn.map(([file, chart]) => [file, drawChart(chart)]));
}
