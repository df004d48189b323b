// A consumer of a stream's group that survives failovers: every entry is worked on at least once.
import { ClusterClient, ReplyError } from 'slotwise';

type Entry = [id: string, fields: string[] | null];

const client = new ClusterClient(process.env['SEED'] ?? '127.0.0.1:7000');
const [stream, group, consumer] = ['{orders}:stream', 'billing', 'consumer-1'] as const;

async function ensureGroup(): Promise<void> {
  try {
    await client.with({ idempotent: true }).xgroup('CREATE', stream, group, '0', 'MKSTREAM');
  } catch (error) {
    if (!(error instanceof ReplyError && error.code === 'BUSYGROUP')) throw error;
  }
}

/** Works on what was given to this consumer and never acknowledged (its reply may have been lost), then on what comes. */
async function consume(work: (fields: string[]) => void, signal: AbortSignal): Promise<void> {
  const reader = client.with({ signal });
  // Acknowledging twice changes nothing, so it may be sent again when its connection is lost.
  const acknowledger = client.with({ idempotent: true });
  let from = '0';
  while (!signal.aborted) {
    const options = ['COUNT', 100, 'BLOCK', 5000, 'STREAMS', stream, from] as const;
    const reply = await reader.xreadgroup('GROUP', group, consumer, ...options);
    const entries: Entry[] = reply?.[0]?.[1] ?? [];
    for (const [id, fields] of entries) {
      if (fields !== null) work(fields);
      await acknowledger.xack(stream, group, id);
      if (from !== '>') from = id;
    }
    // Nothing is left of the past: from now on only what no consumer has been given.
    if (entries.length === 0) from = '>';
  }
}

await client.del(stream);
await ensureGroup();
for (let order = 1; order <= 5; order++) await client.xadd(stream, '*', { order, amount: order * 10 });

const stop = new AbortController();
let total = 0;
const consuming = consume((fields) => {
  total += Number(fields[3]);
  if (fields[1] === '5') stop.abort();
}, stop.signal).catch((error: unknown) => {
  if (!stop.signal.aborted) throw error;
});
await consuming;
console.log(total); // prints: 150
console.log((await client.xpending(stream, group))[0]); // prints: 0
await client.close();
