/** A key, or another name that the server stores: text or bytes. */
export type Key = string | Uint8Array;
/** What is stored: text, bytes or a number, which goes as its exact decimal text. */
export type Value = string | Uint8Array | number | bigint;
/** A whole number; its text only as a literal, so that a word where a number belongs does not compile. */
export type Integer = number | bigint | `${bigint}`;
/** A number that may have a fraction or be infinite. Scores come back as text and may be given so: `'1.5'`, `'(1'`, `'-inf'`. */
export type Double = number | bigint | string;
/** Like {@link Double}, where a word may follow, so that text must be a number's. */
export type Fraction = number | bigint | `${number}`;
/** What a SCAN command gave, or 0 to begin. */
export type Cursor = string | number | bigint;
/** Metres, kilometres, feet or miles. */
export type Unit = 'M' | 'KM' | 'FT' | 'MI' | 'm' | 'km' | 'ft' | 'mi';
/** One, or an array of them: arrays are flattened. */
export type Many<T> = T | readonly T[];
/** Names with their values, as an object, a Map, or a flat or nested array. */
export type PairSource =
  | Readonly<Record<string, Value>>
  | ReadonlyMap<Value, Value>
  | readonly (Value | readonly Value[])[];

type List = readonly unknown[];

/** What a list of arguments may consist of at all; only lists of unknown length are held to this alone. */
export type AnyArgument = Many<Value>;

/** `L`, but at least what `Expected` says if `L` is empty. A spread array, of whose length nothing is known, is accepted. */
export type AtLeastOne<L extends List, Expected extends List> = L extends readonly [] ? Expected : L;

/** `Exact` for arguments written out; arguments that include a spread array cannot be checked further and are accepted. */
export type Flexible<L extends List, Exact extends List> = number extends L['length'] ? L : Exact;

/**
 * `Checked`, but arguments that include a spread array are accepted only if `Token` is written out beside it: else they belong to
 * the overload without the token.
 */
export type Given<L extends List, Token, Checked extends List> = number extends L['length']
  ? HasToken<L, Token> extends true
    ? L
    : never[]
  : Checked;

type HasToken<L extends List, Token> = L extends readonly [infer First, ...infer Rest]
  ? First extends Token
    ? true
    : HasToken<Rest, Token>
  : L extends readonly [...infer Rest, infer Last]
    ? Last extends Token
      ? true
      : HasToken<Rest, Token>
    : false;

/** One form or more of the forms, one after the other: `[field, value]` makes pairs. */
export type Repeated<L extends List, Forms extends List> = number extends L['length'] ? L : Repeat<L, Forms, []>;

type Repeat<L extends List, Forms extends List, Done extends List> = L extends readonly []
  ? Done extends readonly []
    ? Forms
    : Done
  : Take<L, Forms> extends infer Taken
    ? [Taken] extends [never]
      ? [...Done, ...Forms]
      : Taken extends readonly [infer Form extends List, infer Rest extends List]
        ? Repeat<Rest, Forms, [...Done, ...Form]>
        : never
    : never;

/** Each way to begin `L` with one of the forms: `[the form, what is left of L]`. */
type Take<L extends List, Forms extends List> = Forms extends List
  ? L extends readonly [...Forms, ...infer Rest]
    ? [Forms, Rest]
    : never
  : never;

/** A token and a list behind it, where more may follow: up to six written out, more as an array. */
export type Listed<Token, T> =
  | [Token, T]
  | [Token, T, T]
  | [Token, T, T, T]
  | [Token, T, T, T, T]
  | [Token, T, T, T, T, T]
  | [Token, T, T, T, T, T, T]
  | [Token, readonly T[]];

/** Names with values: one source of pairs, or written out. */
export type Pairs<L extends List, Name, Content> = L extends readonly [PairSource]
  ? [pairs: PairSource]
  : Repeated<L, [name: Name, value: Content]>;

/** Options by a name of their own; each is a union of the forms it can have. */
type OptionMap = Readonly<Record<string, List>>;
// biome-ignore lint/complexity/noBannedTypes: the empty set of options, which has no keys.
export type NoOptions = {};

/** What stands behind all options: blocks, once or more, or one list. */
type Ending = { readonly repeat: List } | { readonly end: List };

/**
 * Options in any order, each at most once: those of `Optional` may be left out, those of `Required` may not, and those of
 * `Repeatable` may stand any number of times; then comes what `Tail` says. The type follows the arguments as they are written,
 * and where they leave the grammar it asks for what could stand there.
 */
