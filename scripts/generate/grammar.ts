import type { ArgumentFact, CommandFact } from './facts.ts';

type Grammar = readonly ArgumentFact[];

const leaf = (name: string, type: ArgumentFact['type'] = 'string', flags?: ArgumentFact['flags']): ArgumentFact =>
  flags === undefined ? { name, type } : { name, type, flags };
const token = (text: string, flags?: ArgumentFact['flags']): ArgumentFact =>
  flags === undefined
    ? { name: text.toLowerCase(), type: 'pure-token', token: text }
    : { name: text.toLowerCase(), type: 'pure-token', token: text, flags };
const key: ArgumentFact = leaf('key', 'key');
const optional = ['optional'] as const;
const option = (text: string, argument: ArgumentFact): ArgumentFact => ({ ...argument, token: text, flags: optional });
const oneOf = (name: string, choices: Grammar, flags: ArgumentFact['flags'] = []): ArgumentFact => ({
  name,
  type: 'oneof',
  flags,
  arguments: choices,
});
const vector: Grammar = [
  oneOf('vector', [
    { ...leaf('vector'), token: 'FP32' },
    {
      name: 'values',
      type: 'block',
      token: 'VALUES',
      arguments: [leaf('num', 'integer'), leaf('value', 'double', ['multiple'])],
    },
  ]),
];

/** Grammars of commands of which no server gives one. The vector set's come from its documentation. */
const written: ReadonlyMap<string, Grammar> = new Map<string, Grammar>([
  ['debug', [leaf('subcommand'), leaf('arg', 'string', ['optional', 'multiple'])]],
  ['replconf', [leaf('arg', 'string', ['optional', 'multiple'])]],
  [
    'vadd',
    [
      key,
      option('REDUCE', leaf('dim', 'integer')),
      ...vector,
      leaf('element'),
      token('CAS', optional),
      oneOf('quantization', [token('NOQUANT'), token('Q8'), token('BIN')], optional),
      option('EF', leaf('build-exploration-factor', 'integer')),
      option('SETATTR', leaf('attributes')),
      option('M', leaf('numlinks', 'integer')),
    ],
  ],
  [
    'vsim',
    [
      key,
      oneOf('like', [{ ...leaf('element'), token: 'ELE' }, ...vector]),
      token('WITHSCORES', optional),
      token('WITHATTRIBS', optional),
      option('COUNT', leaf('num', 'integer')),
      option('EPSILON', leaf('delta', 'double')),
      option('EF', leaf('search-exploration-factor', 'integer')),
      option('FILTER', leaf('expression')),
      option('FILTER-EF', leaf('max-filtering-effort', 'integer')),
      token('TRUTH', optional),
      token('NOTHREAD', optional),
    ],
  ],
  ['vcard', [key]],
  ['vdim', [key]],
  ['vemb', [key, leaf('element'), token('RAW', optional)]],
  ['vgetattr', [key, leaf('element')]],
  ['vinfo', [key]],
  ['vismember', [key, leaf('element')]],
  ['vlinks', [key, leaf('element'), token('WITHSCORES', optional)]],
  ['vrandmember', [key, leaf('count', 'integer', optional)]],
  ['vrem', [key, leaf('element')]],
  ['vsetattr', [key, leaf('element'), leaf('attributes')]],
]);

/** Where the servers' grammar says less or other than what they accept: the name of an argument and what is right. */
const corrections: ReadonlyMap<string, readonly (readonly [name: string, change: Partial<ArgumentFact>])[]> = new Map([
  // Scores may have fractions.
  ['zincrby', [['increment', { type: 'double' }]]],
  ['zinter', [['weight', { type: 'double' }]]],
  ['zinterstore', [['weight', { type: 'double' }]]],
  ['zunion', [['weight', { type: 'double' }]]],
  ['zunionstore', [['weight', { type: 'double' }]]],
  // `#2` is the third field of the encoding's width.
  ['bitfield', [['offset', { type: 'string' }]]],
  ['bitfield_ro', [['offset', { type: 'string' }]]],
  // One of FROMMEMBER and FROMLONLAT must be given, except with BYPOLYGON.
  ['geosearch', [['from', { flags: [] }]]],
  ['geosearchstore', [['from', { flags: [] }]]],
]);

