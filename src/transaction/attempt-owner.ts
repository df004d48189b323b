import { decideRetry } from '../cluster/retry.ts';
import type { CallSettings, Command, CommandOrigin, CommandOwner } from '../commands/command.ts';
import { factsOf } from '../commands/command-error.ts';
import { addFacts, CommandAbortedError, type SlotwiseError } from '../errors.ts';

/**
 * Owns the commands of one attempt of a watch: they mean its one connection, so none is sent again alone. What the executor
 * would try again makes the whole attempt begin again.
 */
export class AttemptOwner implements CommandOwner {
  pending = 0;
  /** The errors after which the attempt is to begin again; nothing has been executed. */
  readonly restarts = new Set<unknown>();
  readonly #settings: CallSettings;

  constructor(settings: CallSettings) {
    this.#settings = settings;
  }

  onFailure(command: Command, failure: SlotwiseError, origin: CommandOrigin): void {
    const error = command.prelude === undefined ? failure : command.prelude.explain(failure);
    const { signal, idempotent: isIdempotent } = this.#settings;
    if (signal?.aborted === true) {
      const facts = factsOf(command, error.executed, origin.address, signal.reason);
      command.reject(new CommandAbortedError('ABORTED', `${command.spec.name} was aborted by its caller`, facts));
      return;
    }
    const { spec, slot, hops, attempts } = command;
    addFacts(error, factsOf(command, error.executed, origin.address));
    const decision = decideRetry(error, { spec, slot, isIdempotent, hops, attempts });
    if (decision.kind === 'redirect' || decision.kind === 'retry') this.restarts.add(error);
    command.reject(error);
  }

  onFence(): void {}
}
