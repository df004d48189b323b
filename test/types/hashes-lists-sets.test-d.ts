import { bytes, client, exactly, mixed, text, texts } from './exactly.ts';

// Hashes
exactly<number>()(client.hset('key', 'field', 'value'));
exactly<number>()(client.hset('key', 'f', 1, 'g', 2n, 'h', bytes));
exactly<number>()(client.hset('key', { f: 'v', g: 1 }));
exactly<number>()(client.hset('key', new Map([['f', 'v']])));
exactly<number>()(client.hset('key', new Map([[1, 2]])));
exactly<number>()(client.hset('key', texts));
exactly<number>()(client.hset('key', ...mixed));
exactly<number>()(client.hset('key', 'f', 1, ...mixed));
// @ts-expect-error a field is missing
client.hset('key');
// @ts-expect-error a value is missing
client.hset('key', 'field');
// @ts-expect-error a value is missing
client.hset('key', 'f', 1, 'g');
// @ts-expect-error null has no meaning
client.hset('key', { f: null });
// @ts-expect-error a Date has no meaning
client.hset('key', { f: new Date() });
// @ts-expect-error undefined has no meaning
client.hset('key', 'field', undefined);
exactly<'OK'>()(client.hmset('key', { f: 1 }));
exactly<0 | 1>()(client.hsetnx('key', 'field', 'value'));
exactly<string | null>()(client.hget('key', 'field'));
exactly<Buffer | null>()(client.hgetBuffer('key', 'field'));
exactly<(string | null)[]>()(client.hmget('key', 'f', 'g'));
exactly<(string | null)[]>()(client.hmget('key', texts));
exactly<Record<string, string>>()(client.hgetall('key'));
exactly<Record<string, Buffer>>()(client.hgetallBuffer('key'));
exactly<string[]>()(client.hkeys('key'));
exactly<string[]>()(client.hvals('key'));
exactly<Buffer[]>()(client.hvalsBuffer('key'));
exactly<number>()(client.hlen('key'));
exactly<number>()(client.hstrlen('key', 'field'));
exactly<0 | 1>()(client.hexists('key', 'field'));
exactly<number>()(client.hdel('key', 'f', 'g'));
exactly<number>()(client.hdel('key', ...texts));
exactly<number | bigint>()(client.hincrby('key', 'field', 1));
exactly<string>()(client.hincrbyfloat('key', 'field', '0.5'));
// @ts-expect-error a field is missing
client.hget('key');
// @ts-expect-error a field is missing
client.hmget('key');
// @ts-expect-error a field is missing
client.hdel('key');
// @ts-expect-error one key only
client.hgetall('key', 'other');
// @ts-expect-error an increment is missing
client.hincrby('key', 'field');
exactly<string | null>()(client.hrandfield('key'));
exactly<string[]>()(client.hrandfield('key', 2));
exactly<string[]>()(client.hrandfield('key', -2, 'WITHVALUES'));
// @ts-expect-error WITHVALUES needs a count
client.hrandfield('key', 'WITHVALUES');
exactly<[cursor: string, fieldsAndValues: string[]]>()(client.hscan('key', 0, 'MATCH', '*', 'NOVALUES'));
exactly<number[]>()(client.httl('key', 'FIELDS', 2, 'f', 'g'));
exactly<(-2 | 0 | 1 | 2)[]>()(client.hexpire('key', 10, 'FIELDS', 1, 'f'));
exactly<(-2 | 0 | 1 | 2)[]>()(client.hexpire('key', 10, 'NX', 'FIELDS', 2, ...texts));
exactly<(-2 | 0 | 1 | 2)[]>()(client.hpexpireat('key', 10, 'GT', 'FIELDS', 1, ['f']));
exactly<(string | null)[]>()(client.hgetdel('key', 'FIELDS', 1, 'f'));
exactly<(string | null)[]>()(client.hgetex('key', 'EX', 10, 'FIELDS', 1, 'f'));
exactly<(string | null)[]>()(client.hgetex('key', 'PERSIST', 'FIELDS', 1, 'f'));
exactly<0 | 1>()(client.hsetex('key', 'EX', 10, 'FIELDS', 1, 'f', 'v'));
exactly<0 | 1>()(client.hsetex('key', 'FNX', 'PX', 10, 'FIELDS', 1, { f: 'v' }));
exactly<0 | 1>()(client.hsetex('key', 'KEEPTTL', 'FXX', 'FIELDS', 1, { f: 'v' }));
// @ts-expect-error FIELDS is missing
client.httl('key', 2, 'f', 'g');
// @ts-expect-error the number of fields is missing
client.httl('key', 'FIELDS', 'f', 'g');
// @ts-expect-error a field is missing
client.httl('key', 'FIELDS', 1);
// @ts-expect-error there is no such condition
client.hexpire('key', 10, 'EQ', 'FIELDS', 1, 'f');
// @ts-expect-error a value is missing
client.hsetex('key', 'FIELDS', 1, 'f');

