import type { AnyArgument, Integer, Key } from '../commands/argument-types.ts';
import type { Call } from '../pipeline/call.ts';
import type { Caller } from '../pipeline/caller.ts';
import { issueCall } from '../pipeline/issue-call.ts';
import { Script } from './script.ts';

/** Options of `defineScript`. */
export interface ScriptOptions<Reply = unknown, Keys extends number | undefined = number | undefined> {
  /** How many keys the script has: the first so many arguments. Undefined: each call gives the number as its first argument. */
  readonly keys?: Keys;
  /** It writes nothing: then it may be repeated when a connection is lost, and go to replicas (`readFrom`). Default: false. */
  readonly readOnly?: boolean | undefined;
  /** The strings of the reply come as Buffers. Default: false. */
  readonly asBuffers?: boolean | undefined;
  /** Turns the reply into what callers get, and so gives it its type. What it throws rejects the call. */
  readonly parse?: ((reply: unknown) => Reply) | undefined;
}

type KeysOf<Count extends number, Keys extends Key[] = []> = number extends Count
  ? Key[]
  : Keys['length'] extends Count
    ? Keys
    : KeysOf<Count, [...Keys, Key]>;

/** What a script is called with: its keys, then its arguments; before them the number of keys if it is not fixed. */
export type ScriptArguments<Keys extends number | undefined> = Keys extends number
  ? [...keys: KeysOf<Keys>, ...args: AnyArgument[]]
  : [numberOfKeys: Integer, ...keysAndArgs: AnyArgument[]];

/** A script as a function; see `ClusterView.defineScript`. */
export interface DefinedScript<Reply, Keys extends number | undefined> {
  (...args: ScriptArguments<Keys>): Promise<Reply>;
  /** Notes the call down instead of making it: for `batch`, `transaction`, and `add` of pipelines and MULTI. */
  note(...args: ScriptArguments<Keys>): Call<Reply>;
  /** SHA-1 of the text, as EVALSHA takes it. */
  readonly sha: string;
}

export function defineScript<Reply, Keys extends number | undefined>(
  caller: Caller,
  lua: string,
  options: ScriptOptions<Reply, Keys>,
): DefinedScript<Reply, Keys> {
  const { asBuffers = false, ...facts } = options;
  const script = new Script(lua, facts);
  // `parse` made the reply what the caller says it is.
  const note = (...args: readonly unknown[]): Call<Reply> => script.note(args, asBuffers) as Call<Reply>;
  const run = (...args: readonly unknown[]): Promise<Reply> => callOnce(caller, note(...args));
  return Object.assign(run, { note, sha: script.sha });
}

/** Makes one call. */
export function callOnce<Reply>(caller: Caller, call: Call<Reply>): Promise<Reply> {
  return new Promise((resolve, reject) => {
    issueCall(caller, call, (reply) => resolve(reply as Reply), reject);
  });
}
