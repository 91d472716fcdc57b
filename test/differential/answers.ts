/**
 * answers.txt: what shiplog answers to each row, as text that can be read and reviewed. Two lines
 * a row: the request, and indented below it status and message, or what the row shows of a success.
 */
import { readFileSync } from 'node:fs';
import type { Row } from './rowKinds.ts';

export const ANSWERS = new URL('./answers.txt', import.meta.url);

/** The row's title; those that come again are numbered. */
export function titled(rows: readonly Row[]): ReadonlyMap<string, Row> {
  const found = new Map<string, Row>();
  for (const row of rows) {
    let title = row.title;
    for (let count = 2; found.has(title); count += 1) title = `${row.title} (${count})`;
    found.set(title, row);
  }
  return found;
}

export function print(answers: ReadonlyMap<string, string>): string {
  return [...answers].map(([title, answer]) => `${title}\n    ${answer}\n`).join('');
}

export function readAnswers(): ReadonlyMap<string, string> {
  const lines = readFileSync(ANSWERS, 'utf8').split('\n');
  const found = new Map<string, string>();
  for (let at = 0; at + 1 < lines.length; at += 2)
    found.set(lines[at] ?? '', lines[at + 1]?.trim() ?? '');
  return found;
}
