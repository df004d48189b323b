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

/** Methods that a chain or a client has beside the commands. */
const taken: ReadonlySet<string> = new Set(
  (
    'constructor then add batch call callBuffer close connect connectTo counters defineCommand defineScript destroy discard ' +
    'disconnect exec length multi nodeFor nodes off on onAll once pending pipeline quit status topology transaction watch with'
  ).split(' '),
);

/** The script of a method called `name`. @throws UsageError when there is such a method already, or the facts cannot be right. */
export function customCommand(name: string, { lua, numberOfKeys, readOnly }: CustomCommandOptions): Script {
  if (taken.has(name) || name in CommandMethods.prototype) {
    throw new UsageError('USAGE', `a script cannot be called ${name}: there is a method of that name`);
  }
  return new Script(lua, { keys: numberOfKeys, readOnly });
}
