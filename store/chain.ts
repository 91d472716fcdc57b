/**
 * The hash of a row: SHA-256 over the format, the previous row's hash, and the row's columns as
 * they are stored. Each column is a netstring, so that no two rows have the same bytes. Nothing is
 * ever serialised again to check a hash. docs/log-format.md is the contract.
 */
import { hash } from 'node:crypto';
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

const CHARACTER = { colon: 0x3a, comma: 0x2c } as const;

/** What is hashed, gathered here: one call for a row costs less than one for each column. */
let gathered = Buffer.alloc(64 * 1024);

/** Room for `bytes` more behind `length`. */
function room(length: number, bytes: number): void {
  if (length + bytes <= gathered.length) return;
  const larger = Buffer.alloc(Math.max(length + bytes, gathered.length * 2));
  gathered.copy(larger, 0, 0, length);
  gathered = larger;
}

/** Puts a column there as a netstring, and returns where it ends. */
function gather(length: number, value: string | bigint | Uint8Array): number {
  const column = typeof value === 'bigint' ? String(value) : value;
  const bytes = typeof column === 'string' ? Buffer.byteLength(column, 'utf8') : column.length;
  const digits = `${bytes}`;
  room(length, digits.length + bytes + 2);
  let at = length + gathered.write(digits, length, 'latin1');
  gathered[at] = CHARACTER.colon;
  at += 1;
  if (typeof column === 'string') gathered.write(column, at, 'utf8');
  else gathered.set(column, at);
  at += bytes;
  gathered[at] = CHARACTER.comma;
  return at + 1;
}

/**
 * 32 bytes. Strings are hashed as their UTF-8 bytes, integers as ASCII decimals, bytes as they are
 * (a check passes the stored bytes, because decoding could hide an edit that is not valid UTF-8).
 */
export function rowHash(previous: Uint8Array, row: ChainedRow): Buffer {
  gathered.set(PREFIX, 0);
  gathered.set(previous, PREFIX.length);
  let length = PREFIX.length + previous.length;
  for (const column of CHAINED_COLUMNS) length = gather(length, row[column]);
  return hash('sha256', gathered.subarray(0, length), 'buffer');
}

const storedColumn = (column: ChainedColumn): string =>
  column === 'stream' ? "coalesce(s.name, '')" : `f.${column}`;

/**
 * An SQL expression for what the hash covers of a row of `facts f` with `streams s`, put together
 * out of the stored bytes by SQLite: one value for a row costs a third of one for each column.
 */
export const CHAINED_BYTES = `CAST(coalesce(${CHAINED_COLUMNS.map(storedColumn)
  .map((value) => `length(CAST(${value} AS BLOB)) || ':' || ${value} || ','`)
  .join(' || ')}, '') AS BLOB)`;

/** The same hash as `rowHash`, of the bytes that `CHAINED_BYTES` gives. */
export function bytesHash(previous: Uint8Array, chained: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([PREFIX, previous, chained]), 'buffer');
}
