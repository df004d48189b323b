// Batches: calls noted down with `command`, typed replies, one error that has every outcome.
import { BatchError, ClusterClient, command } from 'slotwise';

const client = new ClusterClient(process.env['SEED'] ?? '127.0.0.1:7000');
await client.del('batch:name', 'batch:visits', 'batch:list');

const [, visits, name] = await client.batch([
  command.set('batch:name', 'Ada'), // 'OK' | null
  command.incr('batch:visits'), // number | bigint
  command.get('batch:name'), // string | null
]);
console.log(visits, name?.toUpperCase()); // prints: 1 ADA

const lengths = await client.batch(['batch:name', 'batch:visits'].map((key) => command.strlen(key))); // number[]
console.log(lengths); // prints: [ 3, 1 ]

try {
  await client.batch([command.rpush('batch:list', 'one'), command.incr('batch:name')]);
} catch (error) {
  if (!(error instanceof BatchError)) throw error;
  const [[, length], [failure]] = error.outcomes as [[null, number], [Error, undefined]];
  console.log(length, failure.message); // prints: 1 ERR value is not an integer or out of range
}

await client.close();
