import { readFileSync } from 'node:fs';

/** One argument of a command's grammar, as COMMAND DOCS describes it. */
export interface ArgumentFact {
  readonly name: string;
  readonly type: 'key' | 'string' | 'integer' | 'double' | 'unix-time' | 'pattern' | 'pure-token' | 'oneof' | 'block';
  readonly token?: string;
  /** `given` is ours: an option that an overload is about, see `restrict`. */
  readonly flags?: readonly ('optional' | 'multiple' | 'multiple_token' | 'given')[];
  readonly since?: string;
  readonly key_spec_index?: number;
  readonly arguments?: readonly ArgumentFact[];
}

/** One key specification, as COMMAND INFO gives it. */
export interface KeySpecFact {
  readonly flags: readonly string[];
  readonly begin_search: {
    readonly type: string;
    readonly spec: { readonly index?: number; readonly keyword?: string; readonly startfrom?: number };
  };
  readonly find_keys: {
    readonly type: string;
    readonly spec: {
      readonly lastkey?: number;
      readonly keystep?: number;
      readonly limit?: number;
      readonly keynumidx?: number;
      readonly firstkey?: number;
    };
  };
}

/** The part of JSON Schema that the servers' reply schemas use. */
export interface ReplySchema {
  readonly type?: 'string' | 'integer' | 'number' | 'null' | 'array' | 'object';
  readonly const?: string | number;
  readonly enum?: readonly (string | number)[];
  readonly oneOf?: readonly ReplySchema[];
  readonly anyOf?: readonly ReplySchema[];
  readonly items?: ReplySchema | readonly ReplySchema[];
  readonly additionalItems?: ReplySchema;
  readonly properties?: Readonly<Record<string, ReplySchema>>;
  readonly patternProperties?: Readonly<Record<string, ReplySchema>>;
  readonly additionalProperties?: ReplySchema | boolean;
}

/** What the servers say of one command, or of one subcommand (`config|set`). */
export interface CommandFact {
  readonly name: string;
  readonly servers: readonly string[];
  readonly arity: number;
  readonly flags: readonly string[];
  readonly tips: readonly string[];
  readonly key_specs: readonly KeySpecFact[];
  readonly group: string;
  readonly since?: string;
  readonly deprecated_since?: string;
  readonly replaced_by?: string;
  readonly arguments?: readonly ArgumentFact[];
  readonly reply_schema?: ReplySchema;
}

export const factsFile = new URL('../../src/commands/facts/commands.json', import.meta.url);

/** Every vendored fact, in the order of the file (by name). */
export function loadFacts(): readonly CommandFact[] {
  const facts: readonly CommandFact[] = JSON.parse(readFileSync(factsFile, 'utf8'));
  return facts;
}

/** The name as it is written to a user: `CONFIG SET`. */
export function displayName(name: string): string {
  return name.toUpperCase().replace('|', ' ');
}
