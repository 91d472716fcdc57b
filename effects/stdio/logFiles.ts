/**
 * A container's log as one sequence of records over its rotated files, compressed or not, read
 * forwards from any place. A file keeps being read under its new name when it is rotated meanwhile,
 * also when it is compressed then, and the next newer one comes after it.
 */
import type { LogFormat } from './logFormat.ts';
import type { LogPage } from './logPage.ts';
import { type LogPiece, openPiece, placeOf } from './logPiece.ts';

/** More rotated files than anybody keeps. */
const maxRotations = 10_000;

/** `0`: the file that is written; `n`: `<path>.<n>`. */
const nameOf = (path: string, rotation: number): string =>
  rotation === 0 ? path : `${path}.${rotation}`;

export class LogFiles {
  readonly #path: string;
  readonly #format: LogFormat;
  #piece: LogPiece | undefined;

  constructor(path: string, format: LogFormat) {
    this.#path = path;
    this.#format = format;
  }

  /** Starts at the oldest record. */
  async seekStart(): Promise<void> {
    await this.#open((await this.#count()) - 1);
  }

  /** Starts as many records before the end, as far as there are so many. */
  async seekLast(records: number): Promise<void> {
    let missing = records;
    for (let n = 0; n < maxRotations; n += 1) {
      const piece = await openPiece(nameOf(this.#path, n), this.#format);
      if (piece === undefined) {
        if (n > 0) await this.#open(n - 1);
        return;
      }
      missing = await piece.seekLast(missing);
      if (missing === 0) return await this.#use(piece);
      await piece.close();
    }
  }

  /** Starts somewhere before the first record since then, if that is to be seen without reading. */
  async seekSince(ns: bigint): Promise<void> {
    const count = await this.#count();
    for (let n = count - 1; n >= 0; n -= 1) {
      const piece = await openPiece(nameOf(this.#path, n), this.#format);
      if (piece === undefined) continue;
      if (n === 0 || piece.writtenNs >= ns) {
        await piece.seekSince(ns);
        return await this.#use(piece);
      }
      await piece.close();
    }
  }

  /** The next records, maybe none yet of what was read; undefined when nothing more is there. */
  async read(): Promise<LogPage | undefined> {
    for (;;) {
      if (this.#piece === undefined) await this.#open(0);
      if (this.#piece === undefined) return undefined;
      const page = await this.#piece.read();
      if (page !== undefined) return page;
      if ((await this.#newer(this.#piece)) === undefined) return undefined;
      // What was written between the last read and the rotation.
      const rest = await this.#piece.read();
      if (rest !== undefined) return rest;
      if (!(await this.#advance(this.#piece))) return undefined;
    }
  }

  async close(): Promise<void> {
    await this.#piece?.close();
    this.#piece = undefined;
  }

  /** How many files there are, counted from the one that is written. */
  async #count(): Promise<number> {
    for (let n = 1; n < maxRotations; n += 1) {
      if ((await placeOf(nameOf(this.#path, n))) === undefined) return n;
    }
    return maxRotations;
  }

  /** Which file comes after this one; undefined while this is the newest. */
  async #newer(piece: LogPiece): Promise<number | undefined> {
    const written = await placeOf(this.#path);
    if (written !== undefined && piece.isAt(written)) return undefined;
    for (let n = 1; n < maxRotations; n += 1) {
      const place = await placeOf(nameOf(this.#path, n));
      if (place === undefined) break;
      if (piece.isAt(place)) return n - 1;
    }
    // It is gone: removed by rotation, or with its container.
    return written === undefined ? undefined : (await this.#count()) - 1;
  }

  /** Goes on with the next newer file; false if there is none any more. */
  async #advance(piece: LogPiece): Promise<boolean> {
    for (;;) {
      const newer = await this.#newer(piece);
      if (newer === undefined) return false;
      const next = await openPiece(nameOf(this.#path, newer), this.#format);
      // A rotation meanwhile has given the name to another file.
      if (next !== undefined && (await this.#newer(piece)) === newer) {
        await this.#use(next);
        return true;
      }
      await next?.close();
    }
  }

  async #open(rotation: number): Promise<void> {
    const piece = await openPiece(nameOf(this.#path, rotation), this.#format);
    if (piece !== undefined) await this.#use(piece);
  }

  async #use(piece: LogPiece): Promise<void> {
    await this.close();
    this.#piece = piece;
  }
}
