import type { ArgumentFact } from './facts.ts';
import { isMultiple, isOptional, repeatsToken } from './grammar.ts';

/** The parameters of one overload, as source text. */
export interface Signature {
  /** `<L extends …>`, or nothing. */
  readonly typeParameters: string;
  readonly parameters: string;
}

/** One place in an argument list. */
interface Slot {
  readonly label: string;
  readonly type: string;
  /** Any number of them, also none. */
  readonly isRest?: boolean;
  /** The type is that of the whole form, token and all. */
  readonly isWhole?: boolean;
}

/** One way to write an argument: `EX seconds` is two slots. */
type Form = readonly Slot[];

/** A part of the argument list whose ways to be written are known. */
interface Part {
  readonly label: string;
  readonly forms: readonly Form[];
  readonly isOptional: boolean;
  /** An option that this overload asks for: it must be given, but stands among the others in any order. */
  readonly isGiven: boolean;
  readonly kind: 'fixed' | 'many' | 'repeat' | 'repeatable';
}

const listed = 'L extends readonly AnyArgument[]';
const listedPairs = 'L extends readonly (AnyArgument | PairSource)[]';
/** Written out up to here where blocks stand inside an argument list; more are given as an array. */
const longestInnerBlocks = 4;

/**
 * The parameters that accept what a grammar accepts. `takesPairs`: the repeated block of the grammar may be given as an object or
 * a Map. `tokensFirst`: arguments that begin with a token are taken in any order although they are not optional.
 */
export function signatureOf(
  grammar: readonly ArgumentFact[],
  { takesPairs = false, tokensFirst = false }: { readonly takesPairs?: boolean; readonly tokensFirst?: boolean } = {},
): Signature {
  const parts = grammar.map((argument, index) => partOf(argument, index === grammar.length - 1));
  const lead: Slot[] = [];
  while (parts.length > 0) {
    const slots = plainSlots(parts[0]);
    if (slots === undefined || (parts[0]?.isGiven && parts.length > 1)) break;
    lead.push(...slots);
    parts.shift();
  }
  const parameters = uniqueLabels(lead).map((slot) => `${slot.label}: ${slot.type}`);
  const rest = onlyIfGiven(restOf(parts, takesPairs, tokensFirst), parts);
  if (rest !== undefined) parameters.push(`...${rest.label}: ${rest.type}`);
  return {
    typeParameters: rest?.typeParameter === undefined ? '' : `<${rest.typeParameter}>`,
    parameters: parameters.join(', '),
  };
}

interface Rest {
  readonly label: string;
  readonly type: string;
  readonly typeParameter?: string;
}

function restOf(parts: readonly Part[], takesPairs: boolean, tokensFirst: boolean): Rest | undefined {
  const [first] = parts;
  if (first === undefined) return undefined;
  if (parts.length === 1) return onlyRest(first, takesPairs);
  if (first.kind === 'many') return manyThen(first, parts.slice(1));
  const isOption = (part: Part) =>
    part.kind === 'repeatable' || (part.kind === 'fixed' && (part.isOptional || part.isGiven || tokensFirst));
  const options = parts.filter(isOption);
  const ending = parts.slice(parts.findLastIndex(isOption) + 1);
  const isListed = parts.some((part) => part.kind !== 'fixed');
  if (options.length < 2 && !isListed && options.every((part) => part.kind === 'fixed')) {
    return flexible(restLabel(parts), product(parts.map((part) => alternatives(part))));
  }
  if (parts.slice(0, parts.length - ending.length).some((part) => !isOption(part))) {
    throw new Error(`an argument stands between options: ${parts.map((part) => part.label).join(' ')}`);
  }
  return {
    label: 'options',
    type: `Options<L, ${[...optionLists(options), endingText(ending, takesPairs)].join(', ')}>`.replace(
      /(, never|, NoOptions)*>$/,
      '>',
    ),
    typeParameter: takesPairs ? listedPairs : listed,
  };
}

/** An overload that is about a token is not for spread arrays, unless the token stands beside them. */
function onlyIfGiven(rest: Rest | undefined, parts: readonly Part[]): Rest | undefined {
  const token = parts.find((part) => part.isGiven)?.forms[0]?.[0]?.type;
  if (rest?.typeParameter === undefined || token === undefined || !token.startsWith("'")) return rest;
  return { ...rest, type: `Given<L, ${token}, ${rest.type}>` };
}

