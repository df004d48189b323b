import { bytes, client, exactly, mixed, text, texts } from './exactly.ts';

// Sorted sets
exactly<number>()(client.zadd('key', 1, 'a'));
exactly<number>()(client.zadd('key', 1, 'a', 2.5, 'b', '+inf', bytes));
exactly<number>()(client.zadd('key', 'NX', 1, 'a'));
exactly<number>()(client.zadd('key', 'CH', 'XX', 'GT', 1, 'a'));
exactly<number>()(client.zadd('key', 'GT', 'CH', text, 'a'));
exactly<number>()(client.zadd('key', ...mixed));
exactly<string | null>()(client.zadd('key', 'INCR', 1, 'a'));
exactly<string | null>()(client.zadd('key', 'XX', 'INCR', 1, 'a'));
exactly<string | null>()(client.zadd('key', 'INCR', 'XX', 1, 'a'));
exactly<Buffer | null>()(client.zaddBuffer('key', 'INCR', 1, 'a'));
// @ts-expect-error a score is missing
client.zadd('key');
// @ts-expect-error a member is missing
client.zadd('key', 1);
// @ts-expect-error a member is missing
client.zadd('key', 1, 'a', 2);
// @ts-expect-error a member is missing
client.zadd('key', 'NX', 1);
// @ts-expect-error a score has no meaning
client.zadd('key', null, 'a');
exactly<string>()(client.zincrby('key', 1.5, 'a'));
exactly<string | null>()(client.zscore('key', 'a'));
exactly<Buffer | null>()(client.zscoreBuffer('key', 'a'));
exactly<(string | null)[]>()(client.zmscore('key', 'a', 'b'));
exactly<number>()(client.zcard('key'));
exactly<number>()(client.zcount('key', '-inf', '(5'));
exactly<number>()(client.zlexcount('key', '[a', '+'));
exactly<number | null>()(client.zrank('key', 'a'));
exactly<[rank: number, score: string] | null>()(client.zrank('key', 'a', 'WITHSCORE'));
exactly<[rank: number, score: string] | null>()(client.zrevrank('key', 'a', 'WITHSCORE'));
exactly<number>()(client.zrem('key', 'a', ...texts));
exactly<number>()(client.zremrangebyscore('key', 0, '+inf'));
exactly<number>()(client.zremrangebyrank('key', 0, -1));
exactly<number>()(client.zremrangebylex('key', '-', '+'));
// @ts-expect-error WITHSCORES is ZRANGE's
client.zrank('key', 'a', 'WITHSCORES');
// @ts-expect-error a maximum is missing
client.zcount('key', 0);
// @ts-expect-error a member is missing
client.zmscore('key');
// @ts-expect-error ranks are numbers
client.zremrangebyrank('key', 'a', 'b');
exactly<string[]>()(client.zrange('key', 0, -1));
exactly<string[]>()(client.zrange('key', 0, -1, 'WITHSCORES'));
exactly<string[]>()(client.zrange('key', 0, -1, 'REV', 'WITHSCORES'));
exactly<string[]>()(client.zrange('key', '(1', '+inf', 'BYSCORE', 'LIMIT', 0, 10));
exactly<string[]>()(client.zrange('key', '+', '-', 'BYLEX', 'REV', 'LIMIT', 0, 10));
exactly<string[]>()(client.zrange('key', 10, 0, 'LIMIT', 0, 10, 'WITHSCORES', 'REV', 'BYSCORE'));
exactly<Buffer[]>()(client.zrangeBuffer('key', 0, -1));
exactly<number>()(client.zrangestore('target', 'source', 0, -1, 'REV'));
exactly<string[]>()(client.zrangebyscore('key', 0, '+inf', 'WITHSCORES', 'LIMIT', 0, 1));
exactly<string[]>()(client.zrangebyscore('key', 0, '+inf', 'LIMIT', 0, 1, 'WITHSCORES'));
exactly<string[]>()(client.zrangebylex('key', '-', '+', 'LIMIT', 0, 1));
exactly<string[]>()(client.zrevrange('key', 0, -1, 'WITHSCORES'));
// @ts-expect-error a stop is missing
client.zrange('key', 0);
// @ts-expect-error BYSCORE and BYLEX exclude each other
client.zrange('key', 0, 1, 'BYSCORE', 'BYLEX');
// @ts-expect-error LIMIT needs two numbers
client.zrange('key', 0, 1, 'BYSCORE', 'LIMIT', 0);
// @ts-expect-error there is no such option
client.zrange('key', 0, 1, 'WITHSCORE');
// @ts-expect-error ZRANGESTORE gives no scores
client.zrangestore('target', 'source', 0, -1, 'WITHSCORES');
// @ts-expect-error ZREVRANGE knows no LIMIT
client.zrevrange('key', 0, -1, 'LIMIT', 0, 1);
exactly<string[]>()(client.zpopmin('key'));
exactly<string[]>()(client.zpopmax('key', 2));
exactly<[key: string, member: string, score: string] | null>()(client.bzpopmin('a', 'b', 0));
exactly<[key: string, members: [member: string, score: string][]] | null>()(client.zmpop(1, 'a', 'MIN'));
exactly<[key: string, members: [member: string, score: string][]] | null>()(
  client.bzmpop(1, 1, 'a', 'MAX', 'COUNT', 2),
);
exactly<string | null>()(client.zrandmember('key'));
exactly<string[]>()(client.zrandmember('key', 2));
exactly<string[]>()(client.zrandmember('key', 2, 'WITHSCORES'));
exactly<[cursor: string, membersAndScores: string[]]>()(client.zscan('key', 0, 'COUNT', 10));
// @ts-expect-error a timeout is missing
client.bzpopmin('a');
// @ts-expect-error MIN or MAX
client.zmpop(1, 'a', 'LEFT');
// @ts-expect-error WITHSCORES needs a count
client.zrandmember('key', 'WITHSCORES');
exactly<string[]>()(client.zunion(2, 'a', 'b'));
exactly<string[]>()(client.zunion(2, 'a', 'b', 'WITHSCORES'));
exactly<string[]>()(client.zunion(2, 'a', 'b', 'WEIGHTS', 1, 2.5, 'AGGREGATE', 'MAX', 'WITHSCORES'));
exactly<string[]>()(client.zinter(2, ['a', 'b'], 'AGGREGATE', 'MIN', 'WEIGHTS', [1, 2]));
exactly<string[]>()(client.zinter(2, ...texts, 'AGGREGATE', 'MIN'));
exactly<string[]>()(client.zdiff(2, 'a', 'b', 'WITHSCORES'));
exactly<number>()(client.zunionstore('target', 2, 'a', 'b', 'WEIGHTS', 1, 2));
exactly<number>()(client.zdiffstore('target', 2, 'a', 'b'));
exactly<number>()(client.zintercard(2, 'a', 'b', 'LIMIT', 10));
// @ts-expect-error a key is missing
client.zunion(1);
// @ts-expect-error the number of keys is missing
client.zunion('a', 'b');
// @ts-expect-error there is no such way to aggregate
client.zunion(2, 'a', 'b', 'AGGREGATE', 'AVG');
// @ts-expect-error a weight is a number
client.zunion(2, 'a', 'b', 'WEIGHTS', 'heavy');
// @ts-expect-error ZUNIONSTORE gives no scores
client.zunionstore('target', 2, 'a', 'b', 'AGGREGATE', 'MAX', 'WITHSCORES');

