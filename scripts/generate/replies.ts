import type { CommandFact, ReplySchema } from './facts.ts';

/** The reply of a command when certain options are given or left out; see `restrict` for how options are named. */
export interface ReplyVariant {
  readonly given?: readonly string[];
  readonly left?: readonly string[];
  /** A TypeScript type; `Bulk` stands for a string, or a Buffer in the Buffer variant of the method. */
  readonly reply: string;
}

const details = '[member: Bulk, ...details: (Bulk | number | [longitude: Bulk, latitude: Bulk])[]][]';
const entry = '[id: Bulk, fields: Bulk[]]';
const streams = `[key: Bulk, entries: ${entry}[]][] | null`;
const slowEntry = '[id: number, time: number, durationOrSize: number, args: Bulk[], address: Bulk, clientName: Bulk][]';
const commandFacts =
  '[name: Bulk, arity: number, flags: Bulk[], firstKey: number, lastKey: number, step: number, aclCategories: Bulk[], tips: Bulk[], keySpecs: unknown[], subcommands: unknown[]]';
const withStore = (plain: string, detailed: string): readonly ReplyVariant[] => {
  const showing = ['WITHCOORD', 'WITHDIST', 'WITHHASH'];
  return [
    { left: ['STORE', 'STOREDIST', ...showing], reply: plain },
    { given: ['STORE'], left: showing, reply: 'number' },
    { given: ['STOREDIST'], left: showing, reply: 'number' },
    { left: ['STORE', 'STOREDIST'], reply: detailed },
  ];
};
const withDetails: readonly ReplyVariant[] = [
  { left: ['WITHCOORD', 'WITHDIST', 'WITHHASH'], reply: 'Bulk[]' },
  { reply: details },
];
/** A polygon needs no centre. */
const searched: readonly ReplyVariant[] = [
  { left: ['WITHCOORD', 'WITHDIST', 'WITHHASH', 'BYPOLYGON'], reply: 'Bulk[]' },
  { left: ['BYPOLYGON'], reply: details },
  { given: ['BYPOLYGON'], left: ['WITHCOORD', 'WITHDIST', 'WITHHASH', 'FROMMEMBER', 'FROMLONLAT'], reply: 'Bulk[]' },
  { given: ['BYPOLYGON'], left: ['FROMMEMBER', 'FROMLONLAT'], reply: details },
];
const oneOrMany: readonly ReplyVariant[] = [
  { left: ['count'], reply: 'Bulk | null' },
  { given: ['count'], reply: 'Bulk[]' },
];
const poppedList: readonly ReplyVariant[] = [
  { left: ['count'], reply: 'Bulk | null' },
  { given: ['count'], reply: 'Bulk[] | null' },
];
const ranked: readonly ReplyVariant[] = [
  { left: ['WITHSCORE'], reply: 'number | null' },
  { given: ['WITHSCORE'], reply: '[rank: number, score: Bulk] | null' },
];

/**
 * Replies that the schemas do not give, or give in the shape of RESP3 only: with maps and pairs nested, where RESP2 has flat
 * arrays, and doubles as numbers, where RESP2 has text. Each was checked against a server's own answer.
 */
const written: ReadonlyMap<string, string | readonly ReplyVariant[]> = new Map<
  string,
  string | readonly ReplyVariant[]
