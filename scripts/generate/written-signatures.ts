import type { Signature } from './signatures.ts';

const listed = '<L extends readonly AnyArgument[]>';
const script = (first: string): Signature => ({
  typeParameters: '',
  parameters: `${first}: Key, numkeys: Integer, ...keysAndArgs: AnyArgument[]`,
});
const streamsEnd = `{ end: ['STREAMS', key: Key, id: Value, ...more: Value[]] | ['STREAMS', keys: readonly Key[], ids: readonly Value[]] }`;
const clientTypes = "'NORMAL' | 'MASTER' | 'REPLICA' | 'PUBSUB'";
const clientFilter = `['ID' | 'NOT-ID', Many<Integer>] | ['TYPE' | 'NOT-TYPE', ${clientTypes} | 'PRIMARY' | 'SLAVE'] | ['SKIPME', 'YES' | 'NO'] | ['MAXAGE' | 'IDLE' | 'DB' | 'NOT-DB', Integer] | ['USER' | 'ADDR' | 'LADDR' | 'NAME' | 'FLAGS' | 'LIB-NAME' | 'LIB-VER' | 'CAPA' | 'IP' | 'NOT-USER' | 'NOT-ADDR' | 'NOT-LADDR' | 'NOT-NAME' | 'NOT-FLAGS' | 'NOT-LIB-NAME' | 'NOT-LIB-VER' | 'NOT-CAPA' | 'NOT-IP', Value]`;
const vector = (then: string) =>
  `['FP32', vector: Key${then}] | ['VALUES', count: Integer, values: readonly Double[]${then}]${[1, 2, 3, 4]
    .map(
      (n) =>
        ` | ['VALUES', count: Integer, ${Array.from({ length: n }, (_, i) => `value${i + 1}: Fraction`).join(', ')}${then}]`,
    )
    .join('')}`;

/** Where an argument list has two lists in a row, or a choice that changes all that follows, it is written out here. */
export const writtenSignatures: ReadonlyMap<string, readonly (Signature & { readonly reply?: string })[]> = new Map<
  string,
  readonly (Signature & { readonly reply?: string })[]
>([
  ['eval', [script('script')]],
  ['eval_ro', [script('script')]],
  ['evalsha', [script('sha1')]],
  ['evalsha_ro', [script('sha1')]],
  ['fcall', [script('functionName')]],
  ['fcall_ro', [script('functionName')]],
  [
    'auth',
    [{ typeParameters: '', parameters: '...credentials: [password: Value] | [username: Value, password: Value]' }],
  ],
  [
    'xread',
    [
      {
        typeParameters: listed,
        parameters: `...options: Options<L, { count: ['COUNT', Integer]; block: ['BLOCK', Integer] }, NoOptions, never, ${streamsEnd}>`,
      },
    ],
  ],
  [
    'xreadgroup',
    [
      {
        typeParameters: listed,
        parameters: `group: 'GROUP', groupName: Value, consumer: Value, ...options: Options<L, { count: ['COUNT', Integer]; block: ['BLOCK', Integer]; noack: ['NOACK'] }, NoOptions, never, ${streamsEnd}>`,
      },
    ],
  ],
  [
    'msetex',
    [
      {
        typeParameters: '<L extends readonly (AnyArgument | PairSource)[]>',
        parameters: `numkeys: Integer, ...pairsAndOptions: PairsThenOptions<L, Key, Value, { condition: ['NX' | 'XX']; expiration: ['EX' | 'PX' | 'EXAT' | 'PXAT', expiration: Integer] | ['KEEPTTL'] }>`,
      },
    ],
  ],
  [
    'hsetex',
    [
      {
        typeParameters: '<L extends readonly (AnyArgument | PairSource)[]>',
        parameters: `key: Key, ...options: Options<L, { keyCondition: ['NX' | 'XX']; fieldsCondition: ['FNX' | 'FXX']; expiration: ['EX' | 'PX' | 'EXAT' | 'PXAT', expiration: Integer] | ['KEEPTTL'] }, NoOptions, never, { end: ['FIELDS', numfields: Integer, field: Value, value: Value, ...more: Value[]] | ['FIELDS', numfields: Integer, pairs: PairSource] }>`,
      },
    ],
  ],
  [
    'shutdown',
    [
      { typeParameters: '', parameters: `abort: 'ABORT'` },
      {
        typeParameters: listed,
        parameters: `...options: Options<L, { save: ['NOSAVE' | 'SAVE']; now: ['NOW']; force: ['FORCE']; safe: ['SAFE']; failover: ['FAILOVER'] }>`,
      },
    ],
  ],
  [
    'migrate',
    [
      {
        typeParameters: listed,
        parameters: `host: Value, port: Integer, key: Key, destinationDb: Integer, timeout: Integer, ...options: Options<L, { copy: ['COPY']; replace: ['REPLACE']; auth: ['AUTH', password: Value] | ['AUTH2', username: Value, password: Value] }, NoOptions, never, { end: [] | ['KEYS', key: Many<Key>, ...more: Many<Key>[]] }>`,
      },
    ],
  ],
  [
    'client|kill',
    [
      { typeParameters: '', parameters: 'address: Value', reply: "'OK'" },
      { typeParameters: listed, parameters: `...filters: Repeated<L, ${clientFilter}>`, reply: 'number' },
    ],
  ],
  [
    'client|list',
    [{ typeParameters: listed, parameters: `...filters: Options<L, NoOptions, NoOptions, ${clientFilter}>` }],
  ],
  [
    'module|loadex',
    [
      {
        typeParameters: listed,
        parameters: `path: Value, ...options: Options<L, NoOptions, NoOptions, ['CONFIG', name: Value, value: Value], { end: [] | ['ARGS', ...args: Value[]] }>`,
      },
    ],
  ],
  [
    'cluster|migrateslots',
    [
      {
        typeParameters: listed,
        parameters: `...moves: Repeated<L, ['SLOTSRANGE', first: Integer, last: Integer, 'NODE', node: Value] | ['SLOTSRANGE', ranges: readonly Integer[], 'NODE', node: Value]>`,
      },
    ],
  ],
  [
    'vadd',
    [
      {
        typeParameters: listed,
        parameters: `key: Key, ...options: Options<L, { reduce: ['REDUCE', dimensions: Integer]; cas: ['CAS']; quantization: ['NOQUANT' | 'Q8' | 'BIN']; ef: ['EF', Integer]; attributes: ['SETATTR', Value]; links: ['M', Integer] }, { vector: ${vector(', element: Value')} }>`,
      },
    ],
  ],
  [
    'vsim',
    [
      {
        typeParameters: listed,
        parameters: `key: Key, ...options: Options<L, { scores: ['WITHSCORES']; attributes: ['WITHATTRIBS']; count: ['COUNT', Integer]; epsilon: ['EPSILON', Double]; ef: ['EF', Integer]; filter: ['FILTER', Value]; filterEf: ['FILTER-EF', Integer]; truth: ['TRUTH']; thread: ['NOTHREAD'] }, { like: ['ELE', element: Value] | ${vector('')} }>`,
      },
    ],
  ],
]);