// Lists
exactly<number>()(client.lpush('key', 'a', 1, bytes));
exactly<number>()(client.rpush('key', ...texts));
exactly<number>()(client.rpush('key', texts));
exactly<number>()(client.rpushx('key', 'a'));
exactly<string | null>()(client.lpop('key'));
exactly<string[] | null>()(client.lpop('key', 2));
exactly<Buffer | null>()(client.rpopBuffer('key'));
exactly<Buffer[] | null>()(client.rpopBuffer('key', 2));
exactly<string[]>()(client.lrange('key', 0, -1));
exactly<Buffer[]>()(client.lrangeBuffer('key', 0, -1));
exactly<string | null>()(client.lindex('key', 0));
exactly<number>()(client.llen('key'));
exactly<number>()(client.linsert('key', 'BEFORE', 'pivot', 'element'));
exactly<'OK'>()(client.lset('key', 0, 'element'));
exactly<'OK'>()(client.ltrim('key', 0, 10));
exactly<number>()(client.lrem('key', 0, 'element'));
exactly<string | null>()(client.lmove('a', 'b', 'LEFT', 'RIGHT'));
exactly<string | null>()(client.blmove('a', 'b', 'LEFT', 'RIGHT', 0));
exactly<string | null>()(client.rpoplpush('a', 'b'));
exactly<number | null>()(client.lpos('key', 'element'));
exactly<number | null>()(client.lpos('key', 'element', 'RANK', -1, 'MAXLEN', 10));
exactly<number[]>()(client.lpos('key', 'element', 'COUNT', 0));
exactly<number[]>()(client.lpos('key', 'element', 'MAXLEN', 10, 'COUNT', 0, 'RANK', 1));
exactly<[key: string, element: string] | null>()(client.blpop('a', 0));
exactly<[key: string, element: string] | null>()(client.blpop('a', 'b', 0.5));
exactly<[key: string, element: string] | null>()(client.blpop(texts, 0));
exactly<[key: string, element: string] | null>()(client.brpop(...texts, 0));
exactly<[key: Buffer, element: Buffer] | null>()(client.blpopBuffer('a', 0));
exactly<[key: string, elements: string[]] | null>()(client.lmpop(2, 'a', 'b', 'LEFT'));
exactly<[key: string, elements: string[]] | null>()(client.lmpop(2, ['a', 'b'], 'RIGHT', 'COUNT', 3));
exactly<[key: string, elements: string[]] | null>()(client.lmpop(2, ...texts, 'RIGHT'));
exactly<[key: string, elements: string[]] | null>()(client.blmpop(0, 1, 'a', 'LEFT'));
// @ts-expect-error an element is missing
client.lpush('key');
// @ts-expect-error a count is a number
client.lpop('key', 'two');
// @ts-expect-error a stop is missing
client.lrange('key', 0);
// @ts-expect-error there is no such place
client.linsert('key', 'BEHIND', 'pivot', 'element');
// @ts-expect-error there is no such side
client.lmove('a', 'b', 'TOP', 'RIGHT');
// @ts-expect-error a side is missing
client.lmove('a', 'b', 'LEFT');
// @ts-expect-error RANK needs a number
client.lpos('key', 'element', 'RANK');
// @ts-expect-error a timeout is missing
client.blpop('a');
// @ts-expect-error a side is missing
client.lmpop(1, 'a');
// @ts-expect-error COUNT needs a number
client.lmpop(1, 'a', 'LEFT', 'COUNT');
// @ts-expect-error the number of keys is missing
client.lmpop('a', 'LEFT');
exactly<string>()(client.lcs('a', 'b'));
exactly<number>()(client.lcs('a', 'b', 'LEN'));
exactly<(string | number | (number[] | number)[][])[]>()(client.lcs('a', 'b', 'IDX', 'WITHMATCHLEN'));
exactly<(string | number | (number[] | number)[][])[]>()(client.lcs('a', 'b', 'MINMATCHLEN', 4, 'IDX'));
// @ts-expect-error there is no such option
client.lcs('a', 'b', 'LENGTH');

// Sets
exactly<number>()(client.sadd('key', 'a', 1, bytes));
exactly<number>()(client.sadd('key', texts));
exactly<number>()(client.sadd('key', ...texts));
exactly<number>()(client.srem('key', 'a'));
exactly<number>()(client.scard('key'));
exactly<string[]>()(client.smembers('key'));
exactly<Buffer[]>()(client.smembersBuffer('key'));
exactly<0 | 1>()(client.sismember('key', 'a'));
exactly<(0 | 1)[]>()(client.smismember('key', 'a', 'b'));
exactly<0 | 1>()(client.smove('a', 'b', 'member'));
exactly<string | null>()(client.spop('key'));
exactly<string[]>()(client.spop('key', 2));
exactly<string | null>()(client.srandmember('key'));
exactly<string[]>()(client.srandmember('key', -2));
exactly<Buffer[]>()(client.srandmemberBuffer('key', 2));
exactly<string[]>()(client.sinter('a', 'b'));
exactly<string[]>()(client.sunion(texts));
exactly<string[]>()(client.sdiff('a', ...texts));
exactly<number>()(client.sinterstore('target', 'a', 'b'));
exactly<number>()(client.sintercard(2, 'a', 'b'));
exactly<number>()(client.sintercard(2, 'a', 'b', 'LIMIT', 10));
exactly<number>()(client.sintercard(2, texts, 'LIMIT', 10));
exactly<[cursor: string, members: string[]]>()(client.sscan('key', text));
// @ts-expect-error a member is missing
client.sadd('key');
// @ts-expect-error a member is missing
client.smismember('key');
// @ts-expect-error a member has no meaning
client.sadd('key', null);
// @ts-expect-error a key is missing
client.sinter();
// @ts-expect-error a source is missing
client.sunionstore('target');
// @ts-expect-error LIMIT needs a number
client.sintercard(2, 'a', 'b', 'LIMIT');
// @ts-expect-error SSCAN knows no TYPE
client.sscan('key', 0, 'TYPE', 'x');
