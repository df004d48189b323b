import type { Invocation } from './command-line.ts';
import { runCreate } from './create-command.ts';
import { runDev } from './dev-command.ts';
import { runCheck, runInfo } from './inspect-commands.ts';

/** One option; what its value must be decides how it is read. */
export interface OptionRow {
  /** `--replicas <count>`, in the notation of the help. */
  readonly flags: string;
  readonly summary: string;
  readonly value: 'none' | 'text' | 'count' | 'port';
}

/** One command: the row decides how it is found, what it takes, and what the help says. */
export interface CommandRow {
  readonly name: string;
  readonly summary: string;
  /** `<address>` for exactly one, `<address...>` for one or more. */
  readonly operands: string;
  readonly operandSummary: string;
  readonly options: readonly OptionRow[];
  /** Runs it and gives the exit code. */
  readonly run: (invocation: Invocation) => Promise<number>;
}

const json: OptionRow = { flags: '--json', summary: 'print one JSON document on standard output', value: 'none' };
const replicas: OptionRow = { flags: '--replicas <count>', summary: 'replicas of each master', value: 'count' };
const access: readonly OptionRow[] = [
  { flags: '--user <name>', summary: 'ACL user of the nodes', value: 'text' },
  {
    flags: '--pass <password>',
    summary: 'password of the nodes (better: environment SLOTWISE_PASSWORD)',
    value: 'text',
  },
  { flags: '--tls', summary: 'speak TLS to the nodes', value: 'none' },
  { flags: '--ca <file>', summary: 'trust the certificates in this PEM file (implies --tls)', value: 'text' },
];

/** Every command of the tool, in the order in which the help lists them. */
export const commandTable: readonly CommandRow[] = [
  {
    name: 'create',
    summary: 'make one cluster of empty nodes',
    operands: '<address...>',
    operandSummary: 'host:port of every node',
    options: [
      replicas,
      { flags: '--yes', summary: 'do not ask before changing anything', value: 'none' },
      { flags: '--timeout <seconds>', summary: 'how long nodes may take to join (60)', value: 'count' },
      ...access,
      json,
    ],
    run: runCreate,
  },
  {
    name: 'check',
    summary: 'look for anything wrong with a cluster, from the view of each of its nodes',
    operands: '<address>',
    operandSummary: 'host:port of any one node',
    options: [...access, json],
    run: runCheck,
  },
  {
    name: 'info',
    summary: 'show the nodes of a cluster with their keys, slots and replicas',
    operands: '<address>',
    operandSummary: 'host:port of any one node',
    options: [...access, json],
    run: runInfo,
  },
  {
    name: 'dev',
    summary: 'run a real cluster on this machine until Ctrl-C',
    operands: '',
    operandSummary: '',
    options: [
      { flags: '--nodes <count>', summary: 'all nodes, replicas included (6)', value: 'count' },
      { ...replicas, summary: 'replicas of each master (1)' },
      { flags: '--base-port <port>', summary: "the first node's port (7000)", value: 'port' },
      { flags: '--dir <folder>', summary: 'where the files go (./redis-cluster)', value: 'text' },
      { flags: '--persist', summary: 'keep the files, and use those that an earlier run has kept', value: 'none' },
      {
        flags: '--server <path>',
        summary: 'the server program (else SLOTWISE_SERVER, redis-server, valkey-server)',
        value: 'text',
      },
      {
        flags: '--pass <password>',
        summary: 'the password that nodes ask for (or environment SLOTWISE_PASSWORD)',
        value: 'text',
      },
      json,
    ],
    run: runDev,
  },
];
