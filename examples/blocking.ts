// Blocking commands: a worker that waits for jobs. It holds up nothing else, and waits on where its list goes.
import { ClusterClient } from 'slotwise';

const client = new ClusterClient(process.env['SEED'] ?? '127.0.0.1:7000');
await client.del('jobs');

const stop = new AbortController();
const worker = client.with({ signal: stop.signal });
const done: string[] = [];

async function work(): Promise<void> {
  try {
    for (;;) {
      const [, job] = (await worker.blpop('jobs', 0)) ?? []; // 0: for as long as it takes
      if (job !== undefined) done.push(job);
      if (job === 'sweep') stop.abort();
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
}

const working = work();
await client.rpush('jobs', 'wash', 'dry', 'sweep');
await working;
console.log(done.join(', ')); // prints: wash, dry, sweep

const nothing = await client.blpop('jobs', 0.1); // null after a tenth of a second
console.log(nothing); // prints: null

await client.close();
