/**
 * The hash of a row: SHA-256 over the format, the previous row's hash, and the row's columns as
 * they are stored. Each column is a netstring, so that no two rows have the same bytes. Nothing is
 * ever serialised again to check a hash. docs/log-format.md is the contract.
 */
import { createHash } from 'node:crypto';
import { LOG_FORMAT } from './schema.ts';

/** Stands before row 1. */
export const ZERO_HASH: Uint8Array = new Uint8Array(32);

const PREFIX = Buffer.from(`shiplog/${LOG_FORMAT}\n`);

/** The columns that the hash covers, in this order; `stream` as the stream's name. */
export const CHAINED_COLUMNS = [
  'position',
  'stream',
  'version',
  'type',
  'data',
  'state',
  'digest',
  'effects',
  'answers',
  'claims',
  'cause',
  'caller',
  'at_ns',
  'revision',
] as const;

export type ChainedColumn = (typeof CHAINED_COLUMNS)[number];

/** A row's columns; integers as bigint. */
export type ChainedRow = { readonly [C in ChainedColumn]: string | bigint | Uint8Array };

function columnBytes(value: string | bigint | Uint8Array): Uint8Array {
  return typeof value === 'object' ? value : Buffer.from(String(value), 'utf8');
}

/**
 * 32 bytes. Strings are hashed as their UTF-8 bytes, integers as ASCII decimals, bytes as they are
 * (a check passes the stored bytes, because decoding could hide an edit that is not valid UTF-8).
 */
export function rowHash(previous: Uint8Array, row: ChainedRow): Buffer {
  const hash = createHash('sha256').update(PREFIX).update(previous);
  for (const column of CHAINED_COLUMNS) {
    const bytes = columnBytes(row[column]);
    hash.update(`${bytes.length}:`).update(bytes).update(',');
  }
  return hash.digest();
}