>([
  // Stored 64-bit integers: beyond 2^53 they come as bigint.
  ['incr', 'number | bigint'],
  ['incrby', 'number | bigint'],
  ['decr', 'number | bigint'],
  ['decrby', 'number | bigint'],
  ['hincrby', 'number | bigint'],
  ['bitfield', '(number | bigint | null)[]'],
  ['bitfield_ro', '(number | bigint)[]'],
  // Whatever the script returns.
  ['eval', 'unknown'],
  ['eval_ro', 'unknown'],
  ['evalsha', 'unknown'],
  ['evalsha_ro', 'unknown'],
  ['fcall', 'unknown'],
  ['fcall_ro', 'unknown'],
  // An option decides.
  [
    'set',
    [
      { left: ['GET'], reply: "'OK' | null" },
      { given: ['GET'], reply: 'Bulk | null' },
    ],
  ],
  ['lpop', poppedList],
  ['rpop', poppedList],
  ['spop', oneOrMany],
  ['srandmember', oneOrMany],
  ['vrandmember', oneOrMany],
  ['hrandfield', oneOrMany],
  ['zrandmember', oneOrMany],
  ['zrank', ranked],
  ['zrevrank', ranked],
  [
    'zadd',
    [
      // What begins like a score may be INCR, so that comes first; likewise below.
      { given: ['INCR'], reply: 'Bulk | null' },
      { left: ['INCR'], reply: 'number' },
    ],
  ],
  [
    'lpos',
    [
      { left: ['COUNT'], reply: 'number | null' },
      { given: ['COUNT'], reply: 'number[]' },
    ],
  ],
  [
    'lcs',
    [
      { left: ['LEN', 'IDX', 'MINMATCHLEN', 'WITHMATCHLEN'], reply: 'Bulk' },
      { given: ['LEN'], left: ['IDX', 'MINMATCHLEN', 'WITHMATCHLEN'], reply: 'number' },
      { given: ['IDX'], left: ['LEN'], reply: '(Bulk | number | (number[] | number)[][])[]' },
    ],
  ],
  [
    'ping',
    [
      { left: ['message'], reply: "'PONG'" },
      { given: ['message'], reply: 'Bulk' },
    ],
  ],
  [
    'acl|log',
    [
      { left: ['RESET'], reply: '(Bulk | number)[][]' },
      { given: ['RESET'], reply: "'OK'" },
    ],
  ],
  [
    'sort',
    [
      { left: ['STORE'], reply: '(Bulk | null)[]' },
      { given: ['STORE'], reply: 'number' },
    ],
  ],
  ['georadius', withStore('Bulk[]', details)],
  ['georadiusbymember', withStore('Bulk[]', details)],
  ['georadius_ro', withDetails],
  ['georadiusbymember_ro', withDetails],
  ['geosearch', searched],
  [
    'geosearchstore',
    [
      { left: ['BYPOLYGON'], reply: 'number' },
      { given: ['BYPOLYGON'], left: ['FROMMEMBER', 'FROMLONLAT'], reply: 'number' },
    ],
  ],
  [
    'xautoclaim',
    [
      { left: ['JUSTID'], reply: `[next: Bulk, entries: (${entry} | null)[], deleted: Bulk[]]` },
      { given: ['JUSTID'], reply: '[next: Bulk, ids: Bulk[], deleted: Bulk[]]' },
    ],
  ],
  [
    'xclaim',
    [
      { given: ['JUSTID'], reply: 'Bulk[]' },
      { left: ['JUSTID'], reply: `(${entry} | null)[]` },
    ],
  ],
  [
    'xpending',
    [
      {
        left: ['filters'],
        reply:
          '[count: number, smallest: Bulk | null, greatest: Bulk | null, consumers: [name: Bulk, count: Bulk][] | null]',
      },
      { given: ['filters'], reply: '[id: Bulk, consumer: Bulk, idleMs: number, deliveries: number][]' },
    ],
  ],
  [
    'vemb',
    [
      { left: ['RAW'], reply: 'Bulk[] | null' },
      { given: ['RAW'], reply: '[quantization: Bulk, vector: Bulk, norm: Bulk, range?: Bulk] | null' },
    ],
  ],
  [
    'xadd',
    [
      { given: ['NOMKSTREAM'], reply: 'Bulk | null' },
      { left: ['NOMKSTREAM'], reply: 'Bulk' },
    ],
  ],
  // Pairs are flat in RESP2.
  ['hgetall', 'Record<string, Bulk>'],
  ['bzpopmax', '[key: Bulk, member: Bulk, score: Bulk] | null'],
  ['bzpopmin', '[key: Bulk, member: Bulk, score: Bulk] | null'],
  ['zpopmax', 'Bulk[]'],
  ['zpopmin', 'Bulk[]'],
  ['zdiff', 'Bulk[]'],
  ['zinter', 'Bulk[]'],
  ['zunion', 'Bulk[]'],
  ['zrange', 'Bulk[]'],
  ['zrangebyscore', 'Bulk[]'],
  ['zrevrange', 'Bulk[]'],
  ['zrevrangebyscore', 'Bulk[]'],
  ['xread', streams],
  // An entry that was deleted while it was pending comes with null for its fields.
  ['xreadgroup', '[key: Bulk, entries: [id: Bulk, fields: Bulk[] | null][]][] | null'],
  ['xrange', `${entry}[]`],
  ['xrevrange', `${entry}[]`],
  ['geopos', '([longitude: Bulk, latitude: Bulk] | null)[]'],
  ['scan', '[cursor: Bulk, keys: Bulk[]]'],
  ['hscan', '[cursor: Bulk, fieldsAndValues: Bulk[]]'],
  ['sscan', '[cursor: Bulk, members: Bulk[]]'],
  ['zscan', '[cursor: Bulk, membersAndScores: Bulk[]]'],
  ['clusterscan', '[cursor: Bulk, keys: Bulk[]]'],
  ['blpop', '[key: Bulk, element: Bulk] | null'],
  ['brpop', '[key: Bulk, element: Bulk] | null'],
  ['lmpop', '[key: Bulk, elements: Bulk[]] | null'],
  ['blmpop', '[key: Bulk, elements: Bulk[]] | null'],
  ['zmpop', '[key: Bulk, members: [member: Bulk, score: Bulk][]] | null'],
  ['bzmpop', '[key: Bulk, members: [member: Bulk, score: Bulk][]] | null'],
  ['time', '[seconds: Bulk, microseconds: Bulk]'],
  ['waitaof', '[local: number, replicas: number]'],
  // The schemas leave a case out.
  ['lmove', 'Bulk | null'],
  ['geohash', '(Bulk | null)[]'],
  ['object|freq', 'number | null'],
  ['object|idletime', 'number | null'],
  ['object|refcount', 'number | null'],
  // Status replies, which need no Buffer variant.
  ['type', 'string'],
  ['bgrewriteaof', 'string'],
  ['bgsave', 'string'],
  ['replicaof', 'string'],
  ['slaveof', 'string'],
  ['cluster|bumpepoch', 'string'],
  // No schema.
  ['client|import-source', "'OK'"],
  ['cluster|cancelslotmigrations', "'OK'"],
  ['cluster|flushslot', "'OK'"],
  ['cluster|migrateslots', "'OK'"],
  ['cluster|getslotmigrations', '(Bulk | number)[][]'],
  ['cluster|syncslots', 'unknown'],
  ['command', `${commandFacts}[]`],
  ['command|info', `(${commandFacts} | null)[]`],
  ['command|docs', '(Bulk | unknown[])[]'],
  ['commandlog|get', slowEntry],
  ['commandlog|help', 'string[]'],
  ['commandlog|len', 'number'],
  ['commandlog|reset', "'OK'"],
  ['slowlog|get', slowEntry],
  ['debug', 'unknown'],
  ['pfdebug', 'unknown'],
  ['replconf', 'unknown'],
  ['delifeq', '0 | 1'],
  ['hgetdel', '(Bulk | null)[]'],
  ['hgetex', '(Bulk | null)[]'],
  ['hsetex', '0 | 1'],
  ['msetex', '0 | 1'],
  ['vadd', '0 | 1'],
  ['vcard', 'number'],
  ['vdim', 'number'],
  ['vgetattr', 'Bulk | null'],
  ['vinfo', '(Bulk | number)[] | null'],
  ['vismember', '0 | 1'],
  ['vlinks', 'Bulk[][] | null'],
  ['vrem', '0 | 1'],
  ['vsetattr', '0 | 1'],
  ['vsim', '(Bulk | null)[]'],
  // Nested maps, which nobody would spell out as tuples.
  ['acl|getuser', '(Bulk | Bulk[] | Bulk[][])[] | null'],
  [
    'cluster|slots',
    '[first: number, last: number, ...nodes: [host: Bulk | null, port: number, id: Bulk, metadata: Bulk[]][]][]',
  ],
  [
    'cluster|shards',
    '[slotsName: Bulk, slots: number[], nodesName: Bulk, nodes: (Bulk | number)[][], ...more: unknown[]][]',
  ],
  ['cluster|links', '(Bulk | number)[][]'],
  ['cluster|slot-stats', '[slot: number, statistics: (Bulk | number)[]][]'],
  ['client|trackinginfo', '(Bulk | number | Bulk[])[]'],
  ['config|get', 'Bulk[]'],
  [
    'function|list',
    '[libraryName: Bulk, library: Bulk, engineName: Bulk, engine: Bulk, functionsName: Bulk, functions: (Bulk | Bulk[] | null)[][], ...code: Bulk[]][]',
  ],
  [
    'function|stats',
    '[runningName: Bulk, running: (Bulk | number | Bulk[])[] | null, enginesName: Bulk, engines: (Bulk | (Bulk | number)[])[]]',
  ],
  ['hello', '(Bulk | number | unknown[])[]'],
  ['latency|histogram', '(Bulk | (Bulk | number | number[])[])[]'],
  ['latency|history', '[time: number, milliseconds: number][]'],
  ['latency|latest', '[event: Bulk, time: number, latestMs: number, highestMs: number, ...more: number[]][]'],
  ['memory|stats', '(Bulk | number | (Bulk | number)[])[]'],
  ['module|list', '(Bulk | number | Bulk[])[][]'],
  ['pubsub|numsub', '(Bulk | number)[]'],
  ['pubsub|shardnumsub', '(Bulk | number)[]'],
  [
    'role',
    "['master', offset: number, replicas: [host: string, port: string, offset: string][]] | ['slave', host: string, port: number, state: string, offset: number]",
  ],
  ['xinfo|consumers', '(Bulk | number)[][]'],
  ['xinfo|groups', '(Bulk | number | null)[][]'],
  [
    'xinfo|stream',
    [
      { left: ['FULL'], reply: `(Bulk | number | ${entry} | null)[]` },
      { given: ['FULL'], reply: `(Bulk | number | ${entry}[] | (Bulk | number | null | unknown[])[][])[]` },
    ],
  ],
]);

