/**
 * Unique keys held by streams. The table is the fold of the facts' `claims`: a fact first frees,
 * then takes. Freeing what the stream does not hold, and taking what it holds already, change
 * nothing.
 */
import type { Database } from 'better-sqlite3';
import type { AppendConflict, ClaimKey } from './types.ts';

export interface Claimant {
  readonly streamId: number;
  readonly position: number;
  readonly take: readonly ClaimKey[];
  readonly free: readonly ClaimKey[];
}

export interface ClaimsWriter {
  /** Frees and takes; the conflict if another stream holds a key (then roll back). */
  apply(claimant: Claimant): AppendConflict | undefined;
}

interface Holder {
  readonly id: number;
  readonly name: string;
}

const HOLDER = `SELECT s.id, s.name FROM claims c JOIN streams s ON s.id = c.stream
  WHERE c.kind = ? AND c.key = ?`;

export function claimsWriter(db: Database): ClaimsWriter {
  const find = db.prepare<[string, string], Holder>(HOLDER);
  const insert = db.prepare('INSERT INTO claims (kind, key, stream, position) VALUES (?, ?, ?, ?)');
  const remove = db.prepare('DELETE FROM claims WHERE kind = ? AND key = ? AND stream = ?');
  return {
    apply({ streamId, position, take, free }) {
      for (const { kind, key } of free) remove.run(kind, key, streamId);
      for (const claim of take) {
        const holder = find.get(claim.kind, claim.key);
        if (holder === undefined) insert.run(claim.kind, claim.key, streamId, position);
        else if (holder.id !== streamId) return { kind: 'claim', claim, holder: holder.name };
      }
      return undefined;
    },
  };
}

/** Name of the stream that holds a key. */
export function claimHolder(db: Database): (claim: ClaimKey) => string | undefined {
  const find = db.prepare<[string, string], Holder>(HOLDER);
  return (claim) => find.get(claim.kind, claim.key)?.name;
}
