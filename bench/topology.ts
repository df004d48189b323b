import { diffTopology } from '../src/topology/diff-topology.ts';
import { parseSlots } from '../src/topology/parse-slots.ts';
import { Topology, topologyNode } from '../src/topology/topology.ts';
import { median } from './figures.ts';

/*
 * What a refresh costs in a large cluster: `tsx bench/topology.ts [masters] [ranges a master]`. The replies are simulated;
 * parsing, comparing and building the table are the client's own.
 */

const masters = Number(process.argv[2] ?? 500);
const rangesEach = Number(process.argv[3] ?? 1);
const times = 200;

/** A CLUSTER SLOTS reply as a decoder gives it: every master with one replica. `shift` moves the slots on by that many. */
function simulateReply(shift: number): unknown[] {
  const count = masters * rangesEach;
  return Array.from({ length: count }, (_, i) => {
    const master = i % masters;
    const edge = (range: number) => (range === 0 ? 0 : Math.floor((range * 16384) / count) + shift);
    const node = (number: number) => [
      `10.0.${number >> 8}.${number & 255}`,
      7000,
      number.toString(16).padStart(40, '0'),
      [],
    ];
    return [edge(i), i === count - 1 ? 16383 : edge(i + 1) - 1, node(master), node(masters + master)];
  });
}

function measure(what: string, work: (i: number) => unknown): void {
  const taken: number[] = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    work(i);
    taken.push(performance.now() - start);
  }
  const later = taken.slice(times / 4);
  console.log(
    `${what.padEnd(44)} ${median(later).toFixed(3)} ms (first ${taken[0]?.toFixed(2)}, longest later ${Math.max(...later).toFixed(2)})`,
  );
}

const replies = [simulateReply(0), simulateReply(1)];
const parse = (i: number) => Topology.fromRanges(i, parseSlots(replies[i & 1], '10.0.0.0'));
let current = parse(0);

console.log(`${masters * 2} nodes, ${masters * rangesEach} ranges`);
measure('parse and build the table', parse);
measure('diff with the one before, nothing changed', () => diffTopology(current, current));
measure('parse, build and diff, all ranges moved', (i) => {
  const next = parse(i + 1);
  const diff = diffTopology(current, next);
  current = next;
  return diff;
});
const target = topologyNode('10.0.0.1', 7000);
measure('one slot patched (MOVED)', (i) => current.withSlot(i, target));
