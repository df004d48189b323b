import { LONG_TEXT_BYTES, LongText } from './long-text.ts';

type Slice = (this: Buffer, start: number, end: number) => string;

function isSlice(value: unknown): value is Slice {
  return typeof value === 'function';
}

// `Buffer#toString` spends a fifth of its time on its arguments. What it calls behind them has been there, under this name,
// in every version of Node; where it is not (other runtimes), toString does.
const found: unknown = Reflect.get(Buffer.prototype, 'utf8Slice');
const slice: Slice = isSlice(found)
  ? found
  : function (start, end) {
      return this.toString('utf8', start, end);
    };

/** The UTF-8 text that stands in `bytes` from `start` to `end`; what is not UTF-8 becomes U+FFFD. */
export function decodeText(bytes: Buffer, start: number, end: number): string {
  if (end - start < LONG_TEXT_BYTES) return slice.call(bytes, start, end);
  const text = new LongText();
  text.append(bytes, start, end);
  return text.end();
}
