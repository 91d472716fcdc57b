/**
 * Where a log lies: a file with a reserve beside it. The log asks for its connections here and
 * nowhere else, so that the specs can give it memory, and a disk that fails.
 */
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import { openReader, openWriter } from './connection.ts';
import { dropReserve, makeReserve, reservePath, syncDirectory } from './reserve.ts';

export interface LogStorage {
  /** For messages: the path of the file. */
  readonly name: string;
  /** Called once, first. The connection is not configured yet. */
  openWriter(): Database;
  /** A connection that reads what the writer has committed; it may be the writer itself. */
  openReader(writer: Database): Database;
  /** False: there is no space for it. */
  makeReserve(): boolean;
  /** False: it was given up before. */
  dropReserve(): boolean;
  /** Makes it durable that the log exists. */
  sync(): void;
  /** Calls back once, when the appends that were asked for in this turn are to be written. */
  turn(write: () => void): void;
}

/** `path` is that of the database; its directory must exist. */
export function fileStorage(path: string): LogStorage {
  const reserve = reservePath(path);
  return {
    name: path,
    openWriter: () => openWriter(path),
    openReader: () => openReader(path),
    makeReserve: () => makeReserve(reserve),
    dropReserve: () => dropReserve(reserve),
    sync: () => syncDirectory(dirname(path)),
    // setImmediate, not a microtask: it gathers the appends of all I/O callbacks of the turn.
    turn: (write) => void setImmediate(write),
  };
}
