const isTerminal = process.stdout.isTTY === true;
const isColoured = isTerminal && process.env['NO_COLOR'] === undefined;

/** Lines for a person. Colours and redrawn lines only where a terminal shows them; plain lines everywhere else. */
export function say(...lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

export function write(text: string): void {
  process.stdout.write(text);
}

/** Begins a step of the demo. */
export function heading(number: number, title: string): void {
  say('', strong(`(${number}) ${title}`));
}

export function strong(text: string): string {
  return isColoured ? `\x1b[1m${text}\x1b[0m` : text;
}

export function green(text: string): string {
  return isColoured ? `\x1b[32m${text}\x1b[0m` : text;
}

export function red(text: string): string {
  return isColoured ? `\x1b[31m${text}\x1b[0m` : text;
}

/** `100,000`. */
export function figure(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `850 ms`, `3.21 s`. */
export function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}

const WIDTH = 40;
const REDRAW_MS = 50;

/** How far a piece of work has come: one redrawn line in a terminal, a line a quarter elsewhere. */
export class ProgressBar {
  readonly #label: string;
  readonly #total: number;
  readonly #unit: string;
  readonly #startedAt = performance.now();
  #drawnAt = Number.NEGATIVE_INFINITY;
  #quarter = 0;

  /** @param total of `unit`s that make it full */
  constructor(label: string, total: number, unit: string) {
    this.#label = label;
    this.#total = total;
    this.#unit = unit;
  }

  show(done: number): void {
    if (isTerminal) this.#redraw(done);
    else this.#sayQuarters(done);
  }

  #redraw(done: number): void {
    const now = performance.now();
    if (done < this.#total && now - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = now;
    const filled = Math.floor((WIDTH * done) / this.#total);
    write(`\r  ${this.#label} [${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${this.#figures(done)}  `);
    if (done === this.#total) write('\n');
  }

  #sayQuarters(done: number): void {
    const quarter = Math.floor((4 * done) / this.#total);
    if (quarter === this.#quarter) return;
    this.#quarter = quarter;
    say(`  ${this.#label} ${String(quarter * 25).padStart(3)} %  ${this.#figures(done)}`);
  }

  #figures(done: number): string {
    const seconds = (performance.now() - this.#startedAt) / 1_000;
    return `${figure(done)} of ${figure(this.#total)}, ${figure(done / seconds)} ${this.#unit} a second`;
  }
}
