/** Records of both drivers as specs make them. */
import { bytesOf, type Piece } from './bytes.ts';
import { encodeRecord, mostRecord } from './jsonRecord.ts';
import { encodeLocal, mostLocal } from './localRecord.ts';
import type { LogFile } from './logFile.ts';

export const pieceOf = (line: Buffer): Piece => ({
  bytes: bytesOf(line),
  from: 0,
  to: line.length,
});

/** A record of a json-file. */
export function jsonRecord(line: Buffer, tail: Buffer): Buffer {
  const piece = pieceOf(line);
  const target = bytesOf(Buffer.alloc(mostRecord(piece, tail)));
  return target.buffer.subarray(0, encodeRecord(piece, tail, target, 0));
}

/** A record of the driver `local`. */
export function localRecord(line: Buffer, head: Buffer): Buffer {
  const piece = pieceOf(line);
  const target = bytesOf(Buffer.alloc(mostLocal(piece, head)));
  return target.buffer.subarray(0, encodeLocal(piece, head, target, 0));
}

export function append(file: LogFile, record: Buffer): void {
  const at = file.reserve(record.length);
  file.added(at + record.copy(file.block.buffer, at));
}
