/** The log itself: no gap, no double, one holder for each claim, every effect answered once. */
import { verifyLog } from '../../../store/verify.ts';
import type { Simulated } from '../simulation.ts';
import type { Row } from './facts.ts';

export function logProblems({ log, path }: Simulated, rows: readonly Row[]): readonly string[] {
  return [...contiguous(rows), ...verified(path), ...claims(log, rows), ...agenda(log, rows)];
}

function contiguous(rows: readonly Row[]): string[] {
  const versions = new Map<string, number>();
  const wrong: string[] = [];
  let before = 0n;
  rows.forEach((row, index) => {
    if (row.position !== index + 1) wrong.push(`position ${row.position} at row ${index + 1}`);
    const version = (versions.get(row.stream) ?? 0) + 1;
    if (row.version !== version) wrong.push(`${row.stream} has ${row.version} for ${version}`);
    versions.set(row.stream, version);
    if (row.atNs <= before) wrong.push(`time stands still at position ${row.position}`);
    before = row.atNs;
  });
  return wrong;
}

function verified(path: string): string[] {
  const result = verifyLog(path);
  return result.ok ? [] : [`the log does not verify: ${JSON.stringify(result)}`];
}

function claims(log: Simulated['log'], rows: readonly Row[]): string[] {
  const holders = new Map<string, string>();
  const wrong: string[] = [];
  for (const { stream, take, free } of rows) {
    // To free what it does not hold is nothing, whoever holds it.
    for (const { kind, key } of free) {
      if (holders.get(`${kind} ${key}`) === stream) holders.delete(`${kind} ${key}`);
    }
    for (const { kind, key } of take) {
      const holder = holders.get(`${kind} ${key}`);
      if (holder !== undefined && holder !== stream) wrong.push(`${kind} ${key} was given twice`);
      holders.set(`${kind} ${key}`, stream);
    }
  }
  for (const [claim, holder] of holders) {
    const [kind = '', ...words] = claim.split(' ');
    const key = words.join(' ');
    if (log.holder({ kind, key }) !== holder) wrong.push(`${claim} is not held by ${holder}`);
  }
  return [...wrong, ...heldForGood(holders, rows)];
}

/** Names are of containers that are there, roots of runs that are not over. */
function heldForGood(holders: ReadonlyMap<string, string>, rows: readonly Row[]): string[] {
  const wrong: string[] = [];
  for (const [claim, holder] of holders) {
    const types = rows.filter(({ stream }) => stream === holder).map(({ type }) => type);
    const last = types.findLast((type) => /\.(cleaned|start-requested)$/.test(type));
    const gone = types.includes('container.removed');
    const over = claim.startsWith('root ') && last === 'container.cleaned';
    if (gone || over) wrong.push(`${claim} is held by ${holder} for ever`);
  }
  return wrong;
}

function agenda(log: Simulated['log'], rows: readonly Row[]): string[] {
  const open = new Set<string>();
  const wrong: string[] = [];
  for (const { position, answers, effects } of rows) {
    for (const id of answers) {
      if (!open.delete(id)) wrong.push(`${id} is answered at ${position} and was not open`);
    }
    effects.forEach(({ type }, index) => {
      if (type !== 'cancel') open.add(`${position}.${index}`);
    });
  }
  const listed = log.agenda().map(({ id }) => id);
  if (String([...open].sort()) !== String([...listed].sort())) {
    wrong.push(`the agenda has ${listed.join(' ')}, the facts ask for ${[...open].join(' ')}`);
  }
  const left = log
    .agenda()
    .filter(({ type, key }) => !/\.await-exit$|^health\.watch$/.test(type) && key !== 'restart')
    .map(({ stream, type, id }) => `still open after quiet: ${type} ${id} of ${stream}`);
  return [...wrong, ...left];
}
