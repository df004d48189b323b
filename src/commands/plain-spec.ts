import { encodeName } from '../protocol/encoder.ts';
import type { CommandSpec } from './command-spec.ts';

/**
 * The spec of a command of which nothing is known but its name and, if given, its {@link CommandFlag} bits: no keys and any number
 * of arguments. Its properties are those of the table's specs in the same order, so that code that reads specs sees one shape.
 */
export function plainSpec(name: string, flags = 0): CommandSpec {
  return {
    name,
    encodedName: encodeName(name),
    arity: -1,
    flags,
    onlyKeyAt: -1,
    keySpecs: [],
    requestPolicy: 'byKeys',
    responsePolicy: 'default',
    subcommands: undefined,
    transformReply: undefined,
  };
}
