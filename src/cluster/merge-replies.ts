import { textOf } from '../util/text-of.ts';
import { concatenate, type Merge, type PartReplies, sum } from './aggregate-replies.ts';

/*
 * Merges for commands whose replies no response policy can combine. All keep the shape that one server gives. Strings may come
 * as Buffers; what is not as expected passes through, so that a server of another version never makes a merge throw.
 */

/** The nodes' texts one after the other, each under the heading `# Node host:port`. */
export function underHeadings({ replies, addresses }: PartReplies): unknown {
  if (replies.length === 1) return replies[0];
  const pieces = replies.flatMap((reply, i) => [`# Node ${addresses[i] ?? ''}\r\n`, reply, '\r\n']);
  return joinTexts(pieces);
}

/** The nodes' texts one after the other. */
export function endToEnd({ replies }: PartReplies): unknown {
  return joinTexts(replies);
}

function joinTexts(pieces: readonly unknown[]): unknown {
  if (!pieces.some((piece) => piece instanceof Uint8Array)) return pieces.map(String).join('');
  return Buffer.concat(pieces.map((piece) => (piece instanceof Uint8Array ? piece : Buffer.from(String(piece)))));
}

/** Every element once, in the order of its first appearance. */
export function union({ replies }: PartReplies): unknown {
  const seen = new Map<string, unknown>();
  for (const element of listOf(concatenate(replies))) {
    const name = textOf(element);
    if (!seen.has(name)) seen.set(name, element);
  }
  return [...seen.values()];
}

/** Names with numbers, `[name, n, name, n, …]`, the same names from each: the numbers of each name added. */
export function sumByName({ replies }: PartReplies): unknown {
  const [first, ...others] = replies.map(listOf);
  return (first ?? []).map((element, i) => (i % 2 === 0 ? element : sum([element, ...others.map((list) => list[i])])));
}

/** Log entries `[id, time, …]`, the newest first, as many as were asked for by the argument after the subcommand. */
export function newestEntries(defaultCount: number): Merge {
  return ({ replies, args }) => {
    const wanted = args[1] === undefined ? defaultCount : Number(textOf(args[1]));
    const entries = listOf(concatenate(replies)).sort((a, b) => numberAt(b, 1) - numberAt(a, 1));
    return wanted >= 0 ? entries.slice(0, wanted) : entries;
  };
}

/** LATENCY HISTORY: `[time, milliseconds]`, the oldest first. */
export function historyOfAll({ replies }: PartReplies): unknown {
  return listOf(concatenate(replies)).sort((a, b) => numberAt(a, 0) - numberAt(b, 0));
}

/**
 * LATENCY LATEST: `[event, time, latest, highest, …]` once an event: time and latest from the node where it happened last, the
 * highest of all nodes, and sums of whatever follows.
 */
export function latestOfAll({ replies }: PartReplies): unknown {
  const byEvent = new Map<string, unknown[]>();
  for (const entry of listOf(concatenate(replies)).map(listOf)) {
    const event = textOf(entry[0]);
    const known = byEvent.get(event);
    byEvent.set(event, known === undefined ? entry : mergeLatest(known, entry));
  }
  return [...byEvent.values()];
}

function mergeLatest(a: readonly unknown[], b: readonly unknown[]): unknown[] {
  const newer = numberAt(b, 1) > numberAt(a, 1) ? b : a;
  const highest = numberAt(b, 3) > numberAt(a, 3) ? b[3] : a[3];
  return [newer[0], newer[1], newer[2], highest, ...newer.slice(4).map((_, i) => sum([a[4 + i], b[4 + i]]))];
}

/**
 * LATENCY HISTOGRAM: `[command, ['calls', n, 'histogram_usec', [bound, count, …]], …]`. Calls are added; the counts are
 * cumulative, so at each bound every node adds its count at the highest bound that it has up to there.
 */
