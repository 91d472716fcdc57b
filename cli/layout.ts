/** Plain text for people: tables and lines that say the same things the same way everywhere. */
import type { NativeCaller, NativeWaiting } from '../api/openapi.gen.ts';
import type { Surroundings } from './command.ts';

/** Columns two blanks apart; the last one is as long as it is. */
export function columns(rows: readonly (readonly string[])[]): string {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, at) =>
    Math.max(...rows.map((row) => (row[at] ?? '').length)),
  );
  return rows
    .map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

export const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;

/** To the millisecond: nobody reads nine digits. */
export const moment = (instant: string): string => instant.replace(/(\.\d{3})\d+Z$/, '$1Z');

/** Docker's short form of an id of its form; others are as they are. */
export const shortId = (id: string): string => (/^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id);

export function waitingLine(waiting: NativeWaiting): string {
  const { words, effect, since, due, tries, lastError } = waiting;
  const until = due === null ? '' : `, due ${moment(due)}`;
  const tried = tries === 0 ? '' : `, tried ${tries} times`;
  const why = lastError === null ? '' : `: ${lastError}`;
  return `${words} (${effect}) since ${moment(since)}${until}${tried}${why}`;
}

export function callerLine(caller: NativeCaller | null): string {
  if (caller === null) return '';
  const { kind, uid, pid, executable, userAgent } = caller;
  const parts = [
    executable ?? userAgent ?? kind,
    ...(uid === undefined ? [] : [`uid ${uid}`]),
    ...(pid === undefined ? [] : [`pid ${pid}`]),
  ];
  return parts.join(', ');
}

/** A state with the colour that people expect of it, on a terminal. */
export function coloured(state: string, terminal: boolean): string {
  if (!terminal) return state;
  const code = COLOURS.find(([pattern]) => pattern.test(state))?.[1];
  return code === undefined ? state : `\x1b[${code}m${state}\x1b[0m`;
}

const COLOURS: readonly (readonly [RegExp, number])[] = [
  [/^(?:running|healthy|ok)\b/, 32],
  [/fail|stuck|dead|damaged|unhealthy|refused|drift/, 31],
  [/^(?:paused|restarting|stopping|removing|starting|creating)\b/, 33],
];

const BAR = 30;

/** A progress bar for long work, on a terminal. */
export function bar(
  what: string,
  { progress }: Pick<Surroundings, 'progress'>,
): (done: number, of: number) => void {
  let shown = -1;
  return (done, of) => {
    const percent = of === 0 ? 100 : Math.min(100, Math.floor((done * 100) / of));
    if (percent === shown) return;
    shown = percent;
    const full = Math.floor((percent * BAR) / 100);
    progress(`${what} [${'#'.repeat(full).padEnd(BAR, '.')}] ${percent}% (${done} of ${of})`);
  };
}

const LINE = 80;

/** Broken at blanks, for people to read. */
export function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > LINE) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join('\n');
}

/** A table below its head, the word of each line coloured on a terminal. */
export function painted(table: string, words: readonly string[], terminal: boolean): string {
  if (!terminal) return table;
  const [head = '', ...lines] = table.split('\n');
  return [
    `\x1b[1m${head}\x1b[0m`,
    ...lines.map((line, at) => {
      const word = words[at] ?? '';
      return word === '' ? line : line.replace(word, coloured(word, terminal));
    }),
  ].join('\n');
}
