#!/usr/bin/env node
import { runCommandLine } from './run-command-line.ts';
import { processTerminal } from './terminal.ts';

// Unless told otherwise by the time that nothing is left to wait for.
process.exitCode = 1;
void runCommandLine(process.argv.slice(2), processTerminal()).then((exitCode) => {
  process.exitCode = exitCode;
});
