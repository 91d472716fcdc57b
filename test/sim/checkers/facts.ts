/** The log as the checkers read it: nothing but rows. They share no code with what they check. */
import type { StoredFact } from '../../../store/types.ts';

export type Row = StoredFact;

/** A member of the fact's data, unread. */
export const at = (row: Row, name: string): unknown => Reflect.get(Object(row.data), name);

/** `container/<id>` gives `[container, id]`; `task/<id>/<run>` and `exec/<id>/<exec>` three. */
export const parts = (row: Row): readonly string[] => row.stream.split('/');

/** Rows of each stream of that kind, in order. */
export function streams(rows: readonly Row[], kind: string): ReadonlyMap<string, readonly Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    if (!row.stream.startsWith(`${kind}/`)) continue;
    const list = found.get(row.stream) ?? [];
    list.push(row);
    found.set(row.stream, list);
  }
  return found;
}

/** The state as one word or two, e.g. `running`, `exited.clean`. */
export function word(row: Row | undefined): string {
  const state: unknown = row?.state ?? 'absent';
  if (typeof state === 'string') return state;
  const [entry] = Object.entries(Object(state));
  return entry === undefined ? '' : entry.join('.');
}
