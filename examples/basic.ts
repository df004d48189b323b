import { ClusterClient } from 'slotwise';

const client = new ClusterClient(process.env['SEED'] ?? '127.0.0.1:7000');

await client.set('user:42', 'Ada', 'EX', 60); // 'OK' | null
const name = await client.get('user:42'); // string | null
const visits = await client.incr('visits:42'); // number | bigint
await client.hset('profile:42', { language: 'Ada', since: 1815 });
const profile = await client.hgetall('profile:42'); // Record<string, string>

console.log(name, visits, profile['language']); // prints: Ada 1 Ada
await client.close();
