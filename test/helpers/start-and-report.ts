// Run as a process of its own: starts a cluster, tells what it consists of, and then does what the first argument says.
import { startCluster } from '../../src/testing/index.ts';

const cluster = await startCluster({ replicas: 0 });
const [first] = cluster.nodes;
if (first === undefined) throw new Error('nodes expected');
await cluster.pause(first);
const report = { pids: cluster.nodes.map((node) => node.pid), folders: cluster.nodes.map((node) => node.folder) };
process.stdout.write(`${JSON.stringify(report)}\n`);
// `stay`: until it is killed. `forget`: ends like a test that does not call stop().
if (process.argv[2] === 'stay') setInterval(() => {}, 1_000);
