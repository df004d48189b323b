import { encodeName } from '../protocol/encoder.ts';
import {
  CommandFlag,
  type CommandSpec,
  type KeySpec,
  type RequestPolicy,
  type ResponsePolicy,
} from './command-spec.ts';
import { commandLines, keySpecLists } from './generated/table.ts';
import { plainSpec } from './plain-spec.ts';
import { replyTransforms } from './reply-transforms.ts';

/** Container specs are filled while the table is read, afterwards nobody writes to them. */
type MutableSubcommands = Map<string, CommandSpec>;

const specsByName = new Map<string, CommandSpec>();
readTable();

/** The spec of a top-level command, whatever its case; undefined for commands that no known server has. */
export function findCommand(name: string): CommandSpec | undefined {
  return specsByName.get(name) ?? specsByName.get(name.toUpperCase());
}

/** The spec of a top-level command that the table is known to have; for generated code. */
export function specNamed(name: string): CommandSpec {
  const spec = specsByName.get(name);
  if (spec === undefined) throw new Error(`no such command in the table: ${name}`);
  return spec;
}

/** All top-level commands, sorted by name. */
export function allCommands(): Iterable<CommandSpec> {
  return specsByName.values();
}

/** The subcommand's spec if `spec` is a container that has the one named by `args[0]`, else `spec` itself. */
export function resolveSpec(spec: CommandSpec, args: readonly unknown[]): CommandSpec {
  const subcommands = spec.subcommands;
  if (subcommands === undefined || args.length === 0) return spec;
  const first = args[0];
  if (typeof first === 'string') return subcommands.get(first) ?? subcommands.get(first.toLowerCase()) ?? spec;
  if (first instanceof Uint8Array) return subcommands.get(Buffer.from(first).toString('latin1').toLowerCase()) ?? spec;
  return spec;
}

/**
 * A spec for a command that the table does not have: any number of arguments, taken for a write (so that it is never executed
 * twice), without keys, so that it goes to any node unless the caller says where.
 */
export function unknownSpec(name: string): CommandSpec {
  return plainSpec(name.toUpperCase(), CommandFlag.write);
}

function readTable(): void {
  for (const line of commandLines.split('\n')) {
    const [name = '', arity, flags, keySpecs, request, response] = line.split(',');
    const space = name.indexOf(' ');
    const spec = makeSpec(
      name,
      space < 0 ? name : name.slice(0, space),
      Number(arity),
      Number(flags),
      keySpecLists[Number(keySpecs)] ?? [],
      // The generator writes these words only.
      request as RequestPolicy | undefined,
      response as ResponsePolicy | undefined,
    );
    if (space < 0) specsByName.set(name, spec);
    else addSubcommand(name.slice(0, space), name.slice(space + 1).toLowerCase(), spec);
  }
}

function addSubcommand(container: string, name: string, spec: CommandSpec): void {
  const parent = specNamed(container);
  if (parent.subcommands !== undefined) {
    (parent.subcommands as MutableSubcommands).set(name, spec);
    return;
  }
  specsByName.set(container, { ...parent, subcommands: new Map([[name, spec]]) });
}

/** Properties in the order of {@link plainSpec}, so that code that reads specs sees one shape only. */
function makeSpec(
  name: string,
  wireName: string,
  arity: number,
  flags: number,
  keySpecs: readonly KeySpec[],
  requestPolicy: RequestPolicy = 'byKeys',
  responsePolicy: ResponsePolicy = 'default',
): CommandSpec {
  return {
    name,
    encodedName: encodeName(wireName),
    arity,
    flags,
    onlyKeyAt: onlyKeyPosition(keySpecs),
    keySpecs,
    requestPolicy,
    responsePolicy,
    subcommands: undefined,
    transformReply: replyTransforms.get(name),
  };
}

function onlyKeyPosition(keySpecs: readonly KeySpec[]): number {
  const only = keySpecs.length === 1 ? keySpecs[0] : undefined;
  if (only?.begin.type !== 'index' || only.find.type !== 'range' || only.find.lastKey !== 0) return -1;
  return only.begin.index - 1;
}
