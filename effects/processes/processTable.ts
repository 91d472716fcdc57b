/**
 * `docker top`: the host's `ps` with the caller's arguments, and of its lines those that are of the
 * container's processes. Only `ps` itself knows what its arguments mean.
 */
import { execFile } from 'node:child_process';
import { EffectFailure } from '../failure.ts';

/** `ps` as it was asked for, with host pids. */
export interface ProcessTable {
  readonly titles: readonly string[];
  /** The last column keeps its blanks. */
  readonly processes: readonly (readonly string[])[];
}

const DEADLINE_MS = 10_000;
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * @param psArguments as on a command line, each separated by one blank
 * @throws EffectFailure `failed` with the first line of what `ps` complains about
 */
export async function processTable(
  pids: readonly number[],
  psArguments: string,
): Promise<ProcessTable> {
  refuseRenamed(psArguments);
  // Two blanks are an empty argument, which ps does not take.
  const given = psArguments.split(' ');
  const narrowed = await ps([...given, `-q${pids.join(',')}`]);
  // Some arguments do not go with a list of pids.
  const output = narrowed.ok ? narrowed : await ps(given);
  if (!output.ok) throw new EffectFailure('failed', `ps: ${output.text}`);
  return parseTable(output.text, new Set(pids));
}

/** Another column under the name PID would be taken for the pid. */
function refuseRenamed(psArguments: string): void {
  for (const [, column = '', title = ''] of psArguments.matchAll(/\s+([^\s]*)=\s*(PID[^\s]*)/g)) {
    if (column !== 'pid') {
      throw new EffectFailure('failed', `specifying "${column}=${title}" is not allowed`);
    }
  }
}

type Output = { readonly ok: boolean; readonly text: string };

function ps(given: readonly string[]): Promise<Output> {
  const options = { timeout: DEADLINE_MS, maxBuffer: MOST_BYTES };
  return new Promise((resolve) => {
    execFile('ps', [...given], options, (error, stdout, stderr) => {
      if (error === null) return resolve({ ok: true, text: stdout });
      const [complaint = ''] = stderr.split('\n');
      resolve({ ok: false, text: complaint === '' ? `exit status ${error.code}` : complaint });
    });
  });
}

const fieldsOf = (line: string): readonly string[] => line.split(/[ \t]+/).filter(Boolean);

/**
 * The lines of these pids. A line whose pid is `-` is a thread of the process before it.
 * @throws EffectFailure when there is no column of pids
 */
export function parseTable(output: string, pids: ReadonlySet<number>): ProcessTable {
  const [head = '', ...lines] = output.split('\n');
  const titles = fieldsOf(head);
  const column = titles.indexOf('PID');
  if (column < 0) throw new EffectFailure('failed', "Couldn't find PID field in ps output");
  const processes: string[][] = [];
  let ours = false;
  for (const fields of lines.map(fieldsOf).filter(({ length }) => length > 0)) {
    const pid = fields[column] ?? '';
    if (pid !== '-') ours = pids.has(pidOf(pid));
    if (!ours) continue;
    const last = titles.length - 1;
    processes.push([...fields.slice(0, last), fields.slice(last).join(' ')]);
  }
  return { titles, processes };
}

function pidOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new EffectFailure('failed', `Unexpected pid '${text}'`);
}
