/** Tells whether a value has the type. */
export type TypeCheck = (value: unknown) => boolean;

/**
 * A check for a type written in the small part of TypeScript that reply types use: unions, arrays, tuples with labels, optional
 * and rest elements, literals, `Record<string, T>`, and `Bulk` for a string.
 */
export function replyTypeCheck(source: string): TypeCheck {
  const parser = new TypeParser(source);
  const check = parser.union();
  parser.end();
  return check;
}

interface Element {
  readonly check: TypeCheck;
  readonly isRest: boolean;
  readonly isOptional: boolean;
}

class TypeParser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(source: string) {
    this.#tokens = source.match(/'[^']*'|-?\d+|\w+|\.\.\.|\[\]|\?:|[[\]()<>|,:?]/g) ?? [];
  }

  end(): void {
    if (this.#at !== this.#tokens.length)
      throw new Error(`a reply type is not understood at ${this.#tokens[this.#at]}`);
  }

  union(): TypeCheck {
    if (this.#peek() === '|') this.#at++;
    const checks = [this.#postfix()];
    while (this.#accept('|')) checks.push(this.#postfix());
    return (value) => checks.some((check) => check(value));
  }

  #postfix(): TypeCheck {
    let check = this.#primary();
    while (this.#accept('[]')) {
      const element = check;
      check = (value) => Array.isArray(value) && value.every((each) => element(each));
    }
    return check;
  }

  #primary(): TypeCheck {
    const token = this.#next();
    if (token === '(') {
      const check = this.union();
      this.#expect(')');
      return check;
    }
    if (token === '[') return this.#tuple();
    if (token.startsWith("'")) return (value) => value === token.slice(1, -1);
    if (/^-?\d+$/.test(token)) return (value) => value === Number(token);
    if (token === 'Record') return this.#record();
    return primitive(token);
  }

  #record(): TypeCheck {
    for (const token of ['<', 'string', ',']) this.#expect(token);
    const check = this.union();
    this.#expect('>');
    return (value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(check);
  }

  #tuple(): TypeCheck {
    const elements: Element[] = [];
    while (!this.#accept(']')) {
      const isRest = this.#accept('...');
      const separator = this.#tokens[this.#at + 1];
      const isOptional = separator === '?:' || (separator === '?' && this.#tokens[this.#at + 2] === ':');
      if (isOptional || separator === ':') this.#at += separator === '?' ? 3 : 2;
      elements.push({ check: this.union(), isRest, isOptional });
      if (!this.#accept(',')) {
        this.#expect(']');
        break;
      }
    }
    return tupleCheck(elements);
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new Error('a reply type ends too soon');
    return token;
  }

  #accept(token: string): boolean {
    if (this.#peek() !== token) return false;
    this.#at++;
    return true;
  }

  #expect(token: string): void {
    const found = this.#next();
    if (found !== token) throw new Error(`a reply type has ${found} where ${token} belongs`);
  }
}

function tupleCheck(elements: readonly Element[]): TypeCheck {
  const fixed = elements.filter((element) => !element.isRest);
  // The check of a rest element is that of the whole array.
  const rest = elements.find((element) => element.isRest);
  return (value) => {
    if (!Array.isArray(value)) return false;
    const list: readonly unknown[] = value;
    const least = fixed.filter((element) => !element.isOptional).length;
    if (list.length < least || (rest === undefined && list.length > fixed.length)) return false;
    return (
      fixed.every((element, i) => i >= list.length || element.check(list[i])) &&
      (rest === undefined || rest.check(list.slice(fixed.length)))
    );
  };
}

function primitive(name: string): TypeCheck {
  switch (name) {
    case 'Bulk':
    case 'string':
      return (value) => typeof value === 'string';
    case 'number':
      return (value) => typeof value === 'number';
    case 'bigint':
      return (value) => typeof value === 'bigint';
    case 'null':
      return (value) => value === null;
    case 'unknown':
      return () => true;
    default:
      throw new Error(`a reply type names ${name}`);
  }
}
