import { type CallSettings, Command, type CommandOrigin, type CommandOwner } from '../../src/commands/command.ts';
import type { CommandSpec } from '../../src/commands/command-spec.ts';
import { plainSpec } from '../../src/commands/plain-spec.ts';
import type { SlotwiseError } from '../../src/errors.ts';
import { nowMs } from '../../src/util/clock.ts';

/** An owner that keeps what it is told of instead of acting on it. */
export class RecordingOwner implements CommandOwner {
  pending = 0;
  readonly failures: { readonly command: Command; readonly error: SlotwiseError; readonly origin: CommandOrigin }[] =
    [];
  readonly fences: Command[] = [];

  onFailure(command: Command, error: SlotwiseError, origin: CommandOrigin): void {
    this.failures.push({ command, error, origin });
  }

  onFence(command: Command): void {
    this.fences.push(command);
  }
}

export interface MakeOptions {
  readonly owner?: CommandOwner;
  readonly spec?: CommandSpec;
  readonly args?: readonly (string | Uint8Array)[];
  readonly slot?: number;
  readonly sequence?: number;
  readonly settings?: Partial<CallSettings>;
  readonly asBuffers?: boolean;
}

/** A command of its own: PING, slot 0, 30 s, unless told. Its rejection counts as handled. */
export function makeCommand(options: MakeOptions = {}): Command {
  const { owner = new RecordingOwner(), spec = plainSpec('PING'), args = [], slot = 0, asBuffers = false } = options;
  const settings: CallSettings = {
    timeoutMs: 30_000,
    signal: undefined,
    readFrom: 'master',
    idempotent: false,
    ...options.settings,
  };
  const command = new Command(owner, spec, args, slot, settings, asBuffers, nowMs());
  command.sequence = options.sequence ?? 0;
  command.promise?.catch(() => undefined);
  return command;
}
