// A service that ends: no new commands, everything that is pending is answered, then the connections close.
import { ClientClosedError, ClusterClient } from 'slotwise';

async function serve(): Promise<void> {
  // `await using` calls close() at the end of the block, however it ends.
  await using client = new ClusterClient(process.env['SEED'] ?? '127.0.0.1:7000');
  const pending = Array.from({ length: 1_000 }, (_, i) => client.set(`job:${i}`, 'done'));

  const closing = client.close();
  await client.get('job:0').catch((error: unknown) => {
    if (error instanceof ClientClosedError) console.log('too late:', error.executed); // prints: too late: no
  });
  await closing;
  const replies = await Promise.all(pending);
  console.log(replies.filter((reply) => reply === 'OK').length, 'answered'); // prints: 1000 answered
}

await serve();
