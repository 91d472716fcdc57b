/**
 * A fact as the columns of its row, and back. What `append` hands out is parsed from the very texts
 * that it stored, so that a live fold and a later rebuild see the same values.
 */
import type { ChainedColumn } from './chain.ts';
import type { AskedEffect, ClaimKey, Json, NewFact, StoredFact } from './types.ts';

type IntegerColumn = 'position' | 'version' | 'at_ns' | 'revision';

/** A row of `facts` with the stream's name; integers as bigint. */
export type FactRow = {
  readonly [C in ChainedColumn]: C extends IntegerColumn ? bigint : string;
} & { readonly hash: Buffer };

type ClaimPairs = readonly (readonly [kind: string, key: string])[];

/** JSON of the `claims` column. */
export interface StoredClaims {
  readonly take: ClaimPairs;
  readonly free: ClaimPairs;
}

/** The columns of `FactRow`, for statements that join `facts f` with `streams s`. */
export const FACT_COLUMNS = `f.position, s.name AS stream, f.version, f.type, f.data, f.state,
  f.digest, f.effects, f.answers, f.claims, f.cause, f.caller, f.at_ns, f.revision, f.hash`;

/** JSON text of a value. Throws if JSON cannot say it (undefined, a bigint, a cycle). */
export function jsonText(value: unknown, what: string): string {
  const text = JSON.stringify(value);
  if (typeof text !== 'string') throw new TypeError(`${what} is not JSON`);
  return text;
}

/**
 * Returns the text if its UTF-8 form says the same; a lone surrogate or a NUL would be stored as
 * another.
 */
export function plainText(text: string, what: string): string {
  if (text === '' || !text.isWellFormed() || text.includes('\0')) {
    throw new TypeError(`${what} is empty, or holds NUL or a lone surrogate`);
  }
  return text;
}

function effectJson(effect: AskedEffect): Json {
  return {
    type: plainText(effect.type, 'type of an effect'),
    params: effect.params,
    ...(effect.key === undefined ? {} : { key: plainText(effect.key, 'key of an effect') }),
    ...(effect.ms === undefined ? {} : { ms: effect.ms }),
  };
}

function claimPair(claim: ClaimKey): readonly [string, string] {
  return [plainText(claim.kind, 'kind of a claim'), plainText(claim.key, 'key of a claim')];
}

function claimKey([kind, key]: readonly [string, string]): ClaimKey {
  return { kind, key };
}

/** The row's columns but the hash. Throws TypeError for what cannot be stored as it is. */
export function factColumns(fact: NewFact, position: number, atNs: bigint): Omit<FactRow, 'hash'> {
  const claims = { take: fact.take.map(claimPair), free: fact.free.map(claimPair) };
  return {
    position: BigInt(position),
    stream: plainText(fact.stream, 'stream'),
    version: BigInt(fact.expect + 1),
    type: plainText(fact.type, 'type'),
    data: jsonText(fact.data, 'data'),
    state: jsonText(fact.state, 'state'),
    digest: plainText(fact.digest, 'digest'),
    effects: jsonText(fact.effects.map(effectJson), 'effects'),
    answers: jsonText(fact.answers, 'answers'),
    claims: jsonText(claims, 'claims'),
    cause: jsonText(fact.cause, 'cause'),
    caller: jsonText(fact.caller, 'caller'),
    at_ns: atNs,
    revision: BigInt(fact.revision),
  };
}

/** The fact that a row holds. */
export function storedFact(row: FactRow): StoredFact {
  const claims: StoredClaims = JSON.parse(row.claims);
  return {
    position: Number(row.position),
    stream: row.stream,
    version: Number(row.version),
    type: row.type,
    data: JSON.parse(row.data),
    state: JSON.parse(row.state),
    digest: row.digest,
    effects: JSON.parse(row.effects),
    answers: JSON.parse(row.answers),
    take: claims.take.map(claimKey),
    free: claims.free.map(claimKey),
    cause: JSON.parse(row.cause),
    caller: JSON.parse(row.caller),
    atNs: row.at_ns,
    revision: Number(row.revision),
    hash: row.hash.toString('hex'),
  };
}