/** What the command replies, by options where they decide. */
export function repliesOf(fact: CommandFact): readonly ReplyVariant[] {
  const ours = written.get(fact.name);
  if (typeof ours === 'string') return [{ reply: ours }];
  if (ours !== undefined) return ours;
  if (fact.name.endsWith('|help')) return [{ reply: 'string[]' }];
  if (fact.reply_schema === undefined) throw new Error(`no reply is known: ${fact.name}`);
  return [{ reply: schemaType(fact.reply_schema) }];
}

/** The reply's type in the method itself and in its Buffer variant; undefined if it holds no strings. */
export function withStrings(reply: string): string {
  return reply.replaceAll('Bulk', 'string');
}

export function withBuffers(reply: string): string | undefined {
  if (reply !== 'unknown' && !/Bulk|unknown/.test(reply)) return undefined;
  return reply.replace(/'[A-Z]+'/g, 'Buffer').replaceAll('Bulk', 'Buffer');
}

/** A reply schema as a TypeScript type in the shape of RESP2: maps are flat arrays and doubles are text. */
function schemaType(schema: ReplySchema): string {
  const options = schema.oneOf ?? schema.anyOf;
  if (options !== undefined) return union(options.map(schemaType));
  if (schema.const !== undefined) return typeof schema.const === 'string' ? `'${schema.const}'` : String(schema.const);
  if (schema.enum !== undefined)
    return union(schema.enum.map((each) => (typeof each === 'string' ? 'Bulk' : String(each))));
  switch (schema.type) {
    case 'integer':
      return 'number';
    case 'number':
    case 'string':
      return 'Bulk';
    case 'null':
      return 'null';
    case 'array':
      return arrayType(schema);
    case 'object':
      return 'unknown[]';
    default:
      return 'unknown';
  }
}

