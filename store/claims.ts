/**
 * Unique keys held by streams. The table is the fold of the facts' `claims`: a fact first frees,
 * then takes. Freeing what the stream does not hold, and taking what it holds already, change
 * nothing.
 *
 * A thing that several may use, and one may have for itself, is held by *shares*: the key
 * `<key> <user>`, with one blank, is a share of `<key>`. Shares of one key do not exclude each
 * other; a share and its whole key in the hands of two streams do, whichever comes first.
 */
import type { Database } from 'better-sqlite3';
import type { AppendConflict, ClaimKey, HeldClaim } from './types.ts';

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

const SHARE_SIGN = ' ';
/** The sign that follows the blank: keys from `<key> ` up to here are the shares of `<key>`. */
const AFTER_SHARES = '!';

// Why `(SELECT ?)`: connection.ts.
const HOLDER = `SELECT s.id, s.name FROM claims c JOIN streams s ON s.id = c.stream
  WHERE c.kind = (SELECT ?) AND c.key = (SELECT ?)`;
const SHARERS = `SELECT s.id, s.name FROM claims c JOIN streams s ON s.id = c.stream
  WHERE c.kind = (SELECT ?) AND c.key >= (SELECT ?) AND c.key < (SELECT ?) ORDER BY c.key`;

export function claimsWriter(db: Database): ClaimsWriter {
  const find = db.prepare<[string, string], Holder>(HOLDER);
  const others = excluding(db);
  const insert = db.prepare('INSERT INTO claims (kind, key, stream, position) VALUES (?, ?, ?, ?)');
  const remove = db.prepare('DELETE FROM claims WHERE kind = ? AND key = ? AND stream = ?');
  return {
    apply({ streamId, position, take, free }) {
      for (const { kind, key } of free) remove.run(kind, key, streamId);
      for (const claim of take) {
        const holder = find.get(claim.kind, claim.key);
        const other = holder?.id === streamId ? undefined : (holder ?? others(claim, streamId));
        if (other !== undefined) return { kind: 'claim', claim, holder: other.name };
        if (holder === undefined) insert.run(claim.kind, claim.key, streamId, position);
      }
      return undefined;
    },
  };
}

/** Another stream that has the whole of what is claimed a share of, or a share of the whole. */
function excluding(db: Database): (claim: ClaimKey, streamId: number) => Holder | undefined {
  const whole = db.prepare<[string, string], Holder>(HOLDER);
  const shares = db.prepare<[string, string, string], Holder>(SHARERS);
  return ({ kind, key }, streamId) => {
    const sign = key.indexOf(SHARE_SIGN);
    const holders =
      sign < 0
        ? shares.all(kind, key + SHARE_SIGN, key + AFTER_SHARES)
        : whole.all(kind, key.slice(0, sign));
    return holders.find(({ id }) => id !== streamId);
  };
}

/** Names of the streams that hold shares of a key, in the order of the shares. */
export function claimSharers(db: Database): (claim: ClaimKey) => readonly string[] {
  const find = db.prepare<[string, string, string], Holder>(SHARERS);
  return ({ kind, key }) =>
    find.all(kind, key + SHARE_SIGN, key + AFTER_SHARES).map(({ name }) => name);
}

/** The key and its shares that are held, with their holders, in the order of the keys. */
export function claimsHeld(db: Database): (claim: ClaimKey) => readonly HeldClaim[] {
  const find = db.prepare<[string, string, string], HeldClaim>(
    `SELECT c.key, s.name AS holder FROM claims c JOIN streams s ON s.id = c.stream
      WHERE c.kind = (SELECT ?) AND c.key >= (SELECT ?) AND c.key < (SELECT ?) ORDER BY c.key`,
  );
  return (claim) => {
    const { kind, key } = claim;
    const near = find.all(kind, key, key + AFTER_SHARES);
    return near.filter((one) => isPartOf({ kind, key: one.key }, claim));
  };
}

/** Whether `other` is the claim or a share of it. */
export const isPartOf = (other: ClaimKey, { kind, key }: ClaimKey): boolean =>
  other.kind === kind && (other.key === key || other.key.startsWith(key + SHARE_SIGN));

/** Name of the stream that holds a key. */
export function claimHolder(db: Database): (claim: ClaimKey) => string | undefined {
  const find = db.prepare<[string, string], Holder>(HOLDER);
  return (claim) => find.get(claim.kind, claim.key)?.name;
}
