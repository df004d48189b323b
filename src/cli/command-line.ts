import { readFileSync } from 'node:fs';
import type { AccessOptions } from '../admin/node-link.ts';
import { UsageError } from '../errors.ts';
import type { Terminal } from './terminal.ts';

/** The options of all commands together, as the command line gave them. */
export interface GivenOptions {
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly replicas?: number;
  readonly user?: string;
  readonly pass?: string;
  readonly tls?: boolean;
  readonly ca?: string;
  readonly timeout?: number;
  readonly nodes?: number;
  readonly basePort?: number;
  readonly dir?: string;
  readonly persist?: boolean;
  readonly server?: string;
}

/** One run of one command. */
export class Invocation {
  readonly terminal: Terminal;
  readonly operands: readonly string[];
  readonly options: GivenOptions;

  constructor(terminal: Terminal, operands: readonly string[], options: GivenOptions) {
    this.terminal = terminal;
    this.operands = operands;
    this.options = options;
  }

  /** The operand at this place, which the table guarantees to be there. */
  operand(index: number): string {
    const operand = this.operands[index];
    if (operand === undefined) throw new UsageError('USAGE', 'an address is missing: host:port');
    return operand;
  }

  /** How to reach the nodes. A password in the environment keeps it out of the list of processes. */
  access(): AccessOptions {
    const { user, pass, tls, ca } = this.options;
    const password = pass ?? this.terminal.environment['SLOTWISE_PASSWORD'];
    if (user !== undefined && password === undefined) {
      throw new UsageError('USAGE', '--user needs a password: give --pass or set SLOTWISE_PASSWORD');
    }
    return {
      username: user,
      password: password === '' ? undefined : password,
      tls: ca === undefined ? tls : { ca: readCertificates(ca) },
    };
  }

  /** Text for a person: on standard output, unless that is reserved for JSON. */
  say(lines: readonly string[]): void {
    for (const line of lines) this.write(`${line}\n`);
  }

  write(text: string): void {
    (this.options.json === true ? this.terminal.stderr : this.terminal.stdout).write(text);
  }

  /** The outcome for programs, if they asked for it: the only thing on standard output then. */
  give(outcome: object): void {
    if (this.options.json === true) this.terminal.stdout.write(`${JSON.stringify(outcome, undefined, 2)}\n`);
  }
}

function readCertificates(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError('USAGE', `--ca: ${error instanceof Error ? error.message : String(error)}`);
  }
}
