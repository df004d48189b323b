/**
 * What a command method returns, as a function from the reply's type: `Promise<Reply>` for a client, the chain itself for a
 * pipeline, a description of the call for a batch. TypeScript has no type parameters that take parameters, so a shape is an
 * interface whose `returns` is written in terms of `this['reply']`; {@link Shaped} fills the reply in.
 *
 * ```ts
 * interface ChainShape<Done extends readonly unknown[]> extends ReplyShape {
 *   readonly returns: Chain<[...Done, this['reply']]>;
 * }
 * class Chain<Done extends readonly unknown[]> extends CommandMethods<ChainShape<Done>> { … }
 * ```
 *
 * Whoever adds a feature declares its shape beside it; nothing here has to know.
 */
export interface ReplyShape {
  readonly reply: unknown;
  readonly returns: unknown;
}

/** What a method with this reply returns in the given shape. */
export type Shaped<Shape extends ReplyShape, Reply> = (Shape & { readonly reply: Reply })['returns'];

/** The shape of the client, of its views and of single nodes: a promise of the reply. */
export interface PromiseShape extends ReplyShape {
  readonly returns: Promise<this['reply']>;
}
