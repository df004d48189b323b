// Keys with the same {tag} are in the same slot, so one command can have several of them.
import { ClusterClient, keySlot, SlotwiseError } from 'slotwise';

const client = new ClusterClient(process.env['SEED'] ?? '127.0.0.1:7000');

console.log(keySlot('{user:42}:name') === keySlot('{user:42}:mail')); // prints: true

await client.mset({ '{user:42}:name': 'Ada', '{user:42}:mail': 'ada@example.org' });
console.log(await client.mget('{user:42}:name', '{user:42}:mail')); // prints: [ 'Ada', 'ada@example.org' ]

// What has to happen to all keys or none cannot span slots: it is refused before anything is sent.
await client.rename('{user:42}:name', '{user:43}:name').catch((error: unknown) => {
  if (error instanceof SlotwiseError) console.log(error.name, error.executed); // prints: CrossSlotError no
});

await client.close();
