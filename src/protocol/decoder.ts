import type { ReplyError } from '../errors.ts';

/** Receives what a {@link ReplyDecoder} decodes, in the order of the bytes. What it throws passes through `decode`. */
export interface ReplySink {
  onReply(reply: unknown): void;
  /** A top-level error reply. Errors inside arrays arrive as {@link ReplyError} values within the reply. */
  onErrorReply(error: ReplyError): void;
  /** A RESP3 push (`>`): its first element is the kind. RESP2 connections get none. */
  onPush(push: readonly unknown[]): void;
  /** What a RESP3 server says about the reply to come (`|`): a flat list of keys and values. Left out of the reply itself. */
  onAttribute?(entries: readonly unknown[]): void;
}

/**
 * Turns the bytes of one connection into replies. No I/O; single use: after it has thrown it accepts nothing more.
 *
 * Limits hold whatever the peer sends: nesting depth, line length, bulk length, aggregate length, bytes buffered for one
 * unfinished reply.
 */
export interface ReplyDecoder {
  /** Whether the *next* reply's strings are given as Buffers; the sink's owner sets it between replies. */
  asBuffers: boolean;
  /**
   * Hands to the sink whatever the chunk completes. After it has thrown, further chunks are ignored. The chunk's memory may be
   * used anew when this returns: no reply refers to it.
   *
   * @throws ProtocolError when the bytes are not RESP or exceed a limit; the connection must then be destroyed.
   */
  decode(chunk: Buffer): void;
}