// Places
type Details = [member: string, ...details: (string | number | [longitude: string, latitude: string])[]][];
exactly<number>()(client.geoadd('key', 13.4, 52.5, 'Berlin'));
exactly<number>()(client.geoadd('key', 'NX', 'CH', 13.4, 52.5, 'Berlin', '2.35', '48.85', 'Paris'));
exactly<string | null>()(client.geodist('key', 'a', 'b'));
exactly<string | null>()(client.geodist('key', 'a', 'b', 'KM'));
exactly<string | null>()(client.geodist('key', 'a', 'b', 'km'));
exactly<(string | null)[]>()(client.geohash('key', 'a', 'b'));
exactly<([longitude: string, latitude: string] | null)[]>()(client.geopos('key', 'a'));
// @ts-expect-error a member is missing
client.geoadd('key', 13.4, 52.5);
// @ts-expect-error a latitude is missing
client.geoadd('key', 13.4, 52.5, 'Berlin', 2.35);
// @ts-expect-error there is no such unit
client.geodist('key', 'a', 'b', 'miles');
exactly<string[]>()(client.geosearch('key', 'FROMMEMBER', 'a', 'BYRADIUS', 10, 'KM'));
exactly<string[]>()(client.geosearch('key', 'BYRADIUS', 10, 'km', 'FROMLONLAT', 1, 2, 'ASC'));
exactly<string[]>()(client.geosearch('key', 'FROMLONLAT', 1, 2, 'BYBOX', 3, 4, 'M', 'COUNT', 5, 'ANY', 'DESC'));
exactly<Details>()(client.geosearch('key', 'FROMMEMBER', 'a', 'BYRADIUS', 10, 'KM', 'WITHDIST'));
exactly<Details>()(client.geosearch('key', 'WITHCOORD', 'FROMMEMBER', 'a', 'WITHHASH', 'BYRADIUS', 10, 'KM', 'ASC'));
exactly<string[]>()(client.geosearch('key', 'BYPOLYGON', 3, 1, 1, 2, 2, 3, 1));
exactly<string[]>()(client.geosearch('key', 'BYPOLYGON', 3, [1, 1, 2, 2, 3, 1], 'ASC'));
exactly<number>()(client.geosearchstore('target', 'key', 'FROMMEMBER', 'a', 'BYRADIUS', 10, 'KM', 'STOREDIST'));
exactly<string[]>()(client.georadius('key', 1, 2, 3, 'KM', 'ASC', 'COUNT', 1));
exactly<Details>()(client.georadius('key', 1, 2, 3, 'KM', 'WITHDIST'));
exactly<number>()(client.georadius('key', 1, 2, 3, 'KM', 'STORE', 'target'));
exactly<number>()(client.georadiusbymember('key', 'a', 3, 'KM', 'ASC', 'STOREDIST', 'target'));
exactly<Details>()(client.georadius_ro('key', 1, 2, 3, 'KM', 'WITHCOORD', 'ASC'));
// @ts-expect-error where from is missing
client.geosearch('key', 'BYRADIUS', 10, 'KM');
// @ts-expect-error how far is missing
client.geosearch('key', 'FROMMEMBER', 'a');
// @ts-expect-error a unit is missing
client.geosearch('key', 'FROMMEMBER', 'a', 'BYRADIUS', 10);
// @ts-expect-error ANY needs a count
client.geosearch('key', 'FROMMEMBER', 'a', 'BYRADIUS', 10, 'KM', 'ANY');
// @ts-expect-error from two places
client.geosearch('key', 'FROMMEMBER', 'a', 'FROMLONLAT', 1, 2, 'BYRADIUS', 10, 'KM');
// @ts-expect-error GEORADIUS_RO stores nothing
client.georadius_ro('key', 1, 2, 3, 'KM', 'STORE', 'target');
// @ts-expect-error a unit is missing
client.georadius('key', 1, 2, 3);

// Vector sets
exactly<0 | 1>()(client.vadd('key', 'VALUES', 3, [1, 2, 3], 'element'));
exactly<0 | 1>()(client.vadd('key', 'VALUES', 2, 0.5, 1, 'element', 'Q8', 'EF', 100));
exactly<0 | 1>()(client.vadd('key', 'REDUCE', 10, 'FP32', bytes, 'element', 'CAS', 'SETATTR', '{}'));
exactly<0 | 1>()(client.vadd('key', 'VALUES', 300, ...mixed, 'element'));
exactly<(string | null)[]>()(client.vsim('key', 'ELE', 'element', 'WITHSCORES', 'COUNT', 5));
exactly<number>()(client.vcard('key'));
exactly<0 | 1>()(client.vismember('key', 'element'));
exactly<string[] | null>()(client.vemb('key', 'element'));
// @ts-expect-error an element is missing
client.vadd('key', 'VALUES', 2, [1, 2]);
// @ts-expect-error what to be similar to is missing
client.vsim('key', 'WITHSCORES');
