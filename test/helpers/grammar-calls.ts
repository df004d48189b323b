import type { ArgumentFact } from '../../scripts/generate/facts.ts';
import { isMultiple, isOptional, repeatsToken } from '../../scripts/generate/grammar.ts';

/** A source of numbers from 0 to below 1 that is the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Words that mean something elsewhere in a command: where a value stands they are values like any other. */
const confusing = ['STORE', 'KEYS', 'STREAMS', 'store', '', 'GET', 'LIMIT', '2'];

/** Writes down random argument lists that a grammar allows, in every case of letters and order of options. */
export class GrammarCalls {
  readonly #random: () => number;
  #counted = 1;

  constructor(random: () => number) {
    this.#random = random;
  }

  write(grammar: readonly ArgumentFact[]): string[] {
    this.#counted = this.#upTo(4);
    return this.#list(grammar);
  }

  #list(grammar: readonly ArgumentFact[]): string[] {
    const words: string[] = [];
    for (let i = 0; i < grammar.length; ) {
      // Neighbouring options that begin with a token stand in any order.
      let end = i;
      while (grammar[end] !== undefined && isFreeOption(grammar[end])) end++;
      if (end > i) {
        for (const option of this.#shuffled(grammar.slice(i, end)))
          if (this.#random() < 0.5) words.push(...this.#given(option));
        i = end;
        continue;
      }
      const argument = grammar[i++];
      if (argument !== undefined && (!isOptional(argument) || this.#isChosen(argument)))
        words.push(...this.#given(argument));
    }
    return words;
  }

  /** Keys behind a count are there as often as the count says. */
  #isChosen(argument: ArgumentFact): boolean {
    return argument.type === 'key' && isMultiple(argument) ? true : this.#random() < 0.5;
  }

  #given(argument: ArgumentFact): string[] {
    if (!isMultiple(argument)) return [...this.#token(argument), ...this.#value(argument)];
    const count = isCounted(argument) ? this.#counted : this.#upTo(3);
    const values = Array.from({ length: count }, () => this.#value(argument));
    if (repeatsToken(argument)) return values.flatMap((value) => [...this.#token(argument), ...value]);
    return [...this.#token(argument), ...values.flat()];
  }

  #token(argument: ArgumentFact): string[] {
    if (argument.token === undefined || argument.type === 'pure-token') return [];
    return [this.#cased(argument.token)];
  }

  #value(argument: ArgumentFact): string[] {
    const inner = argument.arguments ?? [];
    switch (argument.type) {
      case 'pure-token':
        return [this.#cased(argument.token ?? argument.name)];
      case 'oneof': {
        const choice = inner[Math.floor(this.#random() * inner.length)];
        return choice === undefined ? [] : this.#given(choice);
      }
      case 'block':
        return this.#list(inner);
      case 'key':
        return [`key:${Math.floor(this.#random() * 1e9)}`];
      case 'integer':
      case 'unix-time':
        return [String(argument.name.startsWith('num') ? this.#counted : this.#upTo(100))];
      case 'double':
        return [String(Math.round(this.#random() * 1000) / 10)];
      default:
        return [this.#random() < 0.1 ? this.#confusing() : `value:${Math.floor(this.#random() * 1e9)}`];
    }
  }

  #confusing(): string {
    return confusing[Math.floor(this.#random() * confusing.length)] ?? '';
  }

  #cased(token: string): string {
    return this.#random() < 0.3 ? token.toLowerCase() : token;
  }

  /** A whole number from 1 to `most`. */
  #upTo(most: number): number {
    return 1 + Math.floor(this.#random() * most);
  }

  #shuffled<T>(list: readonly T[]): T[] {
    return list
      .map((each) => ({ each, rank: this.#random() }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ each }) => each);
  }
}

function isFreeOption(argument: ArgumentFact | undefined): boolean {
  if (argument === undefined || !isOptional(argument)) return false;
  if (argument.token !== undefined) return true;
  if (argument.type === 'oneof') return (argument.arguments ?? []).every((each) => each.token !== undefined);
  return argument.type === 'block' && argument.arguments?.[0]?.token !== undefined;
}

/** Lists of which a number before them says how long they are, or which go in pairs with such a list. */
function isCounted(argument: ArgumentFact): boolean {
  return ['key', 'field', 'id', 'data', 'weight', 'element', 'value'].includes(argument.name);
}
