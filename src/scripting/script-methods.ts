import type { Call } from '../pipeline/call.ts';
import type { Script } from './script.ts';

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
