import { bytes, client, exactly, mixed, numbers, text, texts } from './exactly.ts';

// Strings
exactly<string | null>()(client.get('key'));
exactly<string | null>()(client.get(bytes));
exactly<string | null>()(client.get(new Uint8Array()));
exactly<Buffer | null>()(client.getBuffer('key'));
// @ts-expect-error a key is missing
client.get();
// @ts-expect-error one key only
client.get('key', 'other');
// @ts-expect-error a number is no key
client.get(1);
// @ts-expect-error undefined is no key
client.get(undefined);
// @ts-expect-error null is no key
client.get(null);
// @ts-expect-error an array is flattened only where several keys may stand
client.get(['key']);

exactly<'OK' | null>()(client.set('key', 'value'));
exactly<'OK' | null>()(client.set('key', 1));
exactly<'OK' | null>()(client.set('key', 1n));
exactly<'OK' | null>()(client.set('key', bytes));
exactly<'OK' | null>()(client.set('key', 'value', 'EX', 60));
exactly<'OK' | null>()(client.set('key', 'value', 'EX', 60n));
exactly<'OK' | null>()(client.set('key', 'value', 'EX', '60'));
exactly<'OK' | null>()(client.set('key', 'value', 'PX', 60));
exactly<'OK' | null>()(client.set('key', 'value', 'EXAT', 60));
exactly<'OK' | null>()(client.set('key', 'value', 'PXAT', 60));
exactly<'OK' | null>()(client.set('key', 'value', 'KEEPTTL'));
exactly<'OK' | null>()(client.set('key', 'value', 'NX'));
exactly<'OK' | null>()(client.set('key', 'value', 'XX'));
exactly<'OK' | null>()(client.set('key', 'value', 'IFEQ', 'old'));
exactly<'OK' | null>()(client.set('key', 'value', 'EX', 10, 'NX'));
exactly<'OK' | null>()(client.set('key', 'value', 'NX', 'EX', 10));
exactly<'OK' | null>()(client.set('key', 'value', 'XX', 'KEEPTTL'));
exactly<'OK' | null>()(client.set('key', 'value', 'KEEPTTL', 'IFEQ', 'old'));
exactly<string | null>()(client.set('key', 'value', 'GET'));
exactly<string | null>()(client.set('key', 'value', 'GET', 'EX', 10));
exactly<string | null>()(client.set('key', 'value', 'EX', 10, 'GET'));
exactly<string | null>()(client.set('key', 'value', 'NX', 'GET', 'PX', 10));
exactly<string | null>()(client.set('key', 'value', 'PX', 10, 'NX', 'GET'));
exactly<string | null>()(client.set('key', 'value', 'GET', 'PX', 10, 'NX'));
exactly<Buffer | null>()(client.setBuffer('key', 'value', 'GET'));
exactly<'OK' | null>()(client.set('key', 'value', ...(text === '' ? [] : (['EX', 10] as const))));
// @ts-expect-error a value is missing
client.set('key');
// @ts-expect-error EX needs a number
client.set('key', 'value', 'EX');
// @ts-expect-error EX needs a number, not a word
client.set('key', 'value', 'EX', 'soon');
// @ts-expect-error EX needs a number, not a token
client.set('key', 'value', 'EX', 'NX');
// @ts-expect-error there is no such token
client.set('key', 'value', 'FOR', 10);
// @ts-expect-error tokens are written in upper case
client.set('key', 'value', 'ex', 10);
// @ts-expect-error a number without its token
client.set('key', 'value', 10);
// @ts-expect-error two conditions
client.set('key', 'value', 'NX', 'XX');
// @ts-expect-error two expiries
client.set('key', 'value', 'EX', 10, 'PX', 10);
// @ts-expect-error two expiries
client.set('key', 'value', 'KEEPTTL', 'EX', 10);
// @ts-expect-error GET twice
client.set('key', 'value', 'GET', 'GET');
// @ts-expect-error KEEPTTL takes nothing
client.set('key', 'value', 'KEEPTTL', 10);
// @ts-expect-error IFEQ needs a value
client.set('key', 'value', 'IFEQ');
// @ts-expect-error a boolean has no meaning
client.set('key', true);
// @ts-expect-error an object has no meaning
client.set('key', { a: 1 });
// @ts-expect-error undefined has no meaning
client.set('key', undefined);

