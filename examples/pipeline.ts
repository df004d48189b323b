// Pipelines: commands with keys of any slots, sent together, each with its own outcome.
import { ClusterClient } from 'slotwise';

const client = new ClusterClient(process.env['SEED'] ?? '127.0.0.1:7000');
await client.del('name', 'visits', 'a', 'b', 'c');

const [[, set], [, visits], [error], [, values]] = await client
  .pipeline()
  .set('name', 'Ada')
  .incr('visits')
  .incr('name') // fails, and takes nothing else along
  .mget('name', 'visits', 'nothing') // keys of several slots, here as everywhere
  .exec();
console.log(set, visits, values); // prints: OK 1 [ 'Ada', '1', null ]
console.log(error?.message); // prints: ERR value is not an integer or out of range

// Filled in a loop, or given as arrays as with ioredis.
const counting = client.pipeline([['set', 'a', '1']]);
for (const key of ['a', 'b', 'c']) counting.incr(key);
console.log(counting.length, await counting.exec()); // prints: 4 [ [ null, 'OK' ], [ null, 2 ], [ null, 1 ], [ null, 1 ] ]

// A hundred thousand commands are no more than a few writes of bounded size.
const many = client.pipeline();
for (let i = 0; i < 100_000; i++) many.set(`pipeline:${i}`, i, 'EX', 60);
const outcomes = await many.exec();
console.log(outcomes.filter(([failure]) => failure === null).length); // prints: 100000

await client.close();
