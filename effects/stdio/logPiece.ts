/**
 * One file of a log, opened for reading: as it was written, or compressed. It is known by its inode
 * as long as it is open, for then nothing else gets that.
 */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { codeOf } from '../system/libc.ts';
import { blockBytes, giveBlock, takeBlock } from './blocks.ts';
import { blocksOf, sourceOf } from './compression.ts';
import type { LogFormat, RecordParser } from './logFormat.ts';
import { type LogPage, recordsIn, withoutFirst } from './logPage.ts';

const headerBytes = 24;
/** With what is held of a line it is not more than a block. */
const readBytes = blockBytes - 32 * 1024;

/** What has a name now. */
export interface Place {
  readonly inode: bigint;
  /** Of what was compressed into it. */
  readonly source: bigint | undefined;
}

export interface LogPiece {
  /** When it was last written, nanoseconds since 1970; no record in it is younger. */
  readonly writtenNs: bigint;
  isAt(place: Place): boolean;
  /** Goes to the start of its last records. @returns how many of them it does not have */
  seekLast(records: number): Promise<number>;
  /** Goes to some place before the first record since then. */
  seekSince(ns: bigint): Promise<void>;
  /**
   * The next records, maybe none yet of what was read, valid until the next call; undefined when
   * nothing more is there.
   */
  read(): Promise<LogPage | undefined>;
  close(): Promise<void>;
}

async function ifThere<T>(what: Promise<T>): Promise<T | undefined> {
  try {
    return await what;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Undefined: there is no such file, neither as written nor compressed. */
export async function placeOf(path: string): Promise<Place | undefined> {
  const plain = await ifThere(stat(path, { bigint: true }));
  if (plain !== undefined) return { inode: plain.ino, source: undefined };
  const file = await ifThere(open(`${path}.gz`, 'r'));
  if (file === undefined) return undefined;
  try {
    return await compressedPlace(file);
  } finally {
    await file.close();
  }
}

async function compressedPlace(file: FileHandle): Promise<Place> {
  const header = Buffer.alloc(headerBytes);
  const { bytesRead } = await file.read(header, 0, headerBytes, 0);
  const { ino } = await file.stat({ bigint: true });
  return { inode: ino, source: sourceOf(header.subarray(0, bytesRead)) };
}

/** Undefined: there is no such file, neither as written nor compressed. */
export async function openPiece(path: string, format: LogFormat): Promise<LogPiece | undefined> {
  const plain = await ifThere(open(path, 'r'));
  if (plain !== undefined) return new PlainPiece(plain, await plain.stat({ bigint: true }), format);
  const compressed = await ifThere(open(`${path}.gz`, 'r'));
  if (compressed === undefined) return undefined;
  return new CompressedPiece(compressed, await compressed.stat({ bigint: true }), format);
}

interface Status {
  readonly ino: bigint;
  readonly mtimeNs: bigint;
}

class PlainPiece implements LogPiece {
  readonly writtenNs: bigint;
  readonly #file: FileHandle;
  readonly #inode: bigint;
  readonly #format: LogFormat;
  readonly #parser: RecordParser;
  #position = 0;

  constructor(file: FileHandle, { ino, mtimeNs }: Status, format: LogFormat) {
    this.#file = file;
    this.#inode = ino;
    this.writtenNs = roundedUp(mtimeNs);
    this.#format = format;
    this.#parser = format.parser();
  }

  isAt({ inode, source }: Place): boolean {
    return inode === this.#inode || source === this.#inode;
  }

  async seekLast(records: number): Promise<number> {
    const { position, missing } = await this.#format.last(this.#file, records);
    this.#position = position;
    return missing;
  }

  async seekSince(ns: bigint): Promise<void> {
    this.#position = await this.#format.since(this.#file, ns);
  }

  async read(): Promise<LogPage | undefined> {
    this.#parser.forget();
    const block = takeBlock();
    try {
      const { bytesRead } = await this.#file.read(block.buffer, 0, readBytes, this.#position);
      this.#position += bytesRead;
      return bytesRead === 0 ? undefined : this.#parser.push(block.buffer.subarray(0, bytesRead));
    } finally {
      giveBlock(block);
    }
  }

  close(): Promise<void> {
    this.#parser.forget();
    return this.#file.close();
  }
}

class CompressedPiece implements LogPiece {
  readonly writtenNs: bigint;
  readonly #file: FileHandle;
  readonly #inode: bigint;
  readonly #format: LogFormat;
  #pages: AsyncGenerator<LogPage> | undefined;
  /** Records that are not given on. */
  #skipped = 0;

  constructor(file: FileHandle, { ino, mtimeNs }: Status, format: LogFormat) {
    this.#file = file;
    this.#inode = ino;
    this.writtenNs = roundedUp(mtimeNs);
    this.#format = format;
  }

  isAt({ inode }: Place): boolean {
    return inode === this.#inode;
  }

  /** Its records are counted first: there is no way back in it. */
  async seekLast(records: number): Promise<number> {
    let count = 0;
    for await (const page of this.#read()) count += recordsIn(page);
    this.#skipped = Math.max(0, count - records);
    return Math.max(0, records - count);
  }

  seekSince(): Promise<void> {
    return Promise.resolve();
  }

  async read(): Promise<LogPage | undefined> {
    this.#pages ??= this.#read();
    const next = await this.#pages.next();
    if (next.done === true) return undefined;
    const passed = Math.min(this.#skipped, recordsIn(next.value));
    this.#skipped -= passed;
    return passed === 0 ? next.value : withoutFirst(next.value, passed);
  }

  async close(): Promise<void> {
    await this.#pages?.return(undefined);
    await this.#file.close();
  }

  async *#read(): AsyncGenerator<LogPage> {
    const parser = this.#format.parser();
    try {
      for await (const chunk of decompressed(this.#file)) yield parser.push(chunk);
    } finally {
      parser.forget();
    }
  }
}

/** Clocks of file systems are coarse. */
const roundedUp = (ns: bigint): bigint => ns + 1_000_000_000n;

/** A damaged file ends where it is damaged. */
async function* decompressed(file: FileHandle): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  const fed = pipeline(blocksOf(file), gunzip);
  // Whoever reads is told of the same.
  const over = fed.catch(() => undefined);
  try {
    for await (const chunk of gunzip) yield chunk;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (!String(error.code).startsWith('Z_')) throw error;
  } finally {
    gunzip.destroy();
    await over;
  }
}
