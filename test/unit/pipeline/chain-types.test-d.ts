import { type Call, type ClusterClient, command, type Outcome } from '../../../src/index.ts';
import { exactly } from '../../types/exactly.ts';

declare const client: ClusterClient;
declare const keys: string[];

// Pipelines and transactions: an outcome for each command, in order.
exactly<[Outcome<string | null>, Outcome<Buffer | null>]>()(client.pipeline().get('a').getBuffer('b').exec());
exactly<[Outcome<string | null>, Outcome<unknown>]>()(client.pipeline().get('a').call('ANY', 1).exec());
exactly<[Outcome<(string | null)[]>]>()(client.multi().mget('{a}b', '{a}c').exec());
// Filled in a loop, or from arrays: the form is known, the replies are not.
exactly<Outcome[]>()(client.pipeline().exec());
exactly<Outcome[]>()(client.pipeline([['get', 'a']]).exec());
exactly<Outcome[]>()(client.multi([['get', 'a']]).exec());
client
  .pipeline()
  .get('a')
  .exec()
  .then(([outcome]) => {
    const [error, reply] = outcome;
    if (error === null) reply satisfies string | null;
    else reply satisfies undefined;
  });
// @ts-expect-error: wrong arguments are as wrong as on the client
client.pipeline().get();
// @ts-expect-error: not a list of commands
client.pipeline(['get', 'a']);

// Batches: the replies alone.
exactly<[string | null, Buffer | null]>()(client.batch([command.get('a'), command.getBuffer('b')]));
exactly<(string | null)[]>()(client.batch(keys.map((key) => command.get(key))));
exactly<[string | null, unknown]>()(client.transaction([command.get('a'), command.call('ANY')]));
command.get('a') satisfies Call<string | null>;
// @ts-expect-error: a promise is no call
client.batch([client.get('a')]);

// Watches resolve with what their function gives.
exactly<number>()(client.watch('a', async () => 1));
exactly<string | null>()(client.watch(['a', 'b'], (tx) => tx.get('a')));
exactly<[Outcome<string | null>]>()(client.watch('a', (tx) => tx.multi().get('a').exec()));

// Scripts
const two = client.defineScript('return 1', { keys: 2, parse: Number });
exactly<number>()(two('a', 'b', 1, 'x'));
exactly<[number]>()(client.batch([two.note('a', 'b')]));
exactly<[Outcome<number>]>()(client.pipeline().add(two.note('a', 'b')).exec());
// @ts-expect-error: one key is missing
two('a');
exactly<unknown>()(client.defineScript('return 1', { keys: 0 })('argument'));
exactly<unknown>()(client.defineScript('return 1')(1, 'a', 'argument'));
// @ts-expect-error: the number of keys comes first when it is not fixed
client.defineScript('return 1')('a');
exactly<string>()(client.defineScript<string, 1>('return 1', { keys: 1 })('a'));
