/** What became of one command of several: its error, or null and its reply. The pair that users of ioredis know. */
export type Outcome<Reply = unknown> = [error: null, reply: Reply] | [error: Error, reply: undefined];

/**
 * The outcomes of several commands, in order: a tuple if the replies are one. A chain without commands as far as the compiler
 * can see was filled in a loop, so that only its outcomes' form is known.
 */
export type Outcomes<Replies extends readonly unknown[]> = Replies extends readonly []
  ? Outcome[]
  : { -readonly [K in keyof Replies]: Outcome<Replies[K]> };
