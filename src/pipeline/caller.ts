import type { Executor } from '../cluster/executor.ts';
import type { CallSettings } from '../commands/command.ts';
import type { CommandSpec } from '../commands/command-spec.ts';
import type { Script } from '../scripting/script.ts';

/** What a client, or a view of one, lends to the features that make calls on its behalf. */
export interface Caller {
  readonly executor: Executor;
  /** Put before every key; empty for none. */
  readonly keyPrefix: string;
  readonly settings: CallSettings;
  /** The scripts that have become methods, by the name of the method. */
  readonly scripts: ReadonlyMap<string, Script>;
  /** Does what the client's own method does; never throws. */
  send(spec: CommandSpec, args: unknown[], asBuffers: boolean): Promise<unknown>;
}
