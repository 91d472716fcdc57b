/**
 * The part of a log that is of one container, checked: each fact is bound by its hash to the one
 * before it in the whole log, and its streams are whole. That no other fact was there, and that
 * these are of that log, is told by a comparison with it: the hashes are the same there.
 */
import type { Database } from 'better-sqlite3';
import { FAMILIES } from '../../machines/families.ts';
import { bytesHash, CHAINED_BYTES } from '../../store/chain.ts';
import { readMeta } from '../../store/migrations.ts';
import { factsReader } from '../../store/read.ts';
import type { Verification, Witness } from '../../store/verify.ts';
import { driftFold } from './drift.ts';

interface Row {
  readonly position: number;
  readonly chained: Buffer;
  readonly hash: Buffer;
  readonly previous: Buffer;
}

const ROWS = `SELECT f.position, ${CHAINED_BYTES} AS chained, f.hash, l.previous
  FROM facts f JOIN streams s ON s.id = f.stream JOIN links l ON l.position = f.position
  ORDER BY f.position`;

/** Whose part it is; undefined: it is a whole log. */
export const extractOf = (db: Database): string | undefined => readMeta(db, 'extract');

const bad = (row: string, problem: string): Verification => ({
  ok: false,
  table: 'facts',
  row,
  problem,
});

function* checkChain(db: Database, witness: Witness | undefined): Generator<number, Verification> {
  let before: { position: number; hash: Buffer } = { position: 0, hash: Buffer.alloc(0) };
  let seen = false;
  for (const row of db.prepare<[], Row>(ROWS).all()) {
    const { position } = row;
    const next = position === before.position + 1 && before.position > 0;
    if (next && !row.previous.equals(before.hash)) {
      return bad(String(position), 'it is not bound to the fact before it');
    }
    if (!bytesHash(row.previous, row.chained).equals(row.hash)) {
      return bad(String(position), 'its hash is not that of its content');
    }
    const isWitness = position === witness?.position;
    if (isWitness && row.hash.toString('hex') !== witness?.hash) {
      return bad(String(position), 'its hash is not the one that the witness saw');
    }
    seen ||= isWitness;
    before = { position, hash: row.hash };
    yield position;
  }
  if (witness !== undefined && !seen) {
    return bad(String(witness.position), 'is not in this part of the log');
  }
  const { position, hash } = before;
  return { ok: true, facts: 0, position, hash: hash.toString('hex') };
}

/** Yields the position reached. */
export function* verifyExtract(
  db: Database,
  witness: Witness | undefined,
): Generator<number, Verification> {
  const chain = yield* checkChain(db, witness);
  if (!chain.ok) return chain;
  const fold = driftFold(FAMILIES, { revisions: false });
  const versions = new Map<string, number>();
  const facts = factsReader(db).after(0, Number.MAX_SAFE_INTEGER);
  for (const fact of facts) {
    const version = (versions.get(fact.stream) ?? 0) + 1;
    versions.set(fact.stream, version);
    if (fact.version !== version) {
      return bad(String(fact.position), `version ${version} of ${fact.stream} is missing`);
    }
    const drift = fold.next(fact);
    if (drift !== undefined) {
      return bad(String(fact.position), `it folds to something else: ${drift}`);
    }
  }
  return { ...chain, facts: facts.length };
}
