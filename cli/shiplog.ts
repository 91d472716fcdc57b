#!/usr/bin/env node
/** The `shiplog` command: finds the subcommand, runs it, and exits with its status. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { COMMANDS } from './commands.ts';
import { generalHelp, helpOf } from './help.ts';
import { OptionError } from './optionError.ts';

/** Clears the line, on a terminal. */
const ERASE = '\r\x1b[K';

/** As docker has it, which daemon is asked may stand before the command, too. */
function hostBehind(argv: readonly string[]): readonly string[] {
  const [first = '', address, name, ...rest] = argv;
  const isHost = first === '-H' || first === '--host';
  return isHost && name !== undefined ? [name, first, address ?? '', ...rest] : argv;
}

/** Reads one file: this is asked for by scripts, and nothing else has to be loaded. */
function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')).version;
}

/** Whether a line of progress is on the terminal. */
let progressing = false;

function print(text: string): void {
  const { stdout, stderr } = process;
  if (progressing) stderr.write(ERASE);
  progressing = false;
  stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

function progress(text: string): void {
  const { stderr } = process;
  if (!stderr.isTTY || (text === '' && !progressing)) return;
  stderr.write(ERASE + text);
  progressing = text !== '';
}

async function main(argv: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = hostBehind(argv);
  if (['help', '--help', '-h'].includes(name)) return await help(rest[0]);
  if (['version', '--version', '-v'].includes(name)) {
    print(`shiplog version ${version()}`);
    return 0;
  }
  const listed = COMMANDS.find((one) => one.name === name);
  if (listed === undefined) {
    throw new OptionError(`there is no command ${JSON.stringify(name)}\nSee 'shiplog --help'.`);
  }
  const command = await listed.load();
  if (command.ownHelp !== true && rest.some((word) => word === '--help' || word === '-h')) {
    return await help(name);
  }
  const { stdout, env } = process;
  const terminal = stdout.isTTY === true && (env['NO_COLOR'] ?? '') === '';
  return await command.run(rest, { print, progress, pause, env, terminal });
}

async function pause(): Promise<void> {
  const { stdin } = process;
  if (stdin.readableEnded) return;
  stdin.resume();
  await Promise.race([once(stdin, 'data'), once(stdin, 'end')]);
  stdin.pause();
}

async function help(name: string | undefined): Promise<number> {
  const listed = COMMANDS.find((one) => one.name === name);
  const text = listed === undefined ? generalHelp(COMMANDS) : helpOf(await listed.load());
  process.stdout.write(text);
  return 0;
}

/** What is said in a sentence and not with a stack. By name: loading the classes takes its time. */
const TOLD = [
  'OptionError',
  'ClientError',
  'LogOpenError',
  'LogTooNewError',
  'NotALogError',
  'LogFileError',
];

// `shiplog events | head`: who reads no more has all that is wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Error) || !TOLD.includes(error.name)) throw error;
  if (progressing) progress('');
  process.stderr.write(`shiplog: ${error.message}\n`);
  process.exitCode = 1;
}