function arrayType(schema: ReplySchema): string {
  const { items } = schema;
  if (items === undefined) return 'unknown[]';
  if (isList(items)) {
    const rest = schema.additionalItems === undefined ? [] : [`...${elementType(schema.additionalItems)}[]`];
    return `[${[...items.map(schemaType), ...rest].join(', ')}]`;
  }
  return `${elementType(items)}[]`;
}

function elementType(schema: ReplySchema): string {
  const type = schemaType(schema);
  return type.includes(' | ') && !type.startsWith('[') ? `(${type})` : type;
}

function isList(items: ReplySchema | readonly ReplySchema[]): items is readonly ReplySchema[] {
  return Array.isArray(items);
}

/** A union without what its other members say already: with `number` in it, `-1` adds nothing. */
function union(types: readonly string[]): string {
  const parts = new Set(types.flatMap((type) => (type.includes('[') ? [type] : type.split(' | '))));
  for (const part of parts) {
    if (/^-?\d+$/.test(part) && parts.has('number')) parts.delete(part);
    if (part.startsWith("'") && parts.has('Bulk')) parts.delete(part);
  }
  // 0 before 1, and null at the end.
  const rank = (part: string) => (part === 'null' ? 1000 : /^-?\d+$/.test(part) ? Number(part) : 0);
  return [...parts].sort((a, b) => rank(a) - rank(b)).join(' | ');
}
