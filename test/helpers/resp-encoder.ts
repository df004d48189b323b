import { RespBigNumber, RespDouble, RespMap } from '../../src/protocol/resp-values.ts';
import { parseServerError } from '../../src/protocol/server-error.ts';
import { comparable } from './decode-all.ts';

/** A RESP value to be written: which type, which of its forms, and what is in it. */
export type Wire =
  | { readonly type: 'bulk' | 'verbatim'; readonly bytes: Buffer }
  | { readonly type: 'streamedString'; readonly parts: readonly Buffer[] }
  | { readonly type: 'simple' | 'error' | 'blobError' | 'double' | 'bigNumber'; readonly text: string }
  | { readonly type: 'integer'; readonly value: bigint }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'null'; readonly form: '$-1' | '*-1' | '_' }
  | { readonly type: 'array' | 'set'; readonly items: readonly Wire[]; readonly isStreamed: boolean }
  | { readonly type: 'map'; readonly entries: readonly (readonly [Wire, Wire])[]; readonly isStreamed: boolean }
  | { readonly type: 'attributed'; readonly entries: readonly (readonly [Wire, Wire])[]; readonly value: Wire };

const crlf = Buffer.from('\r\n');

function line(text: string): Buffer {
  return Buffer.from(`${text}\r\n`);
}

function blob(type: string, bytes: Buffer): Buffer {
  return Buffer.concat([line(`${type}${bytes.length}`), bytes, crlf]);
}

function aggregate(type: string, count: number, items: readonly Wire[], isStreamed: boolean): Buffer {
  const head = line(isStreamed ? `${type}?` : `${type}${count}`);
  return Buffer.concat([head, ...items.map(encodeWire), isStreamed ? line('.') : Buffer.alloc(0)]);
}

const linePrefix = { simple: '+', error: '-', double: ',', bigNumber: '(' } as const;

/** Writes the value as the specification says. */
export function encodeWire(wire: Wire): Buffer {
  switch (wire.type) {
    case 'bulk':
      return blob('$', wire.bytes);
    case 'verbatim':
      return blob('=', Buffer.concat([Buffer.from('txt:'), wire.bytes]));
    case 'blobError':
      return blob('!', Buffer.from(wire.text));
    case 'streamedString': {
      const parts = wire.parts.filter((part) => part.length > 0).map((part) => blob(';', part));
      return Buffer.concat([line('$?'), ...parts, line(';0')]);
    }
    case 'simple':
    case 'error':
    case 'double':
    case 'bigNumber':
      return line(linePrefix[wire.type] + wire.text);
    case 'integer':
      return line(`:${wire.value}`);
    case 'boolean':
      return line(wire.value ? '#t' : '#f');
    case 'null':
      return line(wire.form);
    case 'array':
    case 'set':
      return aggregate(wire.type === 'array' ? '*' : '~', wire.items.length, wire.items, wire.isStreamed);
    case 'map':
      return aggregate('%', wire.entries.length, wire.entries.flat(), wire.isStreamed);
    case 'attributed':
      return Buffer.concat([aggregate('|', wire.entries.length, wire.entries.flat(), false), encodeWire(wire.value)]);
  }
}

/** What a decoder makes of the value, in the comparable form of `decodeAll`. */
export function decodedForm(wire: Wire, asBuffers: boolean): unknown {
  const text = (bytes: Buffer) => (asBuffers ? bytes : bytes.toString());
  const inner = (value: Wire) => decodedForm(value, asBuffers);
  switch (wire.type) {
    case 'bulk':
    case 'verbatim':
      return text(wire.bytes);
    case 'streamedString':
      return text(Buffer.concat(wire.parts));
    case 'simple':
      return text(Buffer.from(wire.text));
    case 'error':
    case 'blobError':
      return comparable(parseServerError(wire.text));
    case 'double':
      return new RespDouble(wire.text);
    case 'bigNumber':
      return new RespBigNumber(wire.text);
    case 'integer': {
      const number = Number(wire.value);
      return Number.isSafeInteger(number) ? number : wire.value;
    }
    case 'boolean':
      return wire.value;
    case 'null':
      return null;
    case 'array':
    case 'set':
      return wire.items.map(inner);
    case 'map':
      return new RespMap(wire.entries.flat().map(inner));
    case 'attributed':
      return inner(wire.value);
  }
}
