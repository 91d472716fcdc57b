/** Help as text, out of what each command says of itself. */
import { type Command, DEFAULT_HOST } from './command.ts';
import type { Listed } from './commands.ts';
import { wrapped } from './layout.ts';

const HOST = [
  '-H, --host ADDRESS',
  'The daemon: unix:///PATH or tcp://127.0.0.1:PORT (default: DOCKER_HOST)',
] as const;

const SHARED = [
  ['--format json', 'As JSON, for scripts'],
  ['-h, --help', 'Print this'],
] as const;

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('');
}

export function generalHelp(commands: readonly Listed[]): string {
  return `Usage: shiplog COMMAND

What docker has no command for. All else is docker's own command, pointed at the same daemon:
DOCKER_HOST names it for both, or -H; shiplog's default is ${DEFAULT_HOST}.

The daemon keeps a log. What happened is a fact in it, and a fact's place is its position: what you
ask about the past, you can ask by position or by time.

Commands:
${table(commands.map(({ name, summary }) => [name, summary]))}
Exit status: 0 all is well, 1 the command failed, 2 something differs or needs you.

To begin with: 'shiplog ps', and 'shiplog why CONTAINER' for one that is not as you expect.

Run 'shiplog COMMAND --help' for more on one of them.
`;
}

export function helpOf(command: Command): string {
  const { usage, text, flags, examples, ownHelp, offline } = command;
  const shared = offline === true ? SHARED : [HOST, ...SHARED];
  const shown = ownHelp === true ? flags : [...flags, ...shared];
  const lines = examples.map((example) => `  ${example}\n`).join('');
  const paragraphs = text.split('\n\n').map((one) => wrapped(one.replaceAll('\n', ' ')));
  const told = paragraphs.join('\n\n');
  return `Usage: shiplog ${usage}\n\n${told}\n\nOptions:\n${table(shown)}\nExamples:\n${lines}`;
}
