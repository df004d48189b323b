import type { Command } from './command.ts';

/** How much waits unsent in all the lines of one client; every line counts its commands in and out. */
export class Backlog {
  /** About the size of these commands on the wire: characters of text, bytes of arrays. */
  bytes = 0;
}

/** What encoding adds to an argument of usual length, and to a command: `$12\r\n`, `\r\n`, `*3\r\n`. */
const FRAME = 7;

/** About how many bytes the command takes on the wire. */
export function sizeOf(command: Command): number {
  const { args } = command;
  let size = FRAME * (args.length + 1) + command.spec.encodedName.length + (command.prelude?.size ?? 0);
  for (let i = 0; i < args.length; i++) size += (args[i] as string | Uint8Array).length;
  return size;
}