export function histogramsOfAll({ replies }: PartReplies): unknown {
  const byCommand = new Map<string, { readonly name: unknown; readonly details: unknown[][] }>();
  for (const reply of replies.map(listOf)) {
    for (let i = 0; i + 1 < reply.length; i += 2) {
      const name = textOf(reply[i]);
      const known = byCommand.get(name) ?? { name: reply[i], details: [] };
      known.details.push(listOf(reply[i + 1]));
      byCommand.set(name, known);
    }
  }
  return [...byCommand.values()].flatMap(({ name, details }) => [name, mergeHistograms(details)]);
}

function mergeHistograms(details: readonly unknown[][]): unknown {
  const first = details[0] ?? [];
  if (details.length === 1) return first;
  const buckets = details.map((detail) => listOf(detail[3]));
  const bounds = new Set<number>();
  for (const list of buckets) for (let i = 0; i < list.length; i += 2) bounds.add(numberAt(list, i));
  const merged = [...bounds]
    .sort((a, b) => a - b)
    .flatMap((bound) => [bound, sum(buckets.map((b) => countAt(b, bound)))]);
  return [first[0], sum(details.map((detail) => detail[1])), first[2], merged];
}

function countAt(buckets: readonly unknown[], bound: number): unknown {
  let count: unknown = 0;
  for (let i = 0; i + 1 < buckets.length && numberAt(buckets, i) <= bound; i += 2) count = buckets[i + 1];
  return count;
}

/**
 * MEMORY STATS: `[name, value, …]`, values of one name together: integers (bytes, counts) are added, ratios and percentages (and
 * bytes a key) are averaged over the masters, nested lists (one a database) likewise by their names.
 */
export function memoryOfAll({ replies }: PartReplies): unknown {
  return mergeStatistics(replies.map(listOf));
}

function mergeStatistics(lists: readonly unknown[][]): unknown[] {
  const byName = new Map<string, { readonly name: unknown; readonly values: unknown[] }>();
  for (const list of lists) {
    for (let i = 0; i + 1 < list.length; i += 2) {
      const name = textOf(list[i]);
      const known = byName.get(name) ?? { name: list[i], values: [] };
      known.values.push(list[i + 1]);
      byName.set(name, known);
    }
  }
  return [...byName].flatMap(([text, { name, values }]) => [name, mergeStatistic(text, values)]);
}

function mergeStatistic(name: string, values: readonly unknown[]): unknown {
  const first = values[0];
  if (Array.isArray(first)) return mergeStatistics(values.map(listOf));
  const mean = values.reduce((total: number, value) => total + Number(textOf(value)), 0) / values.length;
  if (typeof first === 'number' || typeof first === 'bigint') {
    return name.endsWith('-per-key') ? Math.round(mean) : sum(values);
  }
  if (Number.isNaN(mean)) return first;
  return first instanceof Uint8Array ? Buffer.from(String(mean)) : String(mean);
}

/** FUNCTION STATS: `['running_script', what, 'engines', …]` of a node that runs one, else of the first. */
export function statsOfRunning({ replies }: PartReplies): unknown {
  return replies.find((reply) => listOf(reply)[1] != null) ?? replies[0];
}

/**
 * CLUSTER SLOT-STATS: `[slot, [metric, value, …]]` of all masters, in the order that was asked for: by slot, or by a metric with
 * its direction and limit.
 */
export function slotStatsOfAll({ replies, args }: PartReplies): unknown {
  const entries = listOf(concatenate(replies));
  const words = args.map((arg) => textOf(arg).toUpperCase());
  if (words[1] !== 'ORDERBY') return entries.sort((a, b) => numberAt(a, 0) - numberAt(b, 0));
  const metric = textOf(args[2]).toLowerCase();
  const direction = words.includes('ASC', 3) ? 1 : -1;
  const limitAt = words.indexOf('LIMIT', 3);
  const value = (entry: unknown): number => {
    const statistics = listOf(listOf(entry)[1]);
    return numberAt(statistics, statistics.findIndex((name) => textOf(name) === metric) + 1);
  };
  const sorted = entries.sort((a, b) => direction * (value(a) - value(b)) || numberAt(a, 0) - numberAt(b, 0));
  return limitAt < 0 ? sorted : sorted.slice(0, Number(words[limitAt + 1]));
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function numberAt(list: unknown, index: number): number {
  return Number(listOf(list)[index] ?? 0);
}
