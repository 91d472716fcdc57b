/** `shiplog events`: the facts of the log, as lines. */
import type { NativeEvent, NativeFact } from '../../api/openapi.gen.ts';
import { type Command, OK } from '../command.ts';
import { connect, parseFlags } from '../connect.ts';
import { callerLine, coloured, moment } from '../layout.ts';
import { OptionError } from '../optionError.ts';

export const events: Command = {
  name: 'events',
  usage: 'events [--from POSITION | --time TIME | --now] [--follow] [FILTERS]',
  text: `Prints the facts of the log: position, time, stream, fact, the state after it, and who
asked. Each position comes exactly once and in order, also when the daemon dies and comes back
while they are followed. Without a beginning it prints all there is.

Each filter may be given several times: one of its values has to fit, and all filters have to.
Labels all have to fit. docker events shows the same history in Docker's words.

Exit status: 0 all that was asked for was printed; 1 the daemon refused or does not answer.`,
  flags: [
    ['--from POSITION', 'Begin with this position'],
    ['--time TIME', 'Begin with this instant: RFC 3339, seconds since 1970, or how long ago (10m)'],
    ['--now', 'Begin with what comes'],
    ['--to POSITION', 'End with this position'],
    ['-f, --follow', 'Go on with what comes'],
    ['--stream NAME', 'Streams of this name or beginning: daemon, container/, task/…'],
    ['--type TYPE', 'Facts of this type or beginning: container.exited, image.'],
    ['--container REF', 'All streams of a container: id, prefix or name'],
    ['--label KEY[=VALUE]', 'Of containers that carry this label'],
    ['--caller KEY=VALUE', 'Asked for by: kind, uid, gid, pid, executable, userAgent'],
  ],
  examples: [
    'shiplog events --time 1h --type container.exited',
    'shiplog events --follow --now --container web',
    'shiplog events --caller uid=1000 --format json | jq .type',
  ],
  async run(argv, around) {
    const many = { type: 'string', multiple: true } as const;
    const { values, positionals } = parseFlags('events', argv, {
      from: { type: 'string' },
      time: { type: 'string' },
      now: { type: 'boolean' },
      to: { type: 'string' },
      follow: { type: 'boolean', short: 'f' },
      stream: many,
      type: many,
      container: many,
      label: many,
      caller: many,
    });
    if (positionals.length > 0) {
      throw new OptionError("a container is named by --container\nSee 'shiplog events --help'.");
    }
    const { client, json } = connect(values, around);
    const { from, to, time, now, follow } = values;
    const wanted = {
      ...(from === undefined ? {} : { from: position('from', from) }),
      ...(to === undefined ? {} : { to: position('to', to) }),
      ...(time === undefined ? {} : { time }),
      ...(now === undefined ? {} : { now }),
      ...(follow === undefined ? {} : { follow }),
      streams: values.stream ?? [],
      types: values.type ?? [],
      containers: values.container ?? [],
      labels: values.label ?? [],
      callers: values.caller ?? [],
    };
    const form = json ? (one: NativeEvent) => JSON.stringify(one) : shown(around.terminal);
    for await (const one of client.events(wanted)) {
      const line = form(one);
      if (line !== '') around.print(line);
    }
    return OK;
  },
};

function position(name: string, text: string): number {
  if (/^[1-9]\d{0,15}$/.test(text)) return Number(text);
  throw new OptionError(`--${name} takes a position, a whole number from 1: ${text}`);
}

/** `{exited: 'cleaning'}` as `exited.cleaning`. */
export function stateWord(state: unknown): string {
  if (typeof state !== 'object' || state === null) return String(state);
  return Object.entries(state)
    .map(([name, inner]) => `${name}.${stateWord(inner)}`)
    .join('+');
}

/** Short enough for a line, and still unique for people. */
export const shortStream = (stream: string): string =>
  stream.replace(/[0-9a-f]{64}/g, (id) => id.slice(0, 12));

/** Marks are for programs: people see that nothing comes. */
export function shown(terminal: boolean): (one: NativeEvent) => string {
  return (one) => {
    if (one.kind === 'fact') return factLine(one, terminal);
    if (one.kind !== 'damaged') return '';
    return `${one.position}  ${moment(one.at)}  ${shortStream(one.stream)}  damaged: ${one.type}`;
  };
}

/** That of an exec: `exec/`, and two short ids. */
const STREAM = 30;

export function factLine(fact: NativeFact, terminal: boolean): string {
  const { position, at, stream, type, state, caller } = fact;
  const word = stateWord(state);
  return [
    String(position).padStart(7),
    moment(at),
    shortStream(stream).padEnd(STREAM),
    type.padEnd(28),
    `${coloured(word, terminal)}${' '.repeat(Math.max(0, 18 - word.length))}`,
    callerLine(caller),
  ]
    .join('  ')
    .trimEnd();
}
