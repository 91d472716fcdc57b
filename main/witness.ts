/**
 * The head witness: position and hash of the newest fact, kept outside of the data root. The log
 * can not tell by itself that its end was cut off, or that a backup was put in its place; at the
 * start this file can. It is written while the daemon runs, and printed when it ends.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type KeptWitness, parseWitness, printWitness } from '../cli/replay/witness.ts';
import { StartRefused } from '../effects/system/startRefused.ts';
import type { Daemon } from './daemon.ts';

export function witnessPath({ options }: Pick<Daemon, 'options'>): string {
  return options.headWitness ?? join(options.execRoot, 'head-witness');
}

function read(path: string): KeptWitness | undefined {
  try {
    return parseWitness(readFileSync(path, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === undefined) throw error;
    throw new StartRefused(`can not read the head witness ${path}: ${message}`);
  }
}

/** How the log contradicts the witness, in a sentence; null: it does not. */
function contradiction({ log }: Daemon, { position, hash, logId }: KeptWitness): string | null {
  if (logId !== '' && logId !== log.logId) return null;
  if (position === 0) return null;
  const [fact] = log.read(position - 1, 1);
  const head = log.head().position;
  if (position > head) {
    return `the log ends at ${head}, and its witness saw ${position}: it was cut, or is a backup`;
  }
  if (fact?.position === position && fact.hash === hash) return null;
  return `fact ${position} is not the one that the witness saw: the log was written anew`;
}

/** Looks at the start, before anything is written. What contradicts is kept beside, as evidence. */
export function checkWitness(daemon: Daemon): void {
  const path = witnessPath(daemon);
  const seen = read(path);
  if (seen === undefined) return;
  const problem = contradiction(daemon, seen);
  if (problem === null) return;
  daemon.condition.witness = problem;
  const kept = `${path}.contradicted-${seen.position}`;
  renameSync(path, kept);
  daemon.journal.error({ kept }, problem);
}

/** Writes it if the head has moved. @returns what was written, as text */
export function keepWitness(daemon: Daemon): string {
  const { log, condition, journal } = daemon;
  const head = log.head();
  const text = printWitness(head);
  if (condition.witnessed === head.position) return text;
  const path = witnessPath(daemon);
  try {
    mkdirSync(dirname(path), { recursive: true });
    // The newest one whole or the one before: never half of one.
    writeFileSync(`${path}.new`, `${text} ${log.logId}\n`);
    renameSync(`${path}.new`, path);
    condition.witnessed = head.position;
  } catch (err) {
    journal.warn({ err, path }, 'the head witness could not be written');
  }
  return text;
}
