/**
 * What RESP3 knows and RESP2 does not, as the RESP3 decoder gives it; {@link normaliseReply} turns it into RESP2's shape.
 *
 * | RESP3 | in memory |
 * |---|---|
 * | blob `$`, simple `+`, verbatim `=` (its format dropped) | string or Buffer |
 * | number `:` | number, or bigint beyond 2^53 |
 * | array `*`, set `~` | array |
 * | map `%` | {@link RespMap} |
 * | double `,` | {@link RespDouble} |
 * | big number `(` | {@link RespBigNumber} |
 * | boolean `#` | boolean |
 * | null `_`, `$-1`, `*-1` | null |
 * | error `-` `!` within an aggregate | ReplyError |
 */

/** A map. `entries` is flat (key, value, key, value …): the shape that RESP2 gives, in the server's order. */
export class RespMap {
  readonly entries: unknown[];

  constructor(entries: unknown[]) {
    this.entries = entries;
  }
}

/** A double as the server wrote it, digit for digit. RESP2 gives the same text as a bulk string. */
export class RespDouble {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** An integer of any size as the server wrote it. RESP2 gives the same text as a bulk string. */
export class RespBigNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
