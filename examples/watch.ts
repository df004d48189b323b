// Optimistic locking: read, decide, write, and begin again if somebody else was faster.
import { ClusterClient } from 'slotwise';

const client = new ClusterClient(process.env['SEED'] ?? '127.0.0.1:7000');
await client.set('account:7', 100);

/** Takes an amount from the account, never below zero. */
function withdraw(amount: number): Promise<number> {
  return client.watch(
    'account:7',
    async (tx) => {
      const balance = Number(await tx.get('account:7'));
      if (balance < amount) throw new Error('not enough');
      await tx
        .multi()
        .set('account:7', balance - amount)
        .exec(); // rejects if the account has changed, and the watch begins again
      return balance - amount;
    },
    { retries: 100 },
  );
}

// Twelve at a time, though there is enough for ten.
const withdrawals = await Promise.allSettled(Array.from({ length: 12 }, () => withdraw(10)));
console.log(withdrawals.filter(({ status }) => status === 'fulfilled').length); // prints: 10
console.log(await client.get('account:7')); // prints: 0

await client.close();
