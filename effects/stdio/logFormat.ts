/**
 * How a driver writes records down and reads them back. What is common to all logs in files is
 * around it: logFile.ts writes, logFiles.ts reads.
 */
import type { FileHandle } from 'node:fs/promises';
import type { Bytes, Piece } from './bytes.ts';
import { WholeLines } from './jsonLines.ts';
import { encodeRecord, mostRecord, recordTail } from './jsonRecord.ts';
import { jsonStartSince, lastLines } from './jsonSeek.ts';
import { encodeLocal, LocalRecords, localHead, mostLocal } from './localRecord.ts';
import { lastRecords, wholeRecords } from './localSeek.ts';
import type { LogDriver } from './logOptions.ts';
import type { LogPage } from './logPage.ts';
import type { OutputName } from './stdcopy.ts';

/** Takes the bytes of a file one block after the other. */
export interface RecordParser {
  /**
   * The records that are whole by now, valid until the next call; what is none is passed over.
   * @param block valid during the call only.
   */
  push(block: Buffer): LogPage;
  /** The records given out last are no longer needed. */
  forget(): void;
}

/** Where the last records of a file start, and how many of those asked for it does not have. */
export interface LastRecords {
  readonly position: number;
  readonly missing: number;
}

export interface LogFormat {
  /** What all records of a line share. @param time RFC 3339 text */
  shared(stream: OutputName, attributes: string, time: string): Buffer;
  /** No record of such a piece is longer. */
  most(piece: Piece, shared: Buffer): number;
  /** Writes a record where there is room for that. @returns where it ends */
  encode(piece: Piece, shared: Buffer, target: Bytes, at: number): number;
  parser(): RecordParser;
  last(file: FileHandle, records: number): Promise<LastRecords>;
  /** A place before the first record since then; 0 if that would be a guess. */
  since(file: FileHandle, ns: bigint): Promise<number>;
  /** Ends half a record that a killed process left. @returns the file's size then */
  mend(fd: number, bytes: number): number;
}

const jsonFile: LogFormat = {
  shared: recordTail,
  most: mostRecord,
  encode: encodeRecord,
  parser: () => new WholeLines(),
  last: lastLines,
  since: jsonStartSince,
  // It is ended where the gap is marked; readers pass over what is no record.
  mend: (_fd, bytes) => bytes,
};

const local: LogFormat = {
  shared: localHead,
  most: mostLocal,
  encode: encodeLocal,
  parser: () => new LocalRecords(),
  last: lastRecords,
  // Nothing tells where a record starts; a file is small, and earlier ones are left out whole.
  since: () => Promise.resolve(0),
  mend: wholeRecords,
};

export const formatOf = (driver: LogDriver): LogFormat => (driver === 'local' ? local : jsonFile);