exactly<string | null>()(client.getdel('key'));
exactly<string | null>()(client.getex('key'));
exactly<string | null>()(client.getex('key', 'EX', 10));
exactly<string | null>()(client.getex('key', 'PERSIST'));
// @ts-expect-error PERSIST takes nothing
client.getex('key', 'PERSIST', 10);
// @ts-expect-error KEEPTTL is SET's
client.getex('key', 'KEEPTTL');
// @ts-expect-error a number is missing
client.getex('key', 'PX');
exactly<string | null>()(client.getset('key', 'value'));
exactly<string>()(client.getrange('key', 0, -1));
// @ts-expect-error an end is missing
client.getrange('key', 0);
// @ts-expect-error a position is a number
client.getrange('key', 'a', 'b');
exactly<number>()(client.setrange('key', 0, 'value'));
exactly<number>()(client.append('key', 'value'));
exactly<number>()(client.strlen('key'));
exactly<'OK'>()(client.setex('key', 10, 'value'));
exactly<'OK'>()(client.psetex('key', 10, 'value'));
exactly<0 | 1>()(client.setnx('key', 'value'));
// @ts-expect-error a value is missing
client.setex('key', 10);

// Counters
exactly<number | bigint>()(client.incr('key'));
exactly<number | bigint>()(client.incrby('key', 2));
exactly<number | bigint>()(client.incrby('key', 2n ** 62n));
exactly<number | bigint>()(client.decr('key'));
exactly<number | bigint>()(client.decrby('key', 2));
exactly<string>()(client.incrbyfloat('key', 0.1));
// @ts-expect-error an increment is missing
client.incrby('key');
// @ts-expect-error an increment is a whole number
client.incrby('key', '1.5');
// @ts-expect-error INCR takes no increment
client.incr('key', 1);

// Several keys
exactly<(string | null)[]>()(client.mget('a'));
exactly<(string | null)[]>()(client.mget('a', 'b', bytes));
exactly<(string | null)[]>()(client.mget(texts));
exactly<(string | null)[]>()(client.mget(...texts));
exactly<(string | null)[]>()(client.mget('a', ...texts));
exactly<(string | null)[]>()(client.mget(['a', 'b'], 'c'));
exactly<(Buffer | null)[]>()(client.mgetBuffer('a', 'b'));
// @ts-expect-error a key is missing
client.mget();
// @ts-expect-error a number is no key
client.mget('a', 1);
// @ts-expect-error undefined is no key
client.mget('a', undefined);
// @ts-expect-error numbers are no keys
client.mget(...numbers);
exactly<'OK'>()(client.mset('a', 1, 'b', 'two'));
exactly<'OK'>()(client.mset({ a: 1, b: 'two', c: bytes, d: 4n }));
exactly<'OK'>()(client.mset(new Map([['a', 1]])));
exactly<'OK'>()(client.mset(['a', 1, 'b', 2]));
exactly<'OK'>()(client.mset(...texts));
exactly<0 | 1>()(client.msetnx('a', 1));
exactly<0 | 1>()(client.msetnx({ a: 1 }));
exactly<0 | 1>()(client.msetex(2, 'a', 1, 'b', 2, 'EX', 10));
exactly<0 | 1>()(client.msetex(1, { a: 1 }, 'NX', 'KEEPTTL'));
// @ts-expect-error a pair is missing
client.mset();
// @ts-expect-error a value is missing
client.mset('a');
// @ts-expect-error a value is missing
client.mset('a', 1, 'b');
// @ts-expect-error a value has no meaning
client.mset({ a: undefined });
// @ts-expect-error a value has no meaning
client.mset({ a: { b: 1 } });
// @ts-expect-error a key is no number
client.mset(1, 'a');
// @ts-expect-error a token is wrong
client.msetex(1, { a: 1 }, 'KEEP', 10);

