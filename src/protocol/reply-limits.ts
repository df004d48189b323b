import { ProtocolError } from '../errors.ts';

/**
 * What one connection's peer may ask a decoder to hold. Whatever the limits, memory grows with the bytes that were received,
 * never with the lengths that were announced.
 */
export interface ReplyLimits {
  /** Bytes of one bulk string. A server's own limit is `proto-max-bulk-len`, 512 MiB unless configured. */
  readonly maxBulkLength: number;
  /** Elements of one array, set or push; a map's keys and values count one each. */
  readonly maxElements: number;
  /** Aggregates within each other. The deepest reply of a real server (COMMAND DOCS) needs about 10. */
  readonly maxDepth: number;
  /** Bytes of one line: a status, an error, a number, a length. */
  readonly maxLineLength: number;
  /** Bytes of one reply, all its elements together. */
  readonly maxReplyLength: number;
}

/** 512 MiB a string, 16 Mi elements an aggregate, 128 levels, 512 KiB a line, 2 GiB a reply. */
export const defaultReplyLimits: ReplyLimits = {
  maxBulkLength: 512 * 1024 * 1024,
  maxElements: 16 * 1024 * 1024,
  maxDepth: 128,
  maxLineLength: 512 * 1024,
  maxReplyLength: 2 * 1024 * 1024 * 1024,
};

/** The error for bytes that are not RESP or beyond a limit. `what` says which rule was broken and never quotes the peer's bytes. */
export function violation(what: string): ProtocolError {
  return new ProtocolError('PROTOCOL', `The server's reply breaks the protocol: ${what}.`, { executed: 'unknown' });
}

/** The error for a byte that begins no type, shown as a character or, if it cannot be shown, as a number. */
export function unknownType(type: number): ProtocolError {
  const shown = type > 32 && type < 127 ? `'${String.fromCharCode(type)}'` : `0x${type.toString(16).padStart(2, '0')}`;
  return violation(`${shown} is not a reply type`);
}
