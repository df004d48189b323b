import type { ArgumentFact, CommandFact, KeySpecFact } from './facts.ts';

/** What one server says of its commands: everything in a {@link CommandFact} but the list of servers and the reply schema. */
export type ServerFact = Omit<CommandFact, 'servers' | 'reply_schema'>;

/** Facts out of the replies to COMMAND and COMMAND DOCS, in the shape of RESP2. */
export function factsOfServer(commands: unknown, documentation: unknown): ServerFact[] {
  const documents = fieldsOf(documentation);
  return listOf(commands).flatMap((each) => factsOf(each, documents));
}

function factsOf(command: unknown, documents: ReadonlyMap<string, unknown>): ServerFact[] {
  const [name, arity, flags, firstKey, lastKey, step, acl, tips, keySpecs, subcommands] = listOf(command);
  const text = String(name).toLowerCase();
  const document = fieldsOf(documents.get(text.split('|').pop() ?? text) ?? documents.get(text));
  const documented = documentFacts(document);
  const fact = {
    name: text,
    arity: Number(arity),
    flags: textsOf(flags),
    first_key: Number(firstKey),
    last_key: Number(lastKey),
    key_step: Number(step),
    acl: textsOf(acl),
    tips: textsOf(tips),
    key_specs: listOf(keySpecs).map(keySpecFact),
    group: String(document.get('group') ?? 'module'),
    ...documented,
  };
  const inner = new Map<string, unknown>();
  for (const [key, value] of fieldsOf(document.get('subcommands'))) inner.set(key.split('|').pop() ?? key, value);
  return [fact, ...listOf(subcommands).flatMap((each) => factsOf(each, inner))];
}

function documentFacts(document: ReadonlyMap<string, unknown>): Partial<ServerFact> {
  const since = document.get('since');
  const deprecated = document.get('deprecated_since');
  const replacement = document.get('replaced_by');
  const grammar = document.get('arguments');
  return {
    ...(since === undefined ? {} : { since: String(since) }),
    ...(deprecated === undefined ? {} : { deprecated_since: String(deprecated) }),
    ...(replacement === undefined ? {} : { replaced_by: String(replacement) }),
    ...(grammar === undefined ? {} : { arguments: listOf(grammar).map(argumentFact) }),
  };
}

const argumentTypes = [
  'key',
  'string',
  'integer',
  'double',
  'unix-time',
  'pattern',
  'pure-token',
  'oneof',
  'block',
] as const;
const argumentFlags = ['optional', 'multiple', 'multiple_token'] as const;

function argumentFact(reply: unknown): ArgumentFact {
  const fields = fieldsOf(reply);
  const type = argumentTypes.find((each) => each === fields.get('type'));
  if (type === undefined) throw new Error(`an argument has a type that is new to us: ${String(fields.get('type'))}`);
  const token = fields.get('token');
  const flags = textsOf(fields.get('flags'));
  const since = fields.get('since');
  const keySpec = fields.get('key_spec_index');
  const inner = fields.get('arguments');
  return {
    name: String(fields.get('name')),
    type,
    ...(token === undefined ? {} : { token: String(token) }),
    ...(flags.length === 0 ? {} : { flags: argumentFlags.filter((each) => flags.includes(each)) }),
    ...(since === undefined ? {} : { since: String(since) }),
    ...(keySpec === undefined ? {} : { key_spec_index: Number(keySpec) }),
    ...(inner === undefined ? {} : { arguments: listOf(inner).map(argumentFact) }),
  };
}

function keySpecFact(reply: unknown): KeySpecFact {
  const fields = fieldsOf(reply);
  const part = (name: string): { type: string; spec: Record<string, string | number> } => {
    const inner = fieldsOf(fields.get(name));
    const spec = [...fieldsOf(inner.get('spec'))].map(([key, value]): [string, string | number] => [
      key,
      typeof value === 'number' ? value : String(value),
    ]);
    return { type: String(inner.get('type')), spec: Object.fromEntries(spec) };
  };
  return { flags: textsOf(fields.get('flags')), begin_search: part('begin_search'), find_keys: part('find_keys') };
}

function listOf(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : [];
}

function textsOf(reply: unknown): string[] {
  return listOf(reply).map(String);
}

/** A map as RESP2 gives it: names and values in turn. */
function fieldsOf(reply: unknown): ReadonlyMap<string, unknown> {
  const list = listOf(reply);
  return new Map(list.flatMap((name, i): [string, unknown][] => (i % 2 === 0 ? [[String(name), list[i + 1]]] : [])));
}
