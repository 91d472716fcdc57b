/**
 * Rotated log files, compressed: ordinary gzip, whose header carries the inode of the file that it
 * was made of (subfield `SL`), so that a reader who has that one open finds its place among the
 * names. It keeps the modification time of what was compressed.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createDeflateRaw } from 'node:zlib';

const blockBytes = 64 * 1024;
const headerBytes = 24;
const sourceAt = 16;
const mark = Buffer.from('SL');

function header(source: bigint): Buffer {
  const bytes = Buffer.alloc(headerBytes);
  // gzip, deflate, with an extra field; no time; of an unknown system.
  bytes.set([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255]);
  bytes.writeUInt16LE(12, 10);
  mark.copy(bytes, 12);
  bytes.writeUInt16LE(8, 14);
  bytes.writeBigUInt64LE(source, sourceAt);
  return bytes;
}

/** The inode of what was compressed; undefined for a file that was not made here. */
export function sourceOf(bytes: Buffer): bigint | undefined {
  if (bytes.length < headerBytes || !bytes.subarray(12, 14).equals(mark)) return undefined;
  return bytes.readBigUInt64LE(sourceAt);
}

/** Counts what passes, and gives the trailer of a gzip file for it. */
class Checksum extends Transform {
  #crc = 0;
  #bytes = 0;

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#crc = crc32(chunk, this.#crc);
    this.#bytes += chunk.length;
    done(null, chunk);
  }

  trailer(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32LE(this.#crc, 0);
    bytes.writeUInt32LE(this.#bytes % 2 ** 32, 4);
    return bytes;
  }
}

/** An open file from its start to its end; it stays open. */
export async function* blocksOf(file: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const buffer = Buffer.allocUnsafe(blockBytes);
    const { bytesRead } = await file.read(buffer, 0, blockBytes, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/**
 * Writes the compressed form of a file to a new one, on another thread, piece by piece.
 * @returns the inode of what was compressed: its name may be another's by then
 */
export async function compressFile(path: string, target: string): Promise<bigint> {
  const source = await open(path, 'r');
  try {
    const { ino, mtime, mode } = await source.stat({ bigint: true });
    const file = await open(target, 'w', Number(mode) & 0o777);
    try {
      await file.write(header(ino));
      const checksum = new Checksum();
      const sink = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
        for await (const chunk of chunks) await file.write(chunk);
      };
      await pipeline(blocksOf(source), checksum, createDeflateRaw(), sink);
      await file.write(checksum.trailer());
      await file.utimes(mtime, mtime);
    } finally {
      await file.close();
    }
    return ino;
  } finally {
    await source.close();
  }
}
