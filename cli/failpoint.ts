/**
 * For crash tests alone: the daemon ends itself by SIGKILL when it comes to a named boundary of an
 * effect for the n-th time. Without SHIPLOG_FAILPOINT there is no probe at all; with it, the daemon
 * says so at its start.
 */
import { OptionError } from './optionError.ts';

/** As actors/ports.ts says. */
type Boundary = 'before' | 'after' | 'appended';

interface Journal {
  warn(record: object, message: string): void;
}

/**
 * @param point `<effect>:<before|after|appended>:<n>`, n from 1; undefined or '': none.
 * @param end what happens there; by default the process is gone before the call returns
 * @throws OptionError for a text that names no boundary
 */
export function failpoint(
  point: string | undefined,
  journal: Journal,
  end: () => void = () => process.kill(process.pid, 'SIGKILL'),
): ((effect: string, boundary: Boundary) => void) | undefined {
  if (point === undefined || point === '') return undefined;
  const [, effect, boundary, n] =
    /^([a-z.-]+):(before|after|appended):([1-9]\d*)$/.exec(point) ?? [];
  if (effect === undefined) throw new OptionError(`SHIPLOG_FAILPOINT: no boundary is "${point}"`);
  journal.warn({ point }, 'a failpoint is armed: this daemon will end itself');
  let left = Number(n);
  return (seenEffect, seenBoundary) => {
    if (seenEffect !== effect || seenBoundary !== boundary) return;
    left -= 1;
    if (left === 0) end();
  };
}
