/** `shiplog ps`: the containers, now or as they were. */
import type { NativeSummary } from '../../api/openapi.gen.ts';
import { type Command, OK } from '../command.ts';
import { connect, parseFlags } from '../connect.ts';
import { columns, moment, painted, shortId } from '../layout.ts';
import { OptionError } from '../optionError.ts';

export const AT_FLAG = [
  '--at WHEN',
  'As it was: a position, RFC 3339, @SECONDS, or a duration ago (10m)',
] as const;

export const ps: Command = {
  name: 'ps',
  usage: 'ps [--at WHEN]',
  text: `Lists the containers with their states, all of them, stopped ones too. With --at as they
were at a position of the log or at an instant: those that were removed since are there, as they
were.

Exit status: 0 they were listed; 1 the daemon refused or does not answer.`,
  flags: [AT_FLAG],
  examples: ['shiplog ps', 'shiplog ps --at 2026-03-01T12:00:00Z', 'shiplog ps --at 1h'],
  async run(argv, around) {
    const { values, positionals } = parseFlags('ps', argv, { at: { type: 'string' } });
    if (positionals.length > 0)
      throw new OptionError("ps takes no names\nSee 'shiplog ps --help'.");
    const { client, json } = connect(values, around);
    const answer = await client.containers(values.at);
    around.print(json ? JSON.stringify(answer) : shown(answer.containers, around.terminal));
    return OK;
  },
};

export function exitWords({ exitCode, exitKnown, finishedAt }: NativeSummary): string {
  if (finishedAt === null) return '';
  if (!exitKnown) return 'unknown';
  return exitCode === null ? '' : String(exitCode);
}

const since = ({ startedAt, finishedAt, createdAt, pid }: NativeSummary): string =>
  moment((pid > 0 ? startedAt : (finishedAt ?? startedAt)) ?? createdAt);

/** Everything that `ps` says, as text. */
export function shown(list: readonly NativeSummary[], terminal: boolean): string {
  const head = ['CONTAINER', 'NAME', 'IMAGE', 'STATE', 'RUN', 'EXIT', 'SINCE', 'COMMAND'];
  const rows = list.map((one) => {
    const { id, name, image, state, health, run, command } = one;
    const word = health === null ? state : `${state} (${health})`;
    const line = command.join(' ');
    const short = line.length > 40 ? `${line.slice(0, 39)}…` : line;
    return [shortId(id), name, image, word, String(run), exitWords(one), since(one), short];
  });
  return painted(
    columns([head, ...rows]),
    rows.map((row) => row[3] ?? ''),
    terminal,
  );
}
