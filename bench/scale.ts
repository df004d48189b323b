import { URGENT_BASE_MS, URGENT_CAP_MS, URGENT_NODES } from '../src/topology/refresher.ts';
import { backoffMs } from '../src/util/backoff.ts';

/*
 * A failover in a large deployment, simulated: `tsx bench/scale.ts [clients] [masters] [outage ms]`. Every client has commands
 * for the lost master, so each refreshes as fast as its policy allows until it has learnt of the new one. The policy's
 * constants are the client's own; nodes learn of the failover one after the other within half a second.
 */

const clients = Number(process.argv[2] ?? 100);
const masters = Number(process.argv[3] ?? 500);
const outageMs = Number(process.argv[4] ?? 17_000);
const nodes = masters * 2;
const ROUND_TRIP_MS = 3;
const GOSSIP_MS = 500;
const WINDOW_MS = 100;
/** As servers encode it: 40-digit names, IPv4 addresses, one replica each, one range a master. */
const replyBytes = masters * ('*4\r\n:16000\r\n:16032\r\n'.length + 2 * 86) + 100;

const asks: number[] = [];
const asksOfNode = new Uint32Array(nodes);
const knowsAt = Float64Array.from({ length: nodes }, () => outageMs + Math.random() * GOSSIP_MS);
let learntLast = 0;
let refreshes = 0;

for (let client = 0; client < clients; client++) {
  // Only masters are connected, and the lost one (number 0) cannot be asked.
  const pick = () => 1 + Math.floor(Math.random() * (masters - 1));
  for (let now = 0, inARow = 0; ; inARow++) {
    refreshes++;
    const asked = Array.from({ length: Math.min(URGENT_NODES, masters - 1) }, pick);
    for (const node of asked) {
      asks.push(now);
      asksOfNode[node] = (asksOfNode[node] ?? 0) + 1;
    }
    now += ROUND_TRIP_MS;
    if (asked.some((node) => now >= (knowsAt[node] ?? 0))) {
      learntLast = Math.max(learntLast, now);
      break;
    }
    now += backoffMs(inARow + 1, URGENT_BASE_MS, URGENT_CAP_MS);
  }
}

const windows = new Map<number, number>();
for (const at of asks) {
  const window = Math.floor(at / WINDOW_MS);
  windows.set(window, (windows.get(window) ?? 0) + 1);
}
const seconds = learntLast / 1000;
const first = windows.get(0) ?? 0;
const busiest = Math.max(...[...windows].filter(([window]) => window >= 10).map(([, count]) => count));
const perSecond = asks.length / seconds;
const rows: [string, string][] = [
  ['clients, nodes, outage', `${clients}, ${nodes}, ${outageMs} ms`],
  ['reply to CLUSTER SLOTS', `${(replyBytes / 1000).toFixed(0)} kB`],
  ['refreshes a second and client', (refreshes / clients / seconds).toFixed(1)],
  ['questions a second, all nodes together', perSecond.toFixed(0)],
  ['questions a second and master, mean', (perSecond / (masters - 1)).toFixed(2)],
  ['questions to the busiest master in all', String(Math.max(...asksOfNode))],
  [`questions in the first ${WINDOW_MS} ms`, String(first)],
  [`questions in the busiest ${WINDOW_MS} ms after the first second`, String(busiest)],
  ['replies to one client', `${(((perSecond / clients) * replyBytes) / 1e6).toFixed(2)} MB/s`],
  ['replies of one master', `${(((perSecond / (masters - 1)) * replyBytes) / 1e6).toFixed(2)} MB/s`],
  ['the last client knows after the failover', `${(learntLast - outageMs).toFixed(0)} ms`],
];
for (const [what, value] of rows) console.log(`${what.padEnd(56)} ${value}`);
