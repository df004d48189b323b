import { ReplyError } from '../errors.ts';

/**
 * What an error reply means for the command that got it. Only this file reads the text of server errors.
 * - `moved`, `ask`: the slot is (for this one command) at another node
 * - `tryAgain`, `clusterDown`, `loading`, `masterDown`, `readOnly`: not executed, and worth another attempt
 * - `unblocked`: what it was waiting for on the server can no longer come there
 * - `failed`: the answer is the caller's
 */
export type ReplyErrorKind =
  | 'moved'
  | 'ask'
  | 'tryAgain'
  | 'clusterDown'
  | 'loading'
  | 'masterDown'
  | 'readOnly'
  | 'unblocked'
  | 'failed';

const kindOfCode: ReadonlyMap<string, ReplyErrorKind> = new Map([
  ['MOVED', 'moved'],
  ['ASK', 'ask'],
  ['TRYAGAIN', 'tryAgain'],
  ['CLUSTERDOWN', 'clusterDown'],
  ['LOADING', 'loading'],
  ['MASTERDOWN', 'masterDown'],
  ['READONLY', 'readOnly'],
  ['UNBLOCKED', 'unblocked'],
]);

/** Codes with which a server turns a command away before it executes anything of it. */
const rejectedCodes: ReadonlySet<string> = new Set(
  (
    'MOVED ASK TRYAGAIN CLUSTERDOWN LOADING MASTERDOWN READONLY CROSSSLOT NOAUTH NOPERM WRONGPASS NOPROTO DENIED OOM ' +
    'MISCONF NOREPLICAS BUSY EXECABORT NOSCRIPT UNBLOCKED'
  ).split(' '),
);

/**
 * Makes the error of an error reply's text (without the leading `-`): `code` is its first word if that is one, else `ERR`;
 * `executed` is `no` for the codes with which a server turns a command away unexecuted.
 */
export function parseServerError(text: string): ReplyError {
  const space = text.indexOf(' ');
  const word = space === -1 ? text : text.slice(0, space);
  const code = /^[A-Z][A-Z0-9_-]*$/.test(word) ? word : 'ERR';
  // Its stack would show the decoder and nobody's mistake, and capturing it costs more than the rest of a reply.
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = new ReplyError(code, text, { executed: rejectedCodes.has(code) ? 'no' : 'yes' });
  Error.stackTraceLimit = limit;
  return error;
}

export function kindOfReplyError(error: ReplyError): ReplyErrorKind {
  return kindOfCode.get(error.code) ?? 'failed';
}

const abortedBecause = 'EXECABORT Transaction discarded because of: ';

/** The error for which EXEC itself was turned down, where EXECABORT names it; undefined when a queued command is to blame. */
export function abortCause(error: ReplyError): ReplyError | undefined {
  const { message } = error;
  return message.startsWith(abortedBecause) ? parseServerError(message.slice(abortedBecause.length)) : undefined;
}

/** Where a MOVED or ASK reply points. An empty `host` stands for the host of the node that replied. */
export interface Redirect {
  readonly slot: number;
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `MOVED slot host:port` and `ASK slot host:port`; undefined if the slot is no slot or the address no address.
 * The host may be empty (Redis 7: same host as the node that replies), a name, or IPv6 with or without brackets.
 */
export function parseRedirect(error: ReplyError): Redirect | undefined {
  const match = /^(?:MOVED|ASK) (\d{1,5}) (\S*):(\d{1,5})$/.exec(error.message);
  if (match === null) return undefined;
  const slot = Number(match[1]);
  const port = Number(match[3]);
  if (slot > 16383 || port < 1 || port > 65535) return undefined;
  const host = (match[2] ?? '').replace(/^\[(.*)\]$/, '$1');
  return { slot, host: host === '?' ? '' : host, port };
}

/** The server does not know the command or subcommand (an older server), so what it would have done can be left out. */
export function isUnknownCommand(error: ReplyError): boolean {
  return /^ERR (?:unknown|Unknown|wrong number|syntax)/.test(error.message);
}

/** HELLO was refused: the server or a proxy before it speaks RESP2 only. */
export function isProtocolRefused(error: ReplyError): boolean {
  return error.code === 'NOPROTO' || isUnknownCommand(error);
}

/** The server was started without `cluster-enabled yes`. */
export function isClusterDisabled(error: ReplyError): boolean {
  return error.message.includes('cluster support disabled');
}
