// What a caller does about an error depends on one question: may the command have been executed?
import { ClusterClient, ReplyError, SlotwiseError } from 'slotwise';

const client = new ClusterClient(process.env['SEED'] ?? '127.0.0.1:7000');
await client.connect();

/** Books a seat, and says what to tell the guest. */
async function book(seat: string, guest: string, signal?: AbortSignal): Promise<string> {
  try {
    const reply = await client.with({ signal, timeoutMs: 2_000 }).set(`{LH400}:${seat}`, guest, 'NX');
    return reply === 'OK' ? `${guest} has seat ${seat}` : `seat ${seat} is taken`;
  } catch (error) {
    if (!(error instanceof SlotwiseError)) throw error;
    switch (error.executed) {
      case 'no':
        return `nothing was booked, try again (${error.code})`;
      case 'unknown':
        // Sent, but no answer came: look before doing it again.
        return `seat ${seat} belongs to ${await client.get(`{LH400}:${seat}`)}`;
      case 'yes':
        return `the server said no: ${error.code}`;
    }
  }
}

console.log(await book('12A', 'Ada')); // prints: Ada has seat 12A
console.log(await book('12A', 'Grace')); // prints: seat 12A is taken

// Aborted before it was sent: certainly not executed.
console.log(await book('12B', 'Grace', AbortSignal.abort())); // prints: nothing was booked, try again (ABORTED)

// Aborted after it was sent: the server may have executed it, and here it has.
const patience = new AbortController();
const booking = book('12C', 'Grace', patience.signal);
patience.abort();
console.log(await booking); // prints: seat 12C belongs to Grace

// A server's own error keeps its code, as users of ioredis know it.
try {
  await client.incr('{LH400}:12A');
} catch (error) {
  if (error instanceof ReplyError) console.log(error.code, error.command, error.executed); // prints: ERR INCR yes
}

await client.close();
