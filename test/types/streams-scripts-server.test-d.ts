import { bytes, client, exactly, mixed, numbers, text, texts } from './exactly.ts';

// Streams
type Entry = [id: string, fields: string[]];
type Streams = [key: string, entries: Entry[]][] | null;
exactly<string>()(client.xadd('key', '*', 'f', 'v'));
exactly<string>()(client.xadd('key', '1-1', 'f', 1, 'g', bytes));
exactly<string>()(client.xadd('key', '*', { f: 'v', g: 1 }));
exactly<string>()(client.xadd('key', '*', new Map([['f', 'v']])));
exactly<string>()(client.xadd('key', 'MAXLEN', 1000, '*', 'f', 'v'));
exactly<string>()(client.xadd('key', 'MAXLEN', '~', 1000, '*', { f: 'v' }));
exactly<string>()(client.xadd('key', 'MINID', '=', '1-1', 'LIMIT', 10, '*', { f: 'v' }));
exactly<string>()(client.xadd('key', '*', ...mixed));
exactly<string | null>()(client.xadd('key', 'NOMKSTREAM', '*', 'f', 'v'));
exactly<string | null>()(client.xadd('key', 'NOMKSTREAM', 'MAXLEN', '~', 1000, '*', { f: 'v' }));
exactly<Buffer>()(client.xaddBuffer('key', '*', 'f', 'v'));
// @ts-expect-error a field is missing
client.xadd('key', '*');
// @ts-expect-error a value is missing
client.xadd('key', '*', 'f');
// @ts-expect-error a value has no meaning
client.xadd('key', '*', { f: undefined });
// @ts-expect-error an id is missing
client.xadd('key');
exactly<Entry[]>()(client.xrange('key', '-', '+'));
exactly<Entry[]>()(client.xrange('key', '-', '+', 'COUNT', 10));
exactly<Entry[]>()(client.xrevrange('key', '+', '-'));
exactly<[id: Buffer, fields: Buffer[]][]>()(client.xrangeBuffer('key', '-', '+'));
exactly<number>()(client.xlen('key'));
exactly<number>()(client.xdel('key', '1-1', '2-1'));
exactly<number>()(client.xtrim('key', 'MAXLEN', 10));
exactly<number>()(client.xtrim('key', 'MINID', '~', '1-1', 'LIMIT', 10));
exactly<Streams>()(client.xread('STREAMS', 'key', '0'));
exactly<Streams>()(client.xread('COUNT', 1, 'BLOCK', 0, 'STREAMS', 'a', 'b', '0', '$'));
exactly<Streams>()(client.xread('BLOCK', 0, 'COUNT', 1, 'STREAMS', ['a', 'b'], ['0', '$']));
exactly<Streams>()(client.xread('STREAMS', ...texts));
// @ts-expect-error an end is missing
client.xrange('key', '-');
// @ts-expect-error COUNT needs a number
client.xrange('key', '-', '+', 'COUNT');
// @ts-expect-error an id is missing
client.xread('STREAMS', 'key');
// @ts-expect-error STREAMS is missing
client.xread('COUNT', 1, 'key', '0');
// @ts-expect-error COUNT needs a number
client.xread('COUNT', 'STREAMS', 'key', '0');
// @ts-expect-error an id is missing
client.xdel('key');
// @ts-expect-error MAXLEN or MINID
client.xtrim('key', 10);
exactly<[key: string, entries: [id: string, fields: string[] | null][]][] | null>()(
  client.xreadgroup('GROUP', 'group', 'consumer', 'COUNT', 1, 'NOACK', 'STREAMS', 'key', '>'),
);
client.xreadgroup('GROUP', 'group', 'consumer', 'STREAMS', ['a', 'b'], ['>', '>']);
client.xreadgroup('GROUP', 'group', 'consumer', 'NOACK', 'BLOCK', 100, 'STREAMS', 'a', '>');
// @ts-expect-error GROUP is missing
client.xreadgroup('group', 'consumer', 'STREAMS', 'key', '>');
// @ts-expect-error a stream is missing
client.xreadgroup('GROUP', 'group', 'consumer', 'STREAMS');
exactly<number>()(client.xack('key', 'group', '1-1', '2-1'));
exactly<'OK'>()(client.xgroup('CREATE', 'key', 'group', '$'));
exactly<'OK'>()(client.xgroup('CREATE', 'key', 'group', '0', 'MKSTREAM'));
exactly<'OK'>()(client.xgroup('CREATE', 'key', 'group', '0', 'ENTRIESREAD', 1, 'MKSTREAM'));
exactly<0 | 1>()(client.xgroup('CREATECONSUMER', 'key', 'group', 'consumer'));
exactly<number>()(client.xgroup('DELCONSUMER', 'key', 'group', 'consumer'));
exactly<0 | 1>()(client.xgroup('DESTROY', 'key', 'group'));
// @ts-expect-error an id is missing
client.xgroup('CREATE', 'key', 'group');
// @ts-expect-error there is no such subcommand
client.xgroup('DROP', 'key', 'group');
// @ts-expect-error a consumer is missing
client.xgroup('DELCONSUMER', 'key', 'group');
exactly<(Entry | null)[]>()(client.xclaim('key', 'group', 'consumer', 0, '1-1'));
exactly<(Entry | null)[]>()(client.xclaim('key', 'group', 'consumer', 0, '1-1', '2-1', 'IDLE', 10, 'FORCE'));
exactly<(Entry | null)[]>()(client.xclaim('key', 'group', 'consumer', 0, texts, 'RETRYCOUNT', 3, 'TIME', 1));
exactly<string[]>()(client.xclaim('key', 'group', 'consumer', 0, '1-1', 'JUSTID'));
exactly<string[]>()(client.xclaim('key', 'group', 'consumer', 0, '1-1', 'FORCE', 'JUSTID', 'IDLE', 1));
exactly<[next: string, entries: (Entry | null)[], deleted: string[]]>()(
  client.xautoclaim('key', 'group', 'consumer', 0, '0', 'COUNT', 10),
);
exactly<[next: string, ids: string[], deleted: string[]]>()(
  client.xautoclaim('key', 'group', 'consumer', 0, '0', 'JUSTID', 'COUNT', 10),
);
exactly<[id: string, consumer: string, idleMs: number, deliveries: number][]>()(
  client.xpending('key', 'group', 'IDLE', 10, '-', '+', 10, 'consumer'),
);
client.xpending('key', 'group');
client.xpending('key', 'group', '-', '+', 10);
// @ts-expect-error an id is missing
client.xclaim('key', 'group', 'consumer', 0);
// @ts-expect-error IDLE needs a number
client.xclaim('key', 'group', 'consumer', 0, '1-1', 'IDLE');
// @ts-expect-error a start is missing
client.xautoclaim('key', 'group', 'consumer', 0);
// @ts-expect-error a count is missing
client.xpending('key', 'group', '-', '+');

