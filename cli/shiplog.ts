#!/usr/bin/env node
/** The `shiplog` command: finds the subcommand, runs it, and exits with its status. */
import { ClientError } from './client.ts';
import { COMMANDS } from './commands.ts';
import { generalHelp, helpOf } from './help.ts';
import { OptionError } from './optionError.ts';

async function main(argv: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = argv;
  if (['help', '--help', '-h'].includes(name)) return help(rest[0]);
  const command = COMMANDS.find((one) => one.name === name);
  if (command === undefined) {
    throw new OptionError(`there is no command ${JSON.stringify(name)}\nSee 'shiplog --help'.`);
  }
  if (command.ownHelp !== true && rest.some((word) => word === '--help' || word === '-h')) {
    return help(name);
  }
  return await command.run(rest, {
    print: (text) => void process.stdout.write(text.endsWith('\n') ? text : `${text}\n`),
    env: process.env,
  });
}

function help(name: string | undefined): number {
  const command = COMMANDS.find((one) => one.name === name);
  process.stdout.write(command === undefined ? generalHelp(COMMANDS) : helpOf(command));
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ClientError) && !(error instanceof OptionError)) throw error;
  process.stderr.write(`shiplog: ${error.message}\n`);
  process.exitCode = 1;
}
