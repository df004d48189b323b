import { encodeName } from '../protocol/encoder.ts';
import type { CommandSpec } from './command-spec.ts';

/** The spec of a command of which nothing is known but its name: no keys, any number of arguments, taken for a write. */
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
  };
}
