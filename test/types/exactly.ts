import type { CommandMethods } from '../../src/commands/generated/methods.ts';
import type { PromiseShape } from '../../src/commands/shapes.ts';

/*
 * Type tests are compiled and never run: a call that should compile stands as it is, `exactly<T>()(call)` also says what the call
 * resolves to, and a call that must not compile stands below `@ts-expect-error`.
 */

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Does not compile unless the promise resolves to `Expected` and to nothing wider or narrower. */
export declare function exactly<Expected>(): <Actual>(
  promise: Promise<Actual>,
  ...difference: Same<Actual, Expected> extends true ? [] : [expected: Expected, actual: Actual]
) => void;

export declare const client: CommandMethods<PromiseShape>;
export declare const bytes: Buffer;
export declare const text: string;
export declare const texts: string[];
export declare const numbers: number[];
export declare const mixed: (string | number)[];
