// What the client knows of the cluster, and what it has had to do about changes.
import { ClusterClient, keySlot } from 'slotwise';

const client = new ClusterClient(process.env['SEED'] ?? '127.0.0.1:7000', { lazyConnect: true });
client.on('topology', (diff) => {
  if (diff.promoted.length > 0) console.warn('new masters:', diff.promoted);
});
// Without this listener the client stays silent, and goes on trying all the same.
client.on('error', (error) => console.warn('the cluster is out of reach:', error.message));

console.log(client.status); // prints: idle
await client.connect();
console.log(client.status); // prints: ready

const { topology } = client;
console.log(topology.masters().length, 'masters'); // prints: 3 masters
for (const { start, end } of topology.ranges()) console.log(`slots ${start} to ${end}`);
// prints: slots 0 to 5460
// prints: slots 5461 to 10922
// prints: slots 10923 to 16383
console.log(topology.shardOf(keySlot('user:42'))?.master.address === undefined); // prints: false

const { moved, retries } = client.counters;
console.log(`${moved} MOVED followed, ${retries} retries`); // prints: 0 MOVED followed, 0 retries

await client.close();
console.log(client.status); // prints: closed