function onlyRest(part: Part, takesPairs: boolean): Rest {
  const { label } = part;
  const [form = []] = part.forms;
  const slot = form[0];
  if (part.kind === 'many' && slot !== undefined) {
    const plural = pluralOf(label);
    if (part.isOptional) return { label: plural, type: `${slot.type}[]` };
    return {
      label: plural,
      type: `AtLeastOne<L, [${label}: ${slot.type}]>`,
      typeParameter: `L extends readonly ${slot.type}[]`,
    };
  }
  if (part.kind === 'repeat') {
    const [name, value] = form;
    if (takesPairs && name !== undefined && value !== undefined) {
      return { label: 'pairs', type: `Pairs<L, ${name.type}, ${value.type}>`, typeParameter: listedPairs };
    }
    if (part.isOptional)
      return {
        label: pluralOf(label),
        type: `Options<L, NoOptions, NoOptions, ${formsText(part.forms)}>`,
        typeParameter: listed,
      };
    return { label: pluralOf(label), type: `Repeated<L, ${formsText(part.forms)}>`, typeParameter: listed };
  }
  if (part.kind === 'repeatable') {
    return { label, type: `Options<L, NoOptions, NoOptions, ${formsText(part.forms)}>`, typeParameter: listed };
  }
  return flexible(label, alternatives(part));
}

/** What is written out must be exact; a list at its end may also be spread from an array. */
function flexible(label: string, forms: readonly Form[]): Rest {
  const type = formsText(forms);
  if (!forms.some((form) => form.some((slot) => slot.isRest))) return { label, type };
  return { label, type: `Flexible<L, ${type}>`, typeParameter: listed };
}

/** Elements up to a token, or up to a last argument. */
function manyThen(many: Part, following: readonly Part[]): Rest {
  const type = many.forms[0]?.[0]?.type ?? 'AnyArgument';
  const label = pluralOf(many.label);
  const required = following.filter((part) => !part.isOptional && !part.isGiven);
  const options = following.filter((part) => part.isOptional);
  const given = following.filter((part) => part.isGiven);
  const [only] = following;
  if (only !== undefined && following.length === 1 && required.length === 1) {
    const last = formsText(only.forms).slice(1, -1);
    return {
      label: `${label}And${capital(only.label)}`,
      type: `Flexible<L, [${many.label}: ${type}, ...more: ${type}[], ${last}]>`,
      typeParameter: listed,
    };
  }
  // A required argument and the option behind it have one order: together they are one required option.
  if (required.length > 0) {
    const forms = product(following.map((part) => alternatives(part)));
    return {
      label: `${label}AndOptions`,
      type: `ManyThenOptions<L, ${type}, NoOptions, { ${required[0]?.label ?? 'last'}: ${formsText(forms)} }>`,
      typeParameter: listed,
    };
  }
  return {
    label: `${label}AndOptions`,
    type: `ManyThenOptions<L, ${type}, ${optionMap(options)}${given.length > 0 ? `, ${optionMap(given)}` : ''}>`,
    typeParameter: listed,
  };
}

function optionLists(options: readonly Part[]): string[] {
  const repeatable = options.filter((part) => part.kind === 'repeatable');
  return [
    optionMap(options.filter((part) => part.isOptional && part.kind !== 'repeatable')),
    optionMap(options.filter((part) => !part.isOptional)),
    repeatable.length === 0 ? 'never' : repeatable.map((part) => formsText(part.forms)).join(' | '),
  ];
}

function optionMap(options: readonly Part[]): string {
  if (options.length === 0) return 'NoOptions';
  return `{ ${options.map((part) => `${part.label}: ${formsText(part.forms)}`).join('; ')} }`;
}

function endingText(ending: readonly Part[], takesPairs: boolean): string {
  if (ending.length === 0) return 'never';
  const [first] = ending;
  if (ending.length === 1 && first?.kind === 'repeat' && !takesPairs) return `{ repeat: ${formsText(first.forms)} }`;
  const forms = product(
    ending.map((part) => (part.kind === 'fixed' ? alternatives(part) : listForms(part, takesPairs))),
  );
  return `{ end: ${formsText(forms)} }`;
}