// Scripts and functions
exactly<unknown>()(client.eval('return 1', 0));
exactly<unknown>()(client.eval('return 1', 2, 'a', 'b', 1, bytes));
exactly<unknown>()(client.eval('return 1', numbers.length, texts, mixed));
exactly<unknown>()(client.evalsha('abc', 1, 'a'));
exactly<unknown>()(client.evalBuffer('return 1', 0));
exactly<unknown>()(client.fcall('name', 1, 'a', ...texts));
// @ts-expect-error the number of keys is missing
client.eval('return 1');
// @ts-expect-error the number of keys is a number
client.eval('return 1', 'a');
exactly<string>()(client.script('LOAD', 'return 1'));
exactly<(0 | 1)[]>()(client.script('EXISTS', 'a', 'b'));
exactly<'OK'>()(client.script('FLUSH'));
exactly<'OK'>()(client.script('FLUSH', 'ASYNC'));
exactly<string>()(client.function('LOAD', 'REPLACE', 'code'));
exactly<string>()(client.function('LOAD', 'code'));
exactly<Buffer>()(client.functionBuffer('DUMP'));
exactly<'OK'>()(client.function('RESTORE', bytes, 'FLUSH'));
exactly<'OK'>()(client.function('DELETE', 'library'));
// @ts-expect-error a SHA-1 is missing
client.script('EXISTS');
// @ts-expect-error there is no such way to flush
client.script('FLUSH', 'LATER');
// @ts-expect-error there is no such subcommand
client.script('RUN', 'return 1');
// @ts-expect-error the code is missing
client.function('LOAD');
// @ts-expect-error there is no such policy
client.function('RESTORE', bytes, 'KEEP');