// Keys
exactly<number>()(client.del('a'));
exactly<number>()(client.del('a', 'b'));
exactly<number>()(client.del(texts));
exactly<number>()(client.del(...texts));
exactly<number>()(client.del(...texts, 'a'));
exactly<number>()(client.unlink('a', 'b'));
exactly<number>()(client.exists('a', 'b'));
exactly<number>()(client.touch(['a', 'b']));
// @ts-expect-error a key is missing
client.del();
// @ts-expect-error a number is no key
client.del(1);
// @ts-expect-error a key is missing
client.exists();
exactly<0 | 1>()(client.expire('key', 10));
exactly<0 | 1>()(client.expire('key', 10, 'NX'));
exactly<0 | 1>()(client.pexpire('key', 10, 'GT'));
exactly<0 | 1>()(client.expireat('key', 10, 'LT'));
exactly<0 | 1>()(client.pexpireat('key', 10));
exactly<number>()(client.ttl('key'));
exactly<number>()(client.pttl('key'));
exactly<number>()(client.expiretime('key'));
exactly<number>()(client.pexpiretime('key'));
exactly<0 | 1>()(client.persist('key'));
// @ts-expect-error seconds are missing
client.expire('key');
// @ts-expect-error seconds are a number
client.expire('key', 'soon');
// @ts-expect-error a string may be anything
client.expire('key', text);
// @ts-expect-error there is no such condition
client.expire('key', 10, 'EQ');
// @ts-expect-error one condition only
client.expire('key', 10, 'XX', 'GT');
exactly<string>()(client.type('key'));
exactly<'OK'>()(client.rename('a', 'b'));
exactly<0 | 1>()(client.renamenx('a', 'b'));
exactly<0 | 1>()(client.copy('a', 'b'));
exactly<0 | 1>()(client.copy('a', 'b', 'REPLACE', 'DB', 0));
exactly<0 | 1>()(client.copy('a', 'b', 'DB', 0, 'REPLACE'));
// @ts-expect-error DB needs a number
client.copy('a', 'b', 'DB');
// @ts-expect-error DB needs a number
client.copy('a', 'b', 'DB', 'REPLACE');
exactly<string[]>()(client.keys('*'));
exactly<Buffer[]>()(client.keysBuffer('*'));
exactly<string | null>()(client.randomkey());
exactly<string | null>()(client.dump('key'));
exactly<Buffer | null>()(client.dumpBuffer('key'));
exactly<'OK'>()(client.restore('key', 0, bytes, 'REPLACE', 'ABSTTL'));
exactly<'OK'>()(client.restore('key', 0, bytes, 'FREQ', 1, 'REPLACE'));
// @ts-expect-error IDLETIME needs a number
client.restore('key', 0, bytes, 'IDLETIME');
exactly<string | null>()(client.object('ENCODING', 'key'));
exactly<Buffer | null>()(client.objectBuffer('ENCODING', 'key'));
exactly<number | null>()(client.object('REFCOUNT', 'key'));
// @ts-expect-error a key is missing
client.object('ENCODING');
// @ts-expect-error there is no such subcommand
client.object('SIZE', 'key');
// @ts-expect-error a subcommand is missing
client.object();
exactly<[cursor: string, keys: string[]]>()(client.scan(0));
exactly<[cursor: string, keys: string[]]>()(client.scan(text, 'MATCH', 'user:*', 'COUNT', 100));
exactly<[cursor: string, keys: string[]]>()(client.scan('0', 'COUNT', 100, 'TYPE', 'hash', 'MATCH', '*'));
exactly<[cursor: Buffer, keys: Buffer[]]>()(client.scanBuffer(0));
// @ts-expect-error a cursor is missing
client.scan();
// @ts-expect-error MATCH needs a pattern
client.scan(0, 'MATCH');
// @ts-expect-error COUNT needs a number
client.scan(0, 'COUNT', 'many');
// @ts-expect-error MATCH twice
client.scan(0, 'MATCH', 'a', 'MATCH', 'b');
exactly<(string | null)[]>()(client.sort('key'));
exactly<(string | null)[]>()(client.sort('key', 'ALPHA', 'DESC', 'LIMIT', 0, 10));
exactly<(string | null)[]>()(client.sort('key', 'BY', 'w_*', 'GET', '#', 'GET', 'o_*', 'GET', 'p_*'));
exactly<number>()(client.sort('key', 'BY', 'w_*', 'STORE', 'target'));
exactly<number>()(client.sort('key', 'STORE', 'target', 'DESC'));
exactly<(string | null)[]>()(client.sort_ro('key', 'DESC'));
// @ts-expect-error LIMIT needs two numbers
client.sort('key', 'LIMIT', 0);
// @ts-expect-error SORT_RO stores nothing
client.sort_ro('key', 'STORE', 'target');
// @ts-expect-error GET needs a pattern
client.sort('key', 'GET');
exactly<'OK' | 'NOKEY'>()(client.migrate('host', 6379, 'key', 0, 1000));
exactly<'OK' | 'NOKEY'>()(client.migrate('host', 6379, '', 0, 1000, 'REPLACE', 'COPY', 'KEYS', 'a', 'b'));
exactly<'OK' | 'NOKEY'>()(client.migrate('host', 6379, '', 0, 1000, 'AUTH2', 'user', 'secret', 'KEYS', texts));
// @ts-expect-error AUTH2 needs a user and a password
client.migrate('host', 6379, 'key', 0, 1000, 'AUTH2', 'user');
exactly<number>()(client.wait(1, 100));
exactly<[local: number, replicas: number]>()(client.waitaof(1, 1, 100));
exactly<0 | 1>()(client.delifeq('key', 'value'));

