/**
 * Effects and timers that are asked for and not answered. The table is the fold of the facts:
 * `effects` opens a row `<position>.<index>` each (but `cancel`, which is no work of its own),
 * `answers` closes. A fact first closes, then opens. Any stream may answer; what counts is that the
 * row is open.
 */
import type { Database } from 'better-sqlite3';
import { type DamageRecord, damageRecord } from './damage.ts';
import { jsonText } from './row.ts';
import type { AgendaId, AgendaRow, AppendConflict, AskedEffect } from './types.ts';

/** The effect type that opens no row. */
export const CANCEL = 'cancel';

const NS_PER_MS = 1_000_000n;

export interface Asker {
  readonly streamId: number;
  readonly position: number;
  readonly atNs: bigint;
  readonly effects: readonly AskedEffect[];
  readonly answers: readonly AgendaId[];
}

export interface AgendaWriter {
  /** Closes and opens; the conflict if an answered row is not open (then roll back). */
  apply(asker: Asker): AppendConflict | undefined;
}

interface AgendaColumns {
  readonly position: bigint;
  readonly idx: bigint;
  readonly stream: string;
  readonly type: string;
  readonly params: string;
  readonly key: string | null;
  readonly ms: bigint | null;
  readonly opened_ns: bigint;
  readonly due_ns: bigint | null;
}

/** Due time of a timer, nanoseconds since 1970; null for an effect without `ms`. */
export function dueNs(atNs: bigint, ms: number | undefined): bigint | null {
  return ms === undefined ? null : atNs + BigInt(ms) * NS_PER_MS;
}

function parseId(id: AgendaId): readonly [position: number, index: number] | undefined {
  const match = /^([1-9]\d{0,15})\.(0|[1-9]\d{0,8})$/.exec(id);
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

export function agendaWriter(db: Database): AgendaWriter {
  const remove = db.prepare(
    `DELETE FROM agenda WHERE position = ? AND idx = ?
       AND stream = (SELECT stream FROM facts WHERE position = ?)`,
  );
  const insert = db.prepare(
    `INSERT INTO agenda (position, idx, stream, type, params, key, ms, opened_ns, due_ns)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const close = (id: AgendaId): boolean => {
    const parsed = parseId(id);
    return parsed !== undefined && remove.run(...parsed, parsed[0]).changes === 1;
  };
  return {
    apply({ streamId, position, atNs, effects, answers }) {
      for (const id of answers) if (!close(id)) return { kind: 'agenda', id };
      for (const [index, effect] of effects.entries()) {
        if (effect.type === CANCEL) continue;
        const { type, key = null, ms } = effect;
        const params = jsonText(effect.params, 'params of an effect');
        const due = dueNs(atNs, ms);
        insert.run(position, index, streamId, type, params, key, ms ?? null, atNs, due);
      }
      return undefined;
    },
  };
}

function agendaRow(row: AgendaColumns): AgendaRow {
  return {
    id: `${row.position}.${row.idx}`,
    stream: row.stream,
    type: row.type,
    params: JSON.parse(row.params),
    key: row.key,
    openedNs: row.opened_ns,
    ms: row.ms === null ? null : Number(row.ms),
    dueNs: row.due_ns,
  };
}

export interface AgendaReader {
  /** Open rows, in the order asked. */
  all(): readonly AgendaRow[];
  of(stream: string): readonly AgendaRow[];
}

export function agendaReader(db: Database, damage: DamageRecord = damageRecord()): AgendaReader {
  const select = (where: string) =>
    db
      .prepare<string[], AgendaColumns>(
        `SELECT a.position, a.idx, s.name AS stream, a.type, a.params, a.key, a.ms,
           a.opened_ns, a.due_ns
         FROM agenda a JOIN streams s ON s.id = a.stream ${where} ORDER BY a.position, a.idx`,
      )
      .safeIntegers();
  const all = select('');
  const ofStream = select('WHERE s.name = (SELECT ?)');
  const readable = (rows: readonly AgendaColumns[]): readonly AgendaRow[] =>
    rows.flatMap((row) => {
      const where = { table: 'agenda', row: `${row.position}.${row.idx}`, stream: row.stream };
      return damage.read({ ...where, table: 'agenda' }, () => agendaRow(row)) ?? [];
    });
  return {
    all: () => readable(all.all()),
    of: (stream) => readable(ofStream.all(stream)),
  };
}
