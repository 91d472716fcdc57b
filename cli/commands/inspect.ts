/** `shiplog inspect`: the life of a container, also when it is over. */
import type { NativeContainer, NativeRun } from '../../api/openapi.gen.ts';
import { type Command, OK } from '../command.ts';
import { about, connect, parseFlags } from '../connect.ts';
import { callerLine, columns, moment, shortId, waitingLine } from '../layout.ts';
import { OptionError } from '../optionError.ts';
import { AT_FLAG } from './ps.ts';

export const inspect: Command = {
  name: 'inspect',
  usage: 'inspect CONTAINER [--at WHEN]',
  text: `Tells the life of a container from the log: each state with who led to it, each run with
its exit code, when it ended and what shows it, what it waits for now, and who removed it.

CONTAINER is an id, a unique prefix of one, or the name of a container that is not removed. An exit
code that nobody can know is shown as unknown, with the evidence; docker shows it as 255. With --at
it is told as it was then, by the name that it had then.

Exit status: 0 it was found; 1 it was not, or the daemon does not answer.`,
  flags: [AT_FLAG],
  examples: ['shiplog inspect web', 'shiplog inspect 51168292037a --format json'],
  async run(argv, around) {
    const { values, positionals } = parseFlags('inspect', argv, { at: { type: 'string' } });
    const [ref] = positionals;
    if (ref === undefined || positionals.length > 1) {
      throw new OptionError("name one container\nSee 'shiplog inspect --help'.");
    }
    const { client, json } = connect(values, around);
    const answer = await about(ref, client.container(ref, values.at));
    around.print(json ? JSON.stringify(answer) : shown(answer));
    return OK;
  },
};

function runLine({ run, startedAt, pid, exit }: NativeRun): readonly string[] {
  const began = startedAt === null ? 'not known' : moment(startedAt);
  if (exit === null) return [`run ${run}`, began, `process ${pid}`, 'runs'];
  const code = exit.code === null ? 'exit unknown' : `exit ${exit.code}`;
  const ended = exit.at === null ? `recorded ${moment(exit.recordedAt)}` : moment(exit.at);
  const oom = exit.oomKilled ? ', out of memory' : '';
  return [`run ${run}`, began, ended, `${code}${oom} (${exit.evidence})`];
}

const unknownLine = (unknown: readonly string[]): string =>
  `made by somebody else; not known: ${unknown.join(', ')}`;

/** Everything that `inspect` says, as text. */
export function shown(answer: NativeContainer): string {
  const { id, name, image, command, state, createdAt, waitsFor, states, runs, removal } = answer;
  const head = [
    ['container', `${name} (${shortId(id)})`],
    ['image', image === '' ? 'not known' : image],
    ['command', command.join(' ')],
    ['created', moment(createdAt)],
    ['state', state],
    ...(waitsFor === null ? [] : [['waits for', waitingLine(waitsFor)]]),
    ...(answer.adopted === null ? [] : [['adopted', unknownLine(answer.adopted.unknown)]]),
    ...(removal === null ? [] : [['removal', removed(removal)]]),
  ];
  const life = states.map((one) => [
    `  ${one.position}`,
    moment(one.at),
    one.state,
    one.fact,
    callerLine(one.by),
  ]);
  const runLines = runs.map((run) =>
    runLine(run).map((cell, at) => (at === 0 ? `  ${cell}` : cell)),
  );
  return [
    columns(head),
    ...(runs.length === 0 ? [] : ['runs\n', columns(runLines)]),
    answer.shortened ? 'states, the newest\n' : 'states\n',
    columns(life),
  ].join('');
}

function removed({ askedAt, removedAt, reason, by }: NonNullable<NativeContainer['removal']>) {
  const who = by === null ? reason : callerLine(by);
  const end = removedAt === null ? 'under way' : `done ${moment(removedAt)}`;
  return `asked ${moment(askedAt)} by ${who}, ${end}`;
}
