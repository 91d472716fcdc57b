/**
 * For crash tests alone: with SHIPLOG_FAILPOINT=DIRECTORY the daemon writes down each boundary of
 * an effect that it passes (`DIRECTORY/visits`), and stops itself by SIGSTOP at the one that is
 * named in `DIRECTORY/armed`. Stopped, not ended: whoever armed it has all the time to look at the
 * world as it is at that boundary, and to kill whom it likes. Without the variable there is no
 * probe.
 */
import { appendFileSync, closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OptionError } from './optionError.ts';

/** As actors/ports.ts says. */
type Boundary = 'before' | 'after' | 'appended';

interface Journal {
  warn(record: object, message: string): void;
}

/**
 * @param dir undefined or '': none. `armed` in it holds `<effect>:<before|after|appended>:<n>`: the
 *   n-th visit from the moment on that the file was written; it strikes once.
 * @param stop by default the process stands still before the call returns
 * @throws OptionError for an armed text that names no boundary
 */
export function failpoint(
  dir: string | undefined,
  journal: Journal,
  stop: () => void = () => process.kill(process.pid, 'SIGSTOP'),
): ((effect: string, boundary: Boundary) => void) | undefined {
  if (dir === undefined || dir === '') return undefined;
  journal.warn({ dir }, 'failpoints are on: this daemon may stop itself');
  let counted = NOTHING;
  let left = 0;
  return (effect, boundary) => {
    appendFileSync(join(dir, 'visits'), `${effect}:${boundary}\n`);
    const now = armedIn(dir);
    const { text: armed } = now;
    if (armed !== counted.text || now.sinceNs !== counted.sinceNs) {
      counted = now;
      left = armed === '' ? 0 : Number(parts(armed).n);
    }
    if (armed === '' || parts(armed).visit !== `${effect}:${boundary}`) return;
    left -= 1;
    if (left === 0) stop();
  };
}

interface Armed {
  readonly text: string;
  /** The same text may be armed again. */
  readonly sinceNs: bigint;
}

const NOTHING: Armed = { text: '', sinceNs: 0n };

function armedIn(dir: string): Armed {
  try {
    const fd = openSync(join(dir, 'armed'), 'r');
    try {
      const { mtimeNs } = fstatSync(fd, { bigint: true });
      return { text: readFileSync(fd, 'utf8').trim(), sinceNs: mtimeNs };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return NOTHING;
    throw error;
  }
}

function parts(point: string): { readonly visit: string; readonly n: string } {
  const [, visit, n] = /^([a-z.-]+:(?:before|after|appended)):([1-9]\d*)$/.exec(point) ?? [];
  if (visit === undefined || n === undefined) {
    throw new OptionError(`SHIPLOG_FAILPOINT: no boundary is "${point}"`);
  }
  return { visit, n };
}
