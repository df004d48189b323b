// Scans: all keys of the cluster, the elements of one key, and a cursor to go on from later.
import { ClusterClient } from 'slotwise';

const client = new ClusterClient(process.env['SEED'] ?? '127.0.0.1:7000');
for (let i = 0; i < 1000; i++) await client.set(`scan-example:${i}`, `value ${i}`);

let count = 0;
for await (const key of client.scanIterator({ match: 'scan-example:*', unique: true })) {
  if (key.startsWith('scan-example:')) count++;
}
console.log(count); // prints: 1000

// Page by page, for commands that take many keys.
let removed = 0;
for await (const keys of client.scanIterator({ match: 'scan-example:??', batches: true })) {
  removed += Number(await client.unlink(keys));
}
console.log(removed); // prints: 90

await client.hset('scan-example:profile', { name: 'Ada', born: '1815' });
for await (const [field, value] of client.hscanIterator('scan-example:profile')) {
  console.log(field, value); // prints: name Ada
  break;
}

// A cursor is text: keep it anywhere, and go on from it in another process.
let cursor = '0';
const seen = new Set<string>();
do {
  const [next, keys] = await client.scan(cursor, 'MATCH', 'scan-example:*', 'TYPE', 'string', 'COUNT', 500);
  for (const key of keys) seen.add(key);
  cursor = next;
} while (cursor !== '0');
console.log(seen.size); // prints: 910

await client.close();
