import { ProtocolError, ReplyError } from '../../src/errors.ts';
import type { ReplyDecoder, ReplySink } from '../../src/protocol/decoder.ts';
import type { ReplyLimits } from '../../src/protocol/reply-limits.ts';
import { RespMap } from '../../src/protocol/resp-values.ts';
import { Resp2Decoder } from '../../src/protocol/resp2-decoder.ts';
import { Resp3Decoder } from '../../src/protocol/resp3-decoder.ts';

/** What a decoder gave, in order: `['reply', value]`, `['error', code, message]`, `['push', elements]`. */
export type Decoded = readonly [kind: string, ...values: unknown[]];

export interface Outcome {
  readonly events: Decoded[];
  /** Why the decoder gave up, if it did. */
  readonly violation: string | undefined;
}

export type Version = 2 | 3;

export function makeDecoder(version: Version, sink: ReplySink, limits?: ReplyLimits): ReplyDecoder {
  return version === 2 ? new Resp2Decoder(sink, limits) : new Resp3Decoder(sink, limits);
}

/** Errors compare by what they say, not by where they were made. */
export function comparable(value: unknown): unknown {
  if (value instanceof ReplyError) return { error: value.message, code: value.code };
  if (value instanceof RespMap) return new RespMap(value.entries.map(comparable));
  return Array.isArray(value) ? value.map(comparable) : value;
}

export interface DecodeSettings {
  readonly limits?: ReplyLimits | undefined;
  /** Whether the reply with this number (0 is the first) is wanted as Buffers. */
  readonly asBuffers?: ((reply: number) => boolean) | undefined;
}

/**
 * Decodes the chunks one after the other, as a connection would: it says before each reply how its strings are wanted.
 *
 * @throws whatever is not a ProtocolError
 */
export function decodeAll(version: Version, chunks: readonly Buffer[], settings: DecodeSettings = {}): Outcome {
  const events: Decoded[] = [];
  const asBuffers = settings.asBuffers ?? (() => false);
  let replies = 0;
  const settle = (event: Decoded) => {
    events.push(event);
    decoder.asBuffers = asBuffers(++replies);
  };
  const decoder = makeDecoder(
    version,
    {
      onReply: (reply) => settle(['reply', comparable(reply)]),
      onErrorReply: (error) => settle(['error', error.code, error.message]),
      onPush: (push) => events.push(['push', push.map(comparable)]),
      onAttribute: (entries) => events.push(['attribute', entries.map(comparable)]),
    },
    settings.limits,
  );
  decoder.asBuffers = asBuffers(0);
  for (const chunk of chunks) {
    try {
      decoder.decode(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return { events, violation: error.message };
    }
  }
  return { events, violation: undefined };
}

/** Cuts the bytes at the given places, which may be out of range, repeated and in any order. */
export function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [...new Set(places.filter((place) => place > 0 && place < bytes.length))].sort((a, b) => a - b);
  // Copies: a decoder must not depend on the chunks being parts of one Buffer.
  return [0, ...cuts].map((from, index) => Buffer.from(bytes.subarray(from, cuts[index] ?? bytes.length)));
}