/** The forms of a list at the very end: one element written out, then any number. */
function listForms(part: Part, takesPairs: boolean): readonly Form[] {
  const [form = []] = part.forms;
  const types = [...new Set(form.map((slot) => slot.type))].join(' | ');
  const rest: Slot = { label: 'more', type: types.includes(' | ') ? `(${types})` : types, isRest: true };
  const written: Form[] = [[...form, rest]];
  if (part.isOptional) written.push([]);
  if (part.kind === 'repeat' && takesPairs) written.push([{ label: 'pairs', type: 'PairSource' }]);
  return written;
}

/** The slots of a part that can be written in one way only: such parts become parameters of their own. */
function plainSlots(part: Part | undefined): Form | undefined {
  if (part === undefined || part.kind !== 'fixed' || part.isOptional) return undefined;
  const [form] = part.forms;
  return part.forms.length === 1 && form !== undefined && !form.some((slot) => slot.isRest) ? form : undefined;
}

function partOf(argument: ArgumentFact, isLast: boolean): Part {
  const label = labelOf(argument);
  const common = { label, isOptional: isOptional(argument), isGiven: argument.flags?.includes('given') ?? false };
  if (!isMultiple(argument)) return { ...common, kind: 'fixed', forms: formsOf(argument, isLast) };
  const single = { ...argument, flags: [] };
  if (repeatsToken(argument)) return { ...common, kind: 'repeatable', forms: formsOf(single, false) };
  if (argument.type === 'oneof' || argument.type === 'block')
    return { ...common, kind: 'repeat', forms: formsOf(single, false) };
  if (argument.token !== undefined) return { ...common, kind: 'fixed', forms: innerList(argument, isLast) };
  return { ...common, kind: 'many', forms: [[{ label, type: `Many<${leafType(argument)}>` }]] };
}

/** All ways to write an argument that is given; `isLast`: a list in it may be of any length, as nothing follows. */
function formsOf(argument: ArgumentFact, isLast: boolean): readonly Form[] {
  const lead: Form = argument.token === undefined ? [] : [{ label: labelOf(argument), type: literal(argument.token) }];
  if (argument.type === 'pure-token') return [lead];
  if (isMultiple(argument)) return innerList(argument, isLast);
  const inner = argument.arguments ?? [];
  if (argument.type === 'oneof') {
    const forms = inner.flatMap((each) =>
      formsOf({ ...each, flags: (each.flags ?? []).filter((flag) => flag !== 'optional') }, isLast),
    );
    return oneSlot(merge(forms, labelOf(argument)), labelOf(argument)).map((form) => [...lead, ...form]);
  }
  if (argument.type === 'block') {
    const members = inner.map((each, index) => {
      const forms = formsOf(each, isLast && index === inner.length - 1);
      return isOptional(each) ? [[], ...forms] : forms;
    });
    return product([[lead], ...members]);
  }
  return [[...lead, { label: labelOf(argument), type: leafType(argument) }]];
}

/** A list inside an argument list: written out, or an array. */
function innerList(argument: ArgumentFact, isLast: boolean): readonly Form[] {
  const lead: Form = argument.token === undefined ? [] : [{ label: labelOf(argument), type: literal(argument.token) }];
  const elements = argument.type === 'block' ? (formsOf({ ...argument, flags: [] }, false)[0] ?? []) : undefined;
  const type =
    elements === undefined ? leafType(argument) : [...new Set(elements.map((slot) => slot.type))].join(' | ');
  const slots: Form = elements ?? [{ label: labelOf(argument), type: isLast ? `Many<${type}>` : type }];
  if (isLast) {
    const rest = elements === undefined ? `Many<${type}>` : `AnyArgument`;
    return [[...lead, ...slots, { label: 'more', type: rest, isRest: true }]];
  }
  const strict = type === 'Double' ? 'Fraction' : type;
  const [token] = lead;
  if (elements === undefined && token !== undefined) {
    return [[{ label: '', type: `Listed<${token.type}, ${strict}>`, isWhole: true }]];
  }
  const block: Form = slots.map((slot) => ({ ...slot, type: slot.type === 'Double' ? 'Fraction' : slot.type }));
  const written = Array.from({ length: longestInnerBlocks }, (_, count) => [
    ...lead,
    ...Array.from({ length: count + 1 }, () => block).flat(),
  ]);
  return [...written, [...lead, { label: pluralOf(labelOf(argument)), type: `readonly ${strict}[]` }]];
}

