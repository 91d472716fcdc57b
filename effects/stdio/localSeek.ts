/** Finding the way in a file of `local` records (localRecord.ts) without reading all of it. */
import { ftruncateSync, readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { lengthBytes, mostBytes } from './localRecord.ts';
import type { LastRecords } from './logFormat.ts';

const blockBytes = 64 * 1024;

/** Steps back from length to length; a damaged length ends the search where it is. */
export async function lastRecords(file: FileHandle, records: number): Promise<LastRecords> {
  const { size } = await file.stat();
  let block = Buffer.alloc(0);
  let blockStart = size;
  let end = size;
  let missing = records;
  while (missing > 0 && end >= 2 * lengthBytes) {
    if (end - lengthBytes < blockStart) {
      blockStart = Math.max(0, end - blockBytes);
      const wanted = Buffer.allocUnsafe(end - blockStart);
      block = wanted.subarray(0, (await file.read(wanted, 0, wanted.length, blockStart)).bytesRead);
      if (block.length < wanted.length) break;
    }
    const length = block.readUInt32BE(end - lengthBytes - blockStart);
    const start = end - 2 * lengthBytes - length;
    if (length > mostBytes || start < 0) break;
    end = start;
    missing -= 1;
  }
  return { position: end, missing };
}

function lengthAt(fd: number, position: number): number {
  const bytes = Buffer.alloc(lengthBytes);
  const read = readSync(fd, bytes, 0, lengthBytes, position);
  return read === lengthBytes ? bytes.readUInt32BE() : -1;
}

/** Cuts off what is after the last whole record. @returns the file's size then */
export function wholeRecords(fd: number, bytes: number): number {
  if (bytes === 0) return 0;
  const last = lengthAt(fd, bytes - lengthBytes);
  const start = bytes - 2 * lengthBytes - last;
  if (last > 0 && last <= mostBytes && start >= 0 && lengthAt(fd, start) === last) return bytes;
  let end = 0;
  for (;;) {
    const length = lengthAt(fd, end);
    const next = end + 2 * lengthBytes + length;
    if (length <= 0 || length > mostBytes || next > bytes) break;
    if (lengthAt(fd, next - lengthBytes) !== length) break;
    end = next;
  }
  ftruncateSync(fd, end);
  return end;
}
