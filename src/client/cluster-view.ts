import type { CallSettings } from '../commands/command.ts';
import type { CommandSpec } from '../commands/command-spec.ts';
import { findCommand, unknownSpec } from '../commands/command-table.ts';
import { CommandMethods } from '../commands/generated/methods.ts';
import type { PromiseShape } from '../commands/shapes.ts';
import { type CallTarget, sendCall } from './call.ts';
import { type CallOptions, callSettings } from './options.ts';

/**
 * The commands of a cluster under certain call settings: what {@link ClusterClient} is, and what `with` gives. A view costs one
 * small object; it shares connections, order and topology with its client.
 */
export class ClusterView extends CommandMethods<PromiseShape> {
  readonly #target: CallTarget;
  readonly #settings: CallSettings;

  /** @internal */
  constructor(target: CallTarget, settings: CallSettings) {
    super();
    this.#target = target;
    this.#settings = settings;
  }

  protected send(spec: CommandSpec, args: unknown[], asBuffers: boolean): Promise<unknown> {
    return sendCall(this.#target, spec, args, this.#settings, asBuffers);
  }

  /**
   * The same client with other settings for the calls made through it.
   *
   * ```ts
   * const quick = client.with({ timeoutMs: 200 });
   * await quick.get('user:42');
   * ```
   * @throws UsageError naming the setting that cannot be right.
   */
  with(options: CallOptions): ClusterView {
    return new ClusterView(this.#target, callSettings(this.#settings, options));
  }

  /**
   * Sends any command by its name, with its arguments in the order of its documentation. A command that slotwise knows goes
   * where its keys belong; one that it does not know goes to any node.
   *
   * ```ts
   * await client.call('OBJECT', 'ENCODING', 'user:42');
   * ```
   */
  call(name: string, ...args: unknown[]): Promise<unknown> {
    return this.send(findCommand(name) ?? unknownSpec(name), args, false);
  }

  /** {@link call}, with the strings of the reply as Buffers. */
  callBuffer(name: string, ...args: unknown[]): Promise<unknown> {
    return this.send(findCommand(name) ?? unknownSpec(name), args, true);
  }
}
