import { CommandMethods } from '../commands/generated/methods.ts';
import { UsageError } from '../errors.ts';
import { Script } from './script.ts';

/** Options of `defineCommand` and of the client's option `scripts`, by the names that users of ioredis know. */
export interface CustomCommandOptions {
  readonly lua: string;
  /** The first so many arguments are keys. Undefined: each call gives the number as its first argument. */
  readonly numberOfKeys?: number | undefined;
  /** It writes nothing: then it may be repeated when a connection is lost, and go to replicas (`readFrom`). Default: false. */
  readonly readOnly?: boolean | undefined;
}

/** What pipelines and transactions have beside the commands, and what would make a promise of the object. */
const taken: ReadonlySet<string> = new Set(['add', 'discard', 'exec', 'length', 'then']);

/** The script of a method called `name`. @throws UsageError when there is such a method already, or the facts cannot be right. */
export function customCommand(name: string, { lua, numberOfKeys, readOnly }: CustomCommandOptions): Script {
  if (taken.has(name) || name in CommandMethods.prototype) throw nameTaken(name);
  return new Script(lua, { keys: numberOfKeys, readOnly });
}

export function nameTaken(name: string): UsageError {
  return new UsageError('USAGE', `a script cannot be called ${name}: there is a method of that name`);
}
