/**
 * A container's log as one sequence of bytes over its rotated files, read forwards from any place.
 * A file keeps being read under its new name when it is rotated meanwhile, and the next newer one
 * comes after it.
 */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { codeOf } from '../system/libc.ts';

const blockBytes = 64 * 1024;
/** More rotated files than anybody keeps. */
const maxRotations = 10_000;

/** `0`: the file that is written; `n`: `<path>.<n>`. */
function nameOf(path: string, rotation: number): string {
  return rotation === 0 ? path : `${path}.${rotation}`;
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** How many files there are, counted from the one that is written. */
async function countFiles(path: string): Promise<number> {
  for (let n = 0; n < maxRotations; n += 1) {
    if ((await inodeOf(nameOf(path, n))) === undefined && n > 0) return n;
  }
  return maxRotations;
}

async function inodeOf(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export class LogFiles {
  readonly #path: string;
  #file: FileHandle | undefined;
  #inode = 0n;
  #position = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Starts at the oldest byte. */
  async seekStart(): Promise<void> {
    await this.#open((await countFiles(this.#path)) - 1, 0);
  }

  /** Starts `lines` whole lines before the end, as far as there are so many. */
  async seekLines(lines: number): Promise<void> {
    let missing = lines;
    for (let n = 0; n < maxRotations; n += 1) {
      const file = await openIfThere(nameOf(this.#path, n));
      if (file === undefined) {
        if (n > 0) await this.#open(n - 1, 0);
        return;
      }
      const found = await startOfLastLines(file, missing);
      if (found.missing === 0) return await this.#use(file, found.position);
      await file.close();
      missing = found.missing;
    }
  }

  /** The next bytes; undefined when there are none for now. */
  async read(): Promise<Buffer | undefined> {
    for (;;) {
      if (this.#file === undefined) await this.#open(0, 0);
      if (this.#file === undefined) return undefined;
      const block = await this.#readBlock(this.#file);
      if (block !== undefined) return block;
      if ((await this.#newer()) === undefined) return undefined;
      // What was written between the last read and the rotation.
      const rest = await this.#readBlock(this.#file);
      if (rest !== undefined) return rest;
      if (!(await this.#advance())) return undefined;
    }
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async #readBlock(file: FileHandle): Promise<Buffer | undefined> {
    const buffer = Buffer.allocUnsafe(blockBytes);
    const { bytesRead } = await file.read(buffer, 0, blockBytes, this.#position);
    this.#position += bytesRead;
    return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead);
  }

  /** Which file comes after this one; undefined while this is the newest. */
  async #newer(): Promise<number | undefined> {
    if ((await inodeOf(this.#path)) === this.#inode) return undefined;
    for (let n = 1; n < maxRotations; n += 1) {
      const inode = await inodeOf(nameOf(this.#path, n));
      if (inode === this.#inode) return n - 1;
      if (inode === undefined) break;
    }
    // It is gone: removed by rotation, or with its container.
    return (await inodeOf(this.#path)) === undefined
      ? undefined
      : (await countFiles(this.#path)) - 1;
  }

  /** Goes on with the next newer file; false if there is none any more. */
  async #advance(): Promise<boolean> {
    for (;;) {
      const newer = await this.#newer();
      if (newer === undefined) return false;
      const file = await openIfThere(nameOf(this.#path, newer));
      // A rotation meanwhile has given the name to another file.
      if (file !== undefined && (await this.#newer()) === newer) {
        await this.#use(file, 0);
        return true;
      }
      await file?.close();
    }
  }

  async #open(rotation: number, position: number): Promise<void> {
    const file = await openIfThere(nameOf(this.#path, rotation));
    if (file !== undefined) await this.#use(file, position);
  }

  async #use(file: FileHandle, position: number): Promise<void> {
    await this.close();
    this.#file = file;
    this.#inode = (await file.stat({ bigint: true })).ino;
    this.#position = position;
  }
}

/** Where the last `lines` lines of the file start, and how many of them it does not have. */
async function startOfLastLines(
  file: FileHandle,
  lines: number,
): Promise<{ readonly position: number; readonly missing: number }> {
  const { size } = await file.stat();
  const buffer = Buffer.allocUnsafe(blockBytes);
  // The newline that ends the last line starts none.
  let newlines = -1;
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - blockBytes);
    const { bytesRead } = await file.read(buffer, 0, end - start, start);
    const block = buffer.subarray(0, bytesRead);
    for (let at = block.lastIndexOf(0x0a); at !== -1; ) {
      newlines += 1;
      if (newlines === lines) return { position: start + at + 1, missing: 0 };
      at = at === 0 ? -1 : block.lastIndexOf(0x0a, at - 1);
    }
    end = start;
  }
  const found = newlines + (size > 0 ? 1 : 0);
  return { position: 0, missing: Math.max(0, lines - Math.max(0, found)) };
}