// Bits
exactly<0 | 1>()(client.getbit('key', 1));
exactly<0 | 1>()(client.setbit('key', 1, 1));
exactly<number>()(client.bitcount('key'));
exactly<number>()(client.bitcount('key', 0, -1));
exactly<number>()(client.bitcount('key', 0, -1, 'BIT'));
exactly<number>()(client.bitpos('key', 1, 0, -1, 'BYTE'));
exactly<number>()(client.bitop('AND', 'target', 'a', 'b'));
exactly<number>()(client.bitop('NOT', 'target', ['a']));
exactly<(number | bigint | null)[]>()(client.bitfield('key', 'GET', 'u8', 0));
exactly<(number | bigint | null)[]>()(client.bitfield('key', 'SET', 'i5', '#1', 3, 'INCRBY', 'u2', 100, 1));
exactly<(number | bigint | null)[]>()(client.bitfield('key', 'OVERFLOW', 'SAT', 'INCRBY', 'u2', 100, 1));
exactly<(number | bigint | null)[]>()(client.bitfield('key', ...mixed));
exactly<(number | bigint)[]>()(client.bitfield_ro('key', 'GET', 'u8', 0, 'GET', 'u8', 8));
// @ts-expect-error a unit is BYTE or BIT
client.bitcount('key', 0, -1, 'BITS');
// @ts-expect-error there is no such operation
client.bitop('NAND', 'target', 'a');
// @ts-expect-error a source is missing
client.bitop('AND', 'target');
// @ts-expect-error an offset is missing
client.bitfield('key', 'GET', 'u8');
// @ts-expect-error there is no such overflow
client.bitfield('key', 'OVERFLOW', 'IGNORE', 'INCRBY', 'u2', 100, 1);
// @ts-expect-error BITFIELD_RO sets nothing
client.bitfield_ro('key', 'SET', 'u8', 0, 1);

// HyperLogLog
exactly<0 | 1>()(client.pfadd('key', 'a', 'b'));
exactly<0 | 1>()(client.pfadd('key'));
exactly<number>()(client.pfcount('a', 'b'));
exactly<'OK'>()(client.pfmerge('target', 'a', 'b'));
// @ts-expect-error a key is missing
client.pfcount();
