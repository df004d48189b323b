import { createHash } from 'node:crypto';
import { foreverSettings } from '../commands/call-settings.ts';
import { Command, type Prelude } from '../commands/command.ts';
import type { CommandSpec } from '../commands/command-spec.ts';
import { specNamed } from '../commands/command-table.ts';
import { DirectOwner } from '../commands/direct-owner.ts';
import { plainSpec } from '../commands/plain-spec.ts';
import { type SlotwiseError, UsageError } from '../errors.ts';
import { Call } from '../pipeline/call.ts';
import { nowMs } from '../util/clock.ts';

/** What a script is made of, beside its text. */
export interface ScriptFacts {
  /** How many of its arguments are keys; undefined if each call says so by its first argument. */
  readonly keys?: number | undefined;
  /** It writes nothing: it runs by EVALSHA_RO, may be repeated, and may go to replicas. */
  readonly readOnly?: boolean | undefined;
  /** Makes of the reply what callers get. */
  readonly parse?: ((reply: unknown) => unknown) | undefined;
}

const loader = new DirectOwner();
const loadSpec = plainSpec('SCRIPT');
const ignore = (): void => {};

/**
 * A Lua script that every node gets when it first needs it: on each connection SCRIPT LOAD goes right before its first
 * EVALSHA, in the same write. So it runs in its place among the other commands, and after a failover, a restart or on a node
 * that has just joined, which all mean new connections.
 */
export class Script implements Prelude {
  /** All calls share the text. */
  readonly size = 0;
  readonly text: string;
  readonly sha: string;
  readonly spec: CommandSpec;
  readonly #textSpec: CommandSpec;
  readonly #keys: number | undefined;

  /** @throws UsageError when the text is no string or the number of keys no number. */
  constructor(text: string, { keys, readOnly = false, parse }: ScriptFacts = {}) {
    if (typeof text !== 'string') throw new UsageError('USAGE', 'a script is a string of Lua');
    if (keys !== undefined && !(Number.isInteger(keys) && keys >= 0)) {
      throw new UsageError(
        'USAGE',
        'the number of keys of a script: a whole number, or undefined if each call gives it',
      );
    }
    this.text = text;
    this.sha = createHash('sha1').update(text).digest('hex');
    this.#keys = keys;
    this.spec = { ...specNamed(readOnly ? 'EVALSHA_RO' : 'EVALSHA'), transformReply: parse };
    this.#textSpec = { ...specNamed(readOnly ? 'EVAL_RO' : 'EVAL'), transformReply: parse };
  }

  /** A call of the script by its hash. `args` are keys and arguments in order; before them the number of keys if it is not fixed. */
  note(args: readonly unknown[], asBuffers: boolean): Call {
    const counted = this.#keys === undefined ? args : [String(this.#keys), ...args];
    return new Call(this.spec, [this.sha, ...counted], asBuffers, this);
  }

  /** The same call with the text instead of the hash: for where nothing can be loaded before it, or loading did not help. */
  withText(call: Call): Call {
    return new Call(this.#textSpec, [this.text, ...call.args.slice(1)], call.asBuffers);
  }

  commandsFor(_command: Command, known: Set<string>): readonly Command[] {
    if (known.has(this.sha)) return [];
    known.add(this.sha);
    const args = ['LOAD', this.text];
    // Its reply says nothing that the reply of the EVALSHA behind it does not.
    return [new Command(loader, loadSpec, args, -1, foreverSettings, false, nowMs(), ignore, ignore)];
  }

  explain(error: SlotwiseError): SlotwiseError {
    return error;
  }
}
