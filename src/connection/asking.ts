import { foreverSettings } from '../commands/call-settings.ts';
import { Command } from '../commands/command.ts';
import { DirectOwner } from '../commands/direct-owner.ts';
import { plainSpec } from '../commands/plain-spec.ts';

const ignore = (): void => {};
let asking: Command | undefined;

/**
 * The ASKING that goes before a command to an importing node. One object serves all connections: it has no arguments, its
 * reply tells nothing that the reply behind it does not, and settling it does nothing.
 */
export function askingCommand(): Command {
  asking ??= new Command(new DirectOwner(), plainSpec('ASKING'), [], -1, foreverSettings, false, 0, ignore, ignore);
  return asking;
}
