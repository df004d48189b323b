// Bytes in, bytes out: Buffers are sent as they are, and every command has a method that replies with Buffers.
import { randomBytes } from 'node:crypto';
import { ClusterClient } from 'slotwise';

const client = new ClusterClient(process.env['SEED'] ?? '127.0.0.1:7000');

const picture = randomBytes(100_000);
await client.set('picture:1', picture);
const stored = await client.getBuffer('picture:1'); // Buffer | null
console.log(stored?.equals(picture)); // prints: true

await client.hset('thumbnails', 'small', Buffer.from([0xff, 0xd8]), 'large', Buffer.from([0xff, 0xd8, 0xff]));
const thumbnails = await client.hgetallBuffer('thumbnails'); // Record<string, Buffer>
console.log(thumbnails['large']?.length); // prints: 3

// Keys may be bytes too.
await client.set(Buffer.from([0x00, 0x01]), 'a value');
console.log(await client.get(Buffer.from([0x00, 0x01]))); // prints: a value

// Integers are exact: beyond 2^53 they are bigints.
await client.set('big', '9007199254740993');
console.log(await client.incr('big')); // prints: 9007199254740994n

await client.close();