// Servers and connections
exactly<'PONG'>()(client.ping());
exactly<string>()(client.ping('hello'));
exactly<string>()(client.echo('hello'));
exactly<string>()(client.info());
exactly<string>()(client.info('memory', 'cpu'));
exactly<number>()(client.dbsize());
exactly<'OK'>()(client.flushall());
exactly<'OK'>()(client.flushdb('ASYNC'));
exactly<[seconds: string, microseconds: string]>()(client.time());
exactly<string[]>()(client.config('GET', 'maxmemory', 'save'));
exactly<'OK'>()(client.config('SET', 'maxmemory', 0));
exactly<'OK'>()(client.config('SET', { maxmemory: 0 }));
exactly<'OK'>()(client.config('RESETSTAT'));
// @ts-expect-error a parameter is missing
client.config('GET');
// @ts-expect-error a value is missing
client.config('SET', 'maxmemory');
// @ts-expect-error there is no such subcommand
client.config('LIST');
// @ts-expect-error subcommands are written in upper case
client.config('get', 'maxmemory');
// @ts-expect-error PING takes one message
client.ping('a', 'b');
// @ts-expect-error there is no such way to flush
client.flushall('NOW');
exactly<string>()(client.client('LIST'));
exactly<string>()(client.client('LIST', 'TYPE', 'NORMAL', 'ID', [1, 2]));
exactly<'OK'>()(client.client('KILL', '127.0.0.1:1234'));
exactly<number>()(client.client('KILL', 'ID', 1, 'SKIPME', 'NO'));
exactly<0 | 1>()(client.client('UNBLOCK', 1, 'ERROR'));
exactly<number>()(client.client('ID'));
exactly<'OK'>()(client.client('PAUSE', 100, 'WRITE'));
exactly<string | null>()(client.client('GETNAME'));
// @ts-expect-error there is no such type
client.client('LIST', 'TYPE', 'STRANGE');
// @ts-expect-error SKIPME needs YES or NO
client.client('KILL', 'ID', 1, 'SKIPME');
// @ts-expect-error a time is missing
client.client('PAUSE');
exactly<string>()(client.cluster('INFO'));
exactly<number>()(client.cluster('KEYSLOT', 'key'));
exactly<number>()(client.cluster('COUNTKEYSINSLOT', 1));
exactly<string[]>()(client.cluster('GETKEYSINSLOT', 1, 10));
exactly<'OK'>()(client.cluster('ADDSLOTS', 1, 2, 3));
exactly<'OK'>()(client.cluster('ADDSLOTS', ...numbers));
exactly<'OK'>()(client.cluster('ADDSLOTSRANGE', 0, 5, 10, 15));
exactly<'OK'>()(client.cluster('SETSLOT', 1, 'MIGRATING', text));
exactly<'OK'>()(client.cluster('SETSLOT', 1, 'STABLE'));
exactly<'OK'>()(client.cluster('FAILOVER', 'FORCE'));
exactly<'OK'>()(client.cluster('REPLICATE', 'NO', 'ONE'));
// @ts-expect-error a slot is missing
client.cluster('ADDSLOTS');
// @ts-expect-error an end is missing
client.cluster('ADDSLOTSRANGE', 0, 5, 10);
// @ts-expect-error STABLE takes no node
client.cluster('SETSLOT', 1, 'STABLE', 'id');
// @ts-expect-error a node is missing
client.cluster('SETSLOT', 1, 'IMPORTING');
exactly<'OK'>()(client.acl('SETUSER', 'user', 'on', '+@all'));
exactly<number>()(client.acl('DELUSER', 'user', 'other'));
exactly<(string | number)[][]>()(client.acl('LOG', 10));
exactly<'OK'>()(client.acl('LOG', 'RESET'));
exactly<number | null>()(client.memory('USAGE', 'key', 'SAMPLES', 5));
exactly<number>()(client.slowlog('LEN'));
exactly<number>()(client.publish('channel', 'message'));
exactly<number>()(client.spublish('channel', bytes));
exactly<string[]>()(client.pubsub('CHANNELS', 'a*'));
exactly<(string | number)[]>()(client.pubsub('NUMSUB', 'a', 'b'));
exactly<number>()(client.command('COUNT'));
exactly<string[]>()(client.command('GETKEYS', 'GET', 'key'));
exactly<string[]>()(client.command('LIST', 'FILTERBY', 'PATTERN', 'x*'));
// @ts-expect-error FILTERBY needs a kind
client.command('LIST', 'FILTERBY', 'x*');
// @ts-expect-error a message is missing
client.publish('channel');
// @ts-expect-error SAMPLES needs a number
client.memory('USAGE', 'key', 'SAMPLES');
exactly<'OK'>()(client.shutdown('NOSAVE', 'NOW'));
exactly<'OK'>()(client.shutdown('ABORT'));
// @ts-expect-error SAVE or NOSAVE
client.shutdown('SAVE', 'NOSAVE');
