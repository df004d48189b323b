import { RespBigNumber, RespDouble, RespMap } from './resp-values.ts';

/** What {@link normaliseReply} asks of a command: its name in upper case, with the subcommand, as in `CONFIG GET`. */
export interface NamedCommand {
  readonly name: string;
}

type Reshape = (reply: unknown, asBuffers: boolean) => unknown;

/** A list of pairs becomes one flat list. Without the option that asks for pairs the list is flat already, and stays. */
function joinPairs(reply: unknown, asBuffers: boolean): unknown {
  const plain = flatten(reply, asBuffers);
  return Array.isArray(plain) && Array.isArray(plain[0]) ? plain.flat(1) : plain;
}

/** A map becomes a list of pairs, where the others become a flat list. */
function splitPairs(reply: unknown, asBuffers: boolean): unknown {
  if (!(reply instanceof RespMap)) return flatten(reply, asBuffers);
  const flat = flattenEach(reply.entries, asBuffers);
  const pairs: unknown[] = [];
  for (let at = 0; at < flat.length; at += 2) pairs.push([flat[at], flat[at + 1]]);
  return pairs;
}

/** A map whose values are tuples becomes a flat list of names and what is in the tuples. */
function joinTuples(reply: unknown, asBuffers: boolean): unknown {
  const plain = flatten(reply, asBuffers);
  return Array.isArray(plain) ? plain.flat(1) : plain;
}

/** Each reply in it is of another command, which whoever knows that command normalises. */
function leave(reply: unknown): unknown {
  return reply;
}

/** The commands whose RESP3 reply differs from the RESP2 one by more than its types. */
const exceptions: ReadonlyMap<string, Reshape> = new Map<string, Reshape>([
  ['ZRANGE', joinPairs],
  ['ZREVRANGE', joinPairs],
  ['ZRANGEBYSCORE', joinPairs],
  ['ZREVRANGEBYSCORE', joinPairs],
  ['ZDIFF', joinPairs],
  ['ZINTER', joinPairs],
  ['ZUNION', joinPairs],
  ['ZRANDMEMBER', joinPairs],
  ['ZPOPMIN', joinPairs],
  ['ZPOPMAX', joinPairs],
  ['HRANDFIELD', joinPairs],
  ['XREAD', splitPairs],
  ['XREADGROUP', splitPairs],
  ['VSIM', joinTuples],
  ['EXEC', leave],
]);

/**
 * Gives a RESP3 reply the shape that the same command has under RESP2, so that callers need not know which one a connection
 * speaks.
 *
 * The rule: a map becomes the flat list of its keys and values, a double or a big number the text that the server wrote (a
 * Buffer under `asBuffers`), a boolean 1 or 0; everything within likewise. The few commands that servers answer in another
 * arrangement have a row in the table above. The reply is the caller's own: its arrays are changed in place.
 */
export function normaliseReply(command: NamedCommand, reply: unknown, asBuffers = false): unknown {
  if (typeof reply === 'string' || typeof reply === 'number' || reply === null) return reply;
  const reshape = exceptions.get(command.name);
  return reshape === undefined ? flatten(reply, asBuffers) : reshape(reply, asBuffers);
}

function flatten(value: unknown, asBuffers: boolean): unknown {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return flattenEach(value, asBuffers);
  if (value instanceof RespMap) return flattenEach(value.entries, asBuffers);
  if (value instanceof RespDouble || value instanceof RespBigNumber) {
    return asBuffers ? Buffer.from(value.text, 'latin1') : value.text;
  }
  return value;
}

/** The decoder's depth limit bounds the recursion. */
function flattenEach(values: unknown[], asBuffers: boolean): unknown[] {
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (typeof value !== 'string' && typeof value !== 'number') values[at] = flatten(value, asBuffers);
  }
  return values;
}
