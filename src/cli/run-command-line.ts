import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { adviceOn } from '../admin/node-link.ts';
import { SlotwiseError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { type GivenOptions, Invocation } from './command-line.ts';
import { type CommandRow, commandTable, type OptionRow } from './command-table.ts';
import type { Terminal } from './terminal.ts';

/**
 * Runs the command that the arguments name and resolves with its exit code: 0, 1 when it failed or found something wrong, 2
 * when the arguments cannot be right. Never throws; never prints a password.
 * @param words without the program's name.
 */
export async function runCommandLine(words: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode = 0;
  const program = new Command('slotwise')
    .description('Create, check and run Redis and Valkey clusters.')
    .version(VERSION)
    .showHelpAfterError("(slotwise <command> --help tells how it's done)");
  for (const row of commandTable) {
    const command = program.command(row.name).summary(row.summary).description(sentence(row.summary));
    if (row.operands !== '') command.argument(row.operands, row.operandSummary);
    for (const option of row.options) addOption(command, option);
    command.action(async () => {
      const operands = command.args;
      exitCode = await perform(row, new Invocation(terminal, operands, command.opts<GivenOptions>()));
    });
  }
  for (const command of [program, ...program.commands]) redirect(command, terminal);
  try {
    await program.parseAsync([...words], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
}

function redirect(command: Command, terminal: Terminal): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => terminal.stdout.write(text),
    writeErr: (text) => terminal.stderr.write(text),
  });
}

function addOption(command: Command, row: OptionRow): void {
  if (row.value === 'none' || row.value === 'text') command.option(row.flags, row.summary);
  else
    command.option(row.flags, row.summary, (text: string) =>
      wholeNumber(text, row.value === 'port' ? 65_535 : 100_000),
    );
}

function wholeNumber(text: string, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= most) return number;
  throw new InvalidArgumentError(`It must be a whole number from 0 to ${most}.`);
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

async function perform(row: CommandRow, invocation: Invocation): Promise<number> {
  try {
    return await row.run(invocation);
  } catch (error) {
    // Anything but our own errors is a mistake in this program: it must not look like one of the cluster.
    if (!(error instanceof SlotwiseError)) throw error;
    invocation.terminal.stderr.write(`[ERR] ${error.message}${adviceOn(error)}\n`);
    invocation.give({ ok: false, error: { code: error.code, message: error.message } });
    return error.code === 'USAGE' ? 2 : 1;
  }
}
