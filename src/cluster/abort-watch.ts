import type { Command } from '../commands/command.ts';

interface Watched {
  readonly commands: Set<Command>;
  readonly listener: () => void;
}

/**
 * Hears of AbortSignals on behalf of commands: with one listener for each signal, however many commands are pending under it,
 * and none as soon as they are settled.
 */
export class AbortWatch {
  readonly #abort: (command: Command, signal: AbortSignal) => void;
  readonly #watched = new Map<AbortSignal, Watched>();

  constructor(abort: (command: Command, signal: AbortSignal) => void) {
    this.#abort = abort;
  }

  /** Calls `abort` for the command when the signal fires, at once if it has. The command is one that was made with a promise. */
  add(command: Command, signal: AbortSignal): void {
    if (signal.aborted) {
      this.#abort(command, signal);
      return;
    }
    const { commands } = this.#watched.get(signal) ?? this.#listen(signal);
    commands.add(command);
    const stop = (): void => this.#remove(command, signal);
    command.promise?.then(stop, stop);
  }

  #listen(signal: AbortSignal): Watched {
    const commands = new Set<Command>();
    const listener = (): void => {
      this.#watched.delete(signal);
      for (const command of commands) this.#abort(command, signal);
    };
    signal.addEventListener('abort', listener, { once: true });
    const watched = { commands, listener };
    this.#watched.set(signal, watched);
    return watched;
  }

  #remove(command: Command, signal: AbortSignal): void {
    const watched = this.#watched.get(signal);
    if (watched === undefined) return;
    watched.commands.delete(command);
    if (watched.commands.size > 0) return;
    signal.removeEventListener('abort', watched.listener);
    this.#watched.delete(signal);
  }
}
