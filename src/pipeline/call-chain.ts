import type { CommandSpec } from '../commands/command-spec.ts';
import { findCommand, unknownSpec } from '../commands/command-table.ts';
import { CommandMethods } from '../commands/generated/methods.ts';
import type { ReplyShape, Shaped } from '../commands/shapes.ts';
import { UsageError } from '../errors.ts';
import { addScriptMethods, type ScriptMethods } from '../scripting/script-methods.ts';
import { Call } from './call.ts';
import type { Caller } from './caller.ts';

/** A command with its arguments, as the array form of `pipeline` and `multi` takes them: `['set', 'key', 'value']`. */
export type CallArray = readonly [name: string, ...args: unknown[]];

export interface CallChain<Shape extends ReplyShape> extends ScriptMethods<Shape> {}

/** Notes down calls, each command method returning the chain; subclasses say what `exec` does with them. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are there as soon as somebody may have declared them.
export abstract class CallChain<Shape extends ReplyShape> extends CommandMethods<Shape> {
  readonly #calls: Call[] = [];
  #isTaken = false;

  /** @internal */
  constructor(caller: Caller, calls: readonly CallArray[]) {
    super();
    if (caller.scripts.size > 0) {
      for (const [name, script] of caller.scripts) addScriptMethods(this, name, script, (call) => this.add(call));
    }
    for (const [name, ...args] of calls) {
      const script = caller.scripts.get(name);
      if (script === undefined) this.call(name, ...args);
      else this.add(script.note(args, false));
    }
  }

  /** How many commands it has. */
  get length(): number {
    return this.#calls.length;
  }

  protected send(spec: CommandSpec, args: unknown[], asBuffers: boolean): unknown {
    return this.add(new Call(spec, args, asBuffers));
  }

  /** Adds any command by its name. */
  call(name: string, ...args: unknown[]): Shaped<Shape, unknown> {
    return this.add(new Call(findCommand(name) ?? unknownSpec(name), args, false));
  }

  /** {@link call}, with the strings of the reply as Buffers. */
  callBuffer(name: string, ...args: unknown[]): Shaped<Shape, unknown> {
    return this.add(new Call(findCommand(name) ?? unknownSpec(name), args, true));
  }

  /**
   * Adds a call that was noted down elsewhere: by `command`, or by a script's `note`.
   *
   * ```ts
   * client.pipeline().add(command.get('a')).add(transfer.note('a', 'b', 5));
   * ```
   */
  add<Reply>(call: Call<Reply>): Shaped<Shape, Reply>;
  add(call: Call): unknown {
    this.#calls.push(call);
    return this;
  }

  /** The calls, once. @throws UsageError when they have been taken before. */
  protected takeCalls(): readonly Call[] {
    if (this.#isTaken) throw new UsageError('USAGE', 'exec() was called before: make a new pipeline or transaction');
    this.#isTaken = true;
    return this.#calls;
  }
}