/** Forms that differ in their token only become one: `['EX' | 'PX', seconds]`. */
function merge(forms: readonly Form[], label: string): readonly Form[] {
  const merged: { form: Slot[]; key: string }[] = [];
  for (const form of forms) {
    const [head, ...tail] = form;
    const isTokenLed = head?.type.startsWith("'") ?? false;
    const key = isTokenLed ? `${tail.map((slot) => slot.type).join()}/${form.length}` : `${merged.length}.`;
    const same = merged.find((each) => each.key === key);
    if (same === undefined || head === undefined) {
      merged.push({ form: [...form], key });
      continue;
    }
    const [first, ...others] = same.form;
    if (first === undefined) continue;
    same.form = [
      { label: first.label, type: `${first.type} | ${head.type}` },
      ...others.map((slot) => (others.length === 1 ? { ...slot, label } : slot)),
    ];
  }
  return merged.map((each) => each.form);
}

/** One slot of several types, if each form is one slot. Where any value may stand, tokens need not be listed. */
function oneSlot(forms: readonly Form[], label: string): readonly Form[] {
  if (!forms.every((form) => form.length === 1 && !form[0]?.isRest)) return forms;
  const types = forms.flatMap((form) => form[0]?.type ?? []);
  const type =
    types.find((each) => each === 'Value' || each === 'Key') ??
    types.join(' | ').replace("'M' | 'KM' | 'FT' | 'MI'", 'Unit');
  return [[{ label, type }]];
}

function product(parts: readonly (readonly Form[])[]): readonly Form[] {
  return parts.reduce<readonly Form[]>(
    (done, forms) => done.flatMap((head) => forms.map((form) => [...head, ...form])),
    [[]],
  );
}

function alternatives(part: Part): readonly Form[] {
  return part.isOptional ? [[], ...part.forms] : part.forms;
}

function formsText(forms: readonly Form[]): string {
  return forms
    .map((form) => (form[0]?.isWhole ? form[0].type : `[${uniqueLabels(form, true).map(slotText).join(', ')}]`))
    .join(' | ');
}

function slotText(slot: Slot): string {
  if (slot.isRest) return `...${slot.label}: ${slot.type}[]`;
  return slot.type.startsWith("'") ? slot.type : `${slot.label}: ${slot.type}`;
}

/** `tokensHaveNone`: in a tuple a token stands without a label, so it takes none away. */
function uniqueLabels(slots: readonly Slot[], tokensHaveNone = false): readonly Slot[] {
  const seen = new Map<string, number>();
  return slots.map((slot) => {
    if (tokensHaveNone && slot.type.startsWith("'")) return slot;
    const count = (seen.get(slot.label) ?? 0) + 1;
    seen.set(slot.label, count);
    return count === 1 ? slot : { ...slot, label: `${slot.label}${count}` };
  });
}

function restLabel(parts: readonly Part[]): string {
  return parts.length === 1 ? (parts[0]?.label ?? 'args') : 'args';
}

function leafType(argument: ArgumentFact): string {
  if (argument.name === 'cursor') return 'Cursor';
  switch (argument.type) {
    case 'key':
    case 'pattern':
      return 'Key';
    case 'integer':
    case 'unix-time':
      return 'Integer';
    case 'double':
      return 'Double';
    default:
      return 'Value';
  }
}

export function literal(token: string): string {
  return `'${token}'`;
}

const reserved: ReadonlySet<string> = new Set([
  'function',
  'default',
  'delete',
  'import',
  'static',
  'in',
  'with',
  'package',
]);

export function labelOf(argument: ArgumentFact): string {
  const name = argument.name
    .toLowerCase()
    .replace(/[^a-z0-9]+([a-z0-9])?/g, (_, next: string | undefined) => (next ?? '').toUpperCase());
  const label = /^[a-z]/.test(name) ? name : `value${capital(name)}`;
  if (label === 'arguments') return 'args';
  return reserved.has(label) ? `${label}Name` : label;
}

function pluralOf(label: string): string {
  if (label.endsWith('s')) return label;
  if (label.endsWith('y') && !/[aeou]y$/.test(label)) return `${label.slice(0, -1)}ies`;
  return `${label}s`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
