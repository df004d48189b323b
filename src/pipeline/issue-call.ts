import { makeCommand } from '../cluster/call-routes.ts';
import { flattenArguments } from '../commands/arguments.ts';
import type { Command } from '../commands/command.ts';
import { CommandFlag, type CommandSpec, type WireArgument } from '../commands/command-spec.ts';
import { prefixKeys } from '../commands/keys.ts';
import { ReplyError } from '../errors.ts';
import type { Call } from './call.ts';
import type { Caller } from './caller.ts';

type Resolve = (reply: unknown) => void;
type Reject = (error: Error) => void;

/**
 * Makes a call as the client's method would, without a promise where none is needed. Never throws: what is wrong with the call
 * goes to `reject`.
 * @returns about how many bytes its arguments have.
 */
export function issueCall(caller: Caller, call: Call, resolve: Resolve, reject: Reject): number {
  const { script } = call;
  if (script === undefined) return issue(caller, call, resolve, reject);
  return issue(caller, call, resolve, (error) => {
    // SCRIPT FLUSH came between loading it and running it, or this user may not load: EVAL brings the text along.
    if (error instanceof ReplyError && error.code === 'NOSCRIPT') issue(caller, script.withText(call), resolve, reject);
    else reject(error);
  });
}

function issue(caller: Caller, call: Call, resolve: Resolve, reject: Reject): number {
  const { spec } = call;
  try {
    if (!isPlain(spec) && call.script === undefined) {
      caller.send(spec, call.args, call.asBuffers).then(resolve, reject);
      return 0;
    }
    let args: readonly WireArgument[] = flattenArguments(spec, call.args);
    if (caller.keyPrefix !== '') args = prefixKeys(spec, args, caller.keyPrefix);
    const { executor, settings } = caller;
    let command: Command;
    if (settings.signal === undefined) {
      command = makeCommand(executor, spec, args, settings, call.asBuffers, resolve, reject);
    } else {
      // Settling its promise is what takes the command's listener off the signal.
      command = makeCommand(executor, spec, args, settings, call.asBuffers);
      command.promise?.then(resolve, reject);
    }
    if (call.script !== undefined && spec === call.script.spec) command.prelude = call.script;
    executor.issue(command);
    return sizeOf(args);
  } catch (error) {
    reject(error as Error);
    return 0;
  }
}

/** It goes to the slot of its keys, or parts of it to theirs; everything else is left to the client's method. */
function isPlain(spec: CommandSpec): boolean {
  return (
    spec.keySpecs.length > 0 &&
    spec.subcommands === undefined &&
    (spec.flags & (CommandFlag.blocking | CommandFlag.connectionState)) === 0
  );
}

function sizeOf(args: readonly WireArgument[]): number {
  let size = 0;
  for (let i = 0; i < args.length; i++) size += (args[i] as WireArgument).length;
  return size;
}
