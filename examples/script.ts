// Scripts: a typed function that every node learns when it first needs it; or a method, as in ioredis.
import { ClusterClient, command, type ReplyShape, type Shaped } from 'slotwise';

const client = new ClusterClient(process.env['SEED'] ?? '127.0.0.1:7000');
await client.mset({ '{bank}:ada': 100, '{bank}:bob': 0 });

const transferText = `
  local balance = tonumber(redis.call('GET', KEYS[1]) or '0')
  if balance < tonumber(ARGV[1]) then return -1 end
  redis.call('DECRBY', KEYS[1], ARGV[1])
  return redis.call('INCRBY', KEYS[2], ARGV[1])`;

const transfer = client.defineScript(transferText, { keys: 2, parse: Number });
console.log(await transfer('{bank}:ada', '{bank}:bob', 30)); // prints: 30
console.log(await transfer('{bank}:ada', '{bank}:bob', 300)); // prints: -1

// In batches, pipelines and transactions.
const [bob, ada] = await client.transaction([transfer.note('{bank}:ada', '{bank}:bob', 5), command.get('{bank}:ada')]);
console.log(bob, ada); // prints: 35 65

// As a method, which the compiler is told of once.
declare module 'slotwise' {
  interface ScriptMethods<Shape extends ReplyShape> {
    transfer(from: string, to: string, amount: number): Shaped<Shape, number>;
  }
}
client.defineCommand('transfer', { numberOfKeys: 2, lua: transferText });
console.log(await client.transfer('{bank}:ada', '{bank}:bob', 5)); // prints: 40
console.log(await client.pipeline().transfer('{bank}:bob', '{bank}:ada', 1).get('{bank}:bob').exec()); // prints: [ [ null, 61 ], [ null, '39' ] ]

await client.close();