/** The argument grammar of a command as the generator uses it. */
export function grammarOf(fact: CommandFact): Grammar {
  let grammar = written.get(fact.name) ?? fact.arguments ?? [];
  for (const [name, change] of corrections.get(fact.name) ?? []) grammar = correct(grammar, name, change);
  return grammar;
}

function correct(grammar: Grammar, name: string, change: Partial<ArgumentFact>): Grammar {
  return grammar.map((argument) => {
    if (argument.name === name) return { ...argument, ...change };
    return argument.arguments === undefined
      ? argument
      : { ...argument, arguments: correct(argument.arguments, name, change) };
  });
}

export function isOptional(argument: ArgumentFact): boolean {
  return argument.flags?.includes('optional') ?? false;
}

export function isMultiple(argument: ArgumentFact): boolean {
  return argument.flags?.includes('multiple') ?? false;
}

export function repeatsToken(argument: ArgumentFact): boolean {
  return argument.flags?.includes('multiple_token') ?? false;
}

/**
 * The part of a grammar in which certain options are given, or are not. Options are named by their token (`GET`) or, without
 * a token, by the argument's name (`count`).
 */
export function restrict(grammar: Grammar, given: readonly string[], left: readonly string[]): Grammar {
  return grammar.flatMap((argument) => restrictArgument(argument, given, left));
}

function restrictArgument(argument: ArgumentFact, given: readonly string[], left: readonly string[]): ArgumentFact[] {
  const isNamed = (names: readonly string[]) => names.includes(argument.token ?? argument.name);
  if (isNamed(left)) return [];
  const required = { ...argument, flags: (argument.flags ?? []).map((flag) => (flag === 'optional' ? 'given' : flag)) };
  if (isNamed(given)) return [required];
  const inner = argument.arguments;
  if (inner === undefined) return [argument];
  const holds = (candidate: ArgumentFact): boolean =>
    given.includes(candidate.token ?? candidate.name) || (candidate.arguments?.some(holds) ?? false);
  if (argument.type === 'oneof') {
    const kept = inner.some(holds) ? inner.filter(holds) : inner;
    const restricted = restrict(kept, given, left);
    if (restricted.length === 0) return [];
    return [{ ...(inner.some(holds) ? required : argument), arguments: restricted }];
  }
  // Without an argument that it must have, a block as a whole is left out.
  if (inner.some((each) => left.includes(each.token ?? each.name) && !isOptional(each))) return [];
  return [{ ...(inner.some(holds) ? required : argument), arguments: restrict(inner, given, left) }];
}

/** The grammar as documentation writes it: `key [NX | XX] [EX seconds | KEEPTTL]`. */
export function grammarText(grammar: Grammar): string {
  return grammar.map(argumentText).join(' ');
}

function argumentText(argument: ArgumentFact): string {
  let text = innerText(argument);
  const words =
    argument.token === undefined || argument.type === 'pure-token' ? text : `${quoteToken(argument.token)} ${text}`;
  const repeats = isMultiple(argument);
  if (argument.type === 'oneof' && !isOptional(argument) && words === text) text = `<${text}>`;
  else text = words;
  if (repeats && repeatsToken(argument)) text = `${text} [${text} …]`;
  else if (repeats) text = `${text} [${innerText(argument)} …]`;
  return isOptional(argument) ? `[${text}]` : text;
}

function innerText(argument: ArgumentFact): string {
  if (argument.type === 'pure-token') return quoteToken(argument.token ?? argument.name);
  if (argument.type === 'oneof') return (argument.arguments ?? []).map(argumentText).join(' | ');
  if (argument.type === 'block') return grammarText(argument.arguments ?? []);
  return argument.name;
}

function quoteToken(text: string): string {
  return text === '' ? '""' : text;
}
