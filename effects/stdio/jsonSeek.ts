/** Finding the way in a json-file without reading all of it. */
import type { FileHandle } from 'node:fs/promises';
import type { LastRecords } from './logFormat.ts';
import { parseRecord } from './logRecord.ts';

const blockBytes = 64 * 1024;
/** What is read rather than searched. */
const linearBytes = 256 * 1024;
const newline = 0x0a;

/** Where the last `lines` lines of the file start, and how many of them it does not have. */
export async function lastLines(file: FileHandle, lines: number): Promise<LastRecords> {
  const { size } = await file.stat();
  const buffer = Buffer.allocUnsafe(blockBytes);
  // The newline that ends the last line starts none.
  let newlines = -1;
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - blockBytes);
    const { bytesRead } = await file.read(buffer, 0, end - start, start);
    const block = buffer.subarray(0, bytesRead);
    for (let at = block.lastIndexOf(newline); at !== -1; ) {
      newlines += 1;
      if (newlines === lines) return { position: start + at + 1, missing: 0 };
      at = at === 0 ? -1 : block.lastIndexOf(newline, at - 1);
    }
    end = start;
  }
  const found = newlines + (size > 0 ? 1 : 0);
  return { position: 0, missing: Math.max(0, lines - Math.max(0, found)) };
}

interface Mark {
  readonly position: number;
  readonly timeNs: bigint;
}

/** The first record in a block from which times go on: no later piece of a long line is one. */
function firstMark(block: Buffer, start: number): Mark | undefined {
  const begun = new Set<string>();
  for (let at = block.indexOf(newline) + 1; at > 0; ) {
    const end = block.indexOf(newline, at);
    if (end === -1) return undefined;
    const record = parseRecord(block.toString('utf8', at, end));
    if (record !== undefined) {
      if (begun.has(record.stream)) return { position: start + at, timeNs: record.timeNs };
      if (record.line.at(-1) === newline) begun.add(record.stream);
    }
    at = end + 1;
  }
  return undefined;
}

/**
 * A record's start before the first record that is not older than `ns`, found by halving: times
 * grow along the file, but for the pieces of long lines. Where that can not be seen, it stops.
 */
export async function jsonStartSince(file: FileHandle, ns: bigint): Promise<number> {
  const buffer = Buffer.allocUnsafe(blockBytes);
  let low = 0;
  let high = (await file.stat()).size;
  while (high - low > linearBytes) {
    const middle = low + Math.floor((high - low) / 2);
    const { bytesRead } = await file.read(buffer, 0, blockBytes, middle);
    const mark = firstMark(buffer.subarray(0, bytesRead), middle);
    if (mark === undefined || mark.position >= high) return low;
    if (mark.timeNs < ns) low = mark.position;
    else high = middle;
  }
  return low;
}