export type Options<
  L extends List,
  Optional extends OptionMap,
  Required extends OptionMap = NoOptions,
  Repeatable extends List = never,
  Tail extends Ending = never,
> = number extends L['length'] ? L : Follow<L, Optional, Required, Repeatable, Tail, []>;

/** One element or more of type `Element`, up to the first token of an option, and then {@link Options}. */
export type ManyThenOptions<
  L extends List,
  Element,
  Optional extends OptionMap,
  Required extends OptionMap = NoOptions,
> = number extends L['length'] ? L : SkipElements<L, Element, Optional, Required, []>;

/** Names with values, as one source or written out, up to the first token of an option, and then {@link Options}. */
export type PairsThenOptions<L extends List, Name, Content, Optional extends OptionMap> = number extends L['length']
  ? L
  : SkipPairs<L, Name, Content, Optional, []>;

type SkipPairs<L extends List, Name, Content, Optional extends OptionMap, Done extends List> = Done extends readonly []
  ? L extends readonly [PairSource, ...infer Rest]
    ? Follow<Rest, Optional, NoOptions, never, never, [PairSource]>
    : L extends readonly [Name, Content, ...infer Rest]
      ? SkipPairs<Rest, Name, Content, Optional, [Name, Content]>
      : [Name, Content]
  : L extends readonly [infer Head, ...List]
    ? Head extends FirstToken<Optional>
      ? Follow<L, Optional, NoOptions, never, never, Done>
      : L extends readonly [Name, Content, ...infer Rest]
        ? SkipPairs<Rest, Name, Content, Optional, [...Done, Name, Content]>
        : [...Done, Name, Content]
    : Done;

type SkipElements<
  L extends List,
  Element,
  Optional extends OptionMap,
  Required extends OptionMap,
  Done extends List,
> = L extends readonly [infer Head, ...infer Rest]
  ? [Done, Head] extends [readonly [unknown, ...List], FirstToken<Optional> | FirstToken<Required>]
    ? Follow<L, Optional, Required, never, never, Done>
    : Head extends Element
      ? SkipElements<Rest, Element, Optional, Required, [...Done, Head]>
      : [...Done, Element]
  : Done extends readonly []
    ? [Element]
    : Follow<[], Optional, Required, never, never, Done>;

type FirstToken<Choice extends OptionMap> = Choice[keyof Choice][0];

type Follow<
  L extends List,
  Optional extends OptionMap,
  Required extends OptionMap,
  Repeatable extends List,
  Tail extends Ending,
  Done extends List,
> = L extends readonly []
  ? [keyof Required] extends [never]
    ? [...Done, ...End<L, Tail>]
    : [...Done, ...Required[keyof Required]]
  : TakeOption<L, Optional> | TakeOption<L, Required> | TakeRepeatable<L, Repeatable> extends infer Taken
    ? [Taken] extends [never]
      ? [keyof Required] extends [never]
        ? [Tail] extends [never]
          ? [...Done, ...(Optional[keyof Optional] | Repeatable)]
          : [...Done, ...End<L, Tail>]
        : [...Done, ...Required[keyof Required]]
      : Taken extends readonly [infer Name, infer Form extends List, infer Rest extends List]
        ? Follow<Rest, DropOption<Optional, Name>, DropOption<Required, Name>, Repeatable, Tail, [...Done, ...Form]>
        : never
    : never;

type End<L extends List, Tail extends Ending> = [Tail] extends [never]
  ? []
  : Tail extends { readonly repeat: infer Forms extends List }
    ? Repeat<L, Forms, []>
    : Tail extends { readonly end: infer Whole extends List }
      ? Whole
      : [];

/** Each way to begin `L` with one of the options: `[the option's name, the form, what is left of L]`. */
type TakeOption<L extends List, Choice extends OptionMap> = {
  [Name in keyof Choice]: Take<L, Choice[Name]> extends infer Taken
    ? Taken extends readonly [infer Form, infer Rest]
      ? [Name, Form, Rest]
      : never
    : never;
}[keyof Choice];

type TakeRepeatable<L extends List, Repeatable extends List> =
  Take<L, Repeatable> extends infer Taken
    ? Taken extends readonly [infer Form, infer Rest]
      ? [never, Form, Rest]
      : never
    : never;

type DropOption<Choice extends OptionMap, Name> = { [K in Exclude<keyof Choice, Name>]: Choice[K] };
