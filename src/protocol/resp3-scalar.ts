import { violation } from './reply-limits.ts';
import { RespBigNumber, RespDouble } from './resp-values.ts';

const NULL = 95;
const BOOLEAN = 35;
const DOUBLE = 44;
const BIG_NUMBER = 40;

// Neither backtracks over its input more than once, however long the line is.
const doublePattern = /^[-+]?(?:\d+(?:\.\d*)?(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|inf|nan)$/i;
const bigNumberPattern = /^[-+]?\d+$/;

/** Whether the byte begins one of RESP3's values that are a line: null, boolean, double, big number. */
export function isScalarType(type: number): boolean {
  return type === NULL || type === BOOLEAN || type === DOUBLE || type === BIG_NUMBER;
}

/** The value of such a line, `text` being what follows the type. @throws ProtocolError unless it is one of its type. */
export function parseScalar(type: number, text: string): unknown {
  switch (type) {
    case NULL:
      if (text !== '') throw violation('a null with something in it');
      return null;
    case BOOLEAN:
      if (text !== 't' && text !== 'f') throw violation('a boolean that is neither true nor false');
      return text === 't';
    case DOUBLE:
      if (!doublePattern.test(text)) throw violation('a double that is no number');
      return new RespDouble(text);
    default:
      if (!bigNumberPattern.test(text)) throw violation('a big number with something else than digits');
      return new RespBigNumber(text);
  }
}
