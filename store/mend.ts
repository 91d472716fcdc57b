/**
 * Writes the rows that follow from a stream's facts anew: its snapshot and its open agenda rows.
 * For rows that were damaged; the facts themselves are never touched.
 */
import type { Database } from 'better-sqlite3';
import { jsonText } from './row.ts';
import type { AskedEffect, Json } from './types.ts';

/** What only the stream's own fold knows; the rest is in its newest fact. */
export interface Refolded {
  readonly context: Json;
  readonly final: boolean;
}

interface Newest {
  readonly id: number;
  readonly position: number;
  readonly version: number;
  readonly state: string;
  readonly digest: string;
  readonly revision: number;
}

/** Throws SQLite's errors; nothing was changed then. */
export function mend(db: Database, stream: string, { context, final }: Refolded): void {
  const newest = db.prepare<[string], Newest>(
    `SELECT s.id, f.position, f.version, f.state, f.digest, f.revision
     FROM facts f JOIN streams s ON s.id = f.stream
     WHERE s.name = ? ORDER BY f.version DESC LIMIT 1`,
  );
  const snapshot = db.prepare(
    `UPDATE streams SET version = ?, position = ?, value = ?, context = ?, digest = ?, revision = ?,
     final = ? WHERE id = ?`,
  );
  db.transaction(() => {
    const found = newest.get(stream);
    if (found === undefined) return;
    const { id, version, position, state, digest, revision } = found;
    const text = jsonText(context, 'context');
    snapshot.run(version, position, state, text, digest, revision, final ? 1 : 0, id);
    mendAgenda(db, id);
  }).immediate();
}

/** An open row is one entry of the `effects` of the fact that asked. */
function mendAgenda(db: Database, id: number): void {
  const open = db.prepare<[number], { position: number; idx: number; effects: string }>(
    `SELECT a.position, a.idx, f.effects FROM agenda a JOIN facts f ON f.position = a.position
     WHERE a.stream = ?`,
  );
  const update = db.prepare(
    `UPDATE agenda SET type = ?, params = ?, key = ?, ms = ?
     WHERE stream = ? AND position = ? AND idx = ?`,
  );
  for (const { position, idx, effects } of open.all(id)) {
    const asked = (JSON.parse(effects) as readonly AskedEffect[])[idx];
    if (asked === undefined) continue;
    const { type, params, key = null, ms = null } = asked;
    update.run(type, jsonText(params, 'params of an effect'), key, ms, id, position, idx);
  }
}
