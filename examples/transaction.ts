// Transactions: keys of one slot, executed as one, in one write.
import { ClusterClient, CrossSlotError, command } from 'slotwise';

const client = new ClusterClient(process.env['SEED'] ?? '127.0.0.1:7000');
await client.del('{cart:7}:total', '{cart:7}:items');

const outcomes = await client.multi().incrby('{cart:7}:total', 250).rpush('{cart:7}:items', 'tea').exec();
console.log(outcomes); // prints: [ [ null, 250 ], [ null, 1 ] ]

// The same with typed replies alone.
const [total, items] = await client.transaction([
  command.incrby('{cart:7}:total', 300), // number | bigint
  command.lrange('{cart:7}:items', 0, -1), // string[]
]);
console.log(total, items); // prints: 550 [ 'tea' ]

// Keys of several slots are refused before anything is sent: they could not be executed as one.
try {
  await client.multi().set('cart:7:total', 0).del('cart:7:items').exec();
} catch (error) {
  if (error instanceof CrossSlotError) console.log(error.code, error.executed); // prints: CROSSSLOT no
}

await client.close();
