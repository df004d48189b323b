// Settings of single calls: `with` gives a light view of the same client.
import { ClusterClient, CommandTimeoutError } from 'slotwise';

const client = new ClusterClient(process.env['SEED'] ?? '127.0.0.1:7000');

// Reads that may be a little old come from replicas, and from the master where there is no replica.
const relaxed = client.with({ readFrom: 'preferReplica' });
await client.set('greeting', 'hello');
console.log(['hello', null].includes(await relaxed.get('greeting'))); // prints: true

// This one may be executed twice, so it is sent again when its connection is lost.
const repeatable = client.with({ idempotent: true });
console.log(await repeatable.set('greeting', 'hello again')); // prints: OK

// A request that has a tenth of a second, whatever happens to the cluster.
const quick = client.with({ timeoutMs: 100 });
console.log(await quick.get('greeting')); // prints: hello again

// The budget covers everything, connecting included: nobody listens on port 1.
const nowhere = new ClusterClient('127.0.0.1:1', { timeoutMs: 300 });
try {
  await nowhere.get('greeting');
} catch (error) {
  if (error instanceof CommandTimeoutError) console.log(error.code, error.executed); // prints: TIMEOUT no
}
nowhere.destroy();

// What a request no longer needs, it aborts.
const request = new AbortController();
const abandoned = client.with({ signal: request.signal }).get('greeting');
request.abort();
console.log(await abandoned.catch((error: Error) => error.name)); // prints: CommandAbortedError

await client.close();
