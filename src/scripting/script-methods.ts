import type { ReplyShape } from '../commands/shapes.ts';
import type { Call } from '../pipeline/call.ts';
import type { Script } from './script.ts';

declare const shape: unique symbol;

/**
 * The methods that scripts have become, for the compiler: empty until a program declares its own. They are then on the client,
 * its views, pipelines, transactions and watches.
 *
 * ```ts
 * declare module 'slotwise' {
 *   interface ScriptMethods<Shape extends ReplyShape> {
 *     transfer(from: string, to: string, amount: number): Shaped<Shape, number>;
 *   }
 * }
 * client.defineCommand('transfer', { numberOfKeys: 2, lua });
 * ```
 */
export interface ScriptMethods<Shape extends ReplyShape> {
  /** Uses the parameter, which declarations to come need; never there. */
  readonly [shape]?: Shape;
}

/** Gives `target` two methods for a script: `name`, and `nameBuffer` whose strings come as Buffers. */
export function addScriptMethods(target: object, name: string, script: Script, make: (call: Call) => unknown): void {
  for (const asBuffers of [false, true]) {
    Object.defineProperty(target, asBuffers ? `${name}Buffer` : name, {
      value: (...args: unknown[]) => make(script.note(args, asBuffers)),
      configurable: true,
      writable: true,
    });
  }
}
