import { keepBytes } from '../commands/arguments.ts';
import type { CommandSpec } from '../commands/command-spec.ts';
import { findCommand, unknownSpec } from '../commands/command-table.ts';
import { CommandMethods } from '../commands/generated/methods.ts';
import type { ReplyShape } from '../commands/shapes.ts';
import type { Script } from '../scripting/script.ts';

/**
 * One call of one command, noted down and not made: an element of a batch, a transaction or a pipeline. It knows the type of
 * its reply, belongs to no client, and may be used any number of times.
 */
export class Call<Reply = unknown> {
  /** Exists for the compiler only. */
  declare readonly reply?: Reply;
  readonly spec: CommandSpec;
  readonly args: unknown[];
  readonly asBuffers: boolean;
  /** The script that it runs, if that is to be loaded where it is missing. */
  readonly script: Script | undefined;

  /** @internal */
  constructor(spec: CommandSpec, args: unknown[], asBuffers: boolean, script?: Script) {
    this.spec = spec;
    // A note is sent later than it is made: few bytes are its own from here on, as those of a call are.
    this.args = args.map((arg) => (arg instanceof Uint8Array ? keepBytes(arg) : arg));
    this.asBuffers = asBuffers;
    this.script = script;
  }
}

/** The replies of a list of calls, in order: a tuple if the list is one. */
export type RepliesOf<Calls extends readonly Call[]> = {
  -readonly [K in keyof Calls]: Calls[K] extends Call<infer Reply> ? Reply : never;
};

/** The shape of {@link command}: a note of the call. */
export interface CallShape extends ReplyShape {
  readonly returns: Call<this['reply']>;
}

/** Every command as a method that notes the call down instead of making it; see {@link command}. */
export class CallNotes extends CommandMethods<CallShape> {
  protected send(spec: CommandSpec, args: unknown[], asBuffers: boolean): Call {
    return new Call(spec, args, asBuffers);
  }

  /** Notes down any command by its name. */
  call(name: string, ...args: unknown[]): Call {
    return this.send(findCommand(name) ?? unknownSpec(name), args, false);
  }

  /** {@link call}, with the strings of the reply as Buffers. */
  callBuffer(name: string, ...args: unknown[]): Call {
    return this.send(findCommand(name) ?? unknownSpec(name), args, true);
  }
}

/**
 * Every command as a method that notes the call down, typed, for `batch` and `transaction`:
 *
 * ```ts
 * import { command } from 'slotwise';
 *
 * const [name, visits] = await client.batch([command.get('user:42:name'), command.incr('visits')]);
 * ```
 */
export const command: CallNotes = new CallNotes();
