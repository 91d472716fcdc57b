/** The Dockerfile instruction `HEALTHCHECK`, as the Engine API writes it. */
import type { JsonObject } from '../../machines/words.ts';
import type { ApiError } from '../errors.ts';

const DURATIONS: Readonly<Record<string, string>> = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
};
const NS: Readonly<Record<string, number>> = { h: 3.6e12, m: 6e10, s: 1e9, ms: 1e6, us: 1e3 };

/** Nanoseconds of Go's form, e.g. `1m30s`; undefined if it is none. */
function duration(value: string): number | undefined {
  if (!/^(\d+(\.\d+)?(h|ms|us|m|s))+$/.test(value)) return undefined;
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|m|s)/g)];
  return parts.reduce(
    (all, [, count = '0', unit = 's']) => all + Number(count) * (NS[unit] ?? 0),
    0,
  );
}

/** @param command the list form of a command line. @throws what `bad` makes */
export function healthcheck(
  line: string,
  command: (line: string) => readonly string[],
  bad: (message: string) => ApiError,
): JsonObject {
  if (/^none$/i.test(line)) return { Test: ['NONE'] };
  const found = /^((?:--\S+\s+)*)CMD\s+(.+)$/is.exec(line);
  if (found === null) throw bad(`Unknown type ${JSON.stringify(line)} in HEALTHCHECK (try CMD)`);
  const options: Record<string, number> = {};
  for (const option of (found[1] ?? '').trim().split(/\s+/).filter(Boolean)) {
    const [name = '', value = ''] = option.slice(2).split('=');
    const field = DURATIONS[name];
    const number = field === undefined ? Number(value) : duration(value);
    if ((field === undefined && name !== 'retries') || number === undefined || !(number >= 0))
      throw bad(`invalid HEALTHCHECK option: ${option}`);
    options[field ?? 'Retries'] = number;
  }
  const rest = found[2] ?? '';
  const [shell, flag, text] = command(rest);
  const asShell = !rest.startsWith('[') && shell === '/bin/sh' && flag === '-c';
  return { Test: asShell ? ['CMD-SHELL', text ?? ''] : ['CMD', ...command(rest)], ...options };
}
