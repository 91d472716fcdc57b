/**
 * A log file that only grows, until it is rotated: records are written whole, in order, and never
 * split over two files. When the disk refuses a write, what had come of it is taken back, so that a
 * reader never meets half a record.
 */
import * as fs from 'node:fs';
import { giveBlock, takeBlock } from './blocks.ts';
import { bytesOf } from './bytes.ts';
import type { LogLimits } from './logOptions.ts';
import { compressRotated, shiftFiles } from './rotation.ts';

const logMode = 0o640;
const none = bytesOf(Buffer.alloc(0));

export class LogFile {
  readonly #path: string;
  readonly #limits: LogLimits;
  readonly #failed: (error: unknown) => void;
  #fd: number;
  #bytes: number;
  /** What is kept back until `flush`: for a turn of the event loop. */
  block = none;
  #pending = 0;

  /**
   * Opens the file at its end, made (0640) if need be. Throws what `open` throws.
   * @param failed is told of rotated files that could not be compressed
   */
  constructor(path: string, limits: LogLimits, failed: (error: unknown) => void = () => undefined) {
    this.#path = path;
    this.#limits = limits;
    this.#fd = fs.openSync(path, 'a+', logMode);
    this.#bytes = fs.fstatSync(this.#fd).size;
    this.#failed = failed;
    compressRotated(path, limits, failed);
  }

  /** Lets `mend` look at what a killed process left at the end. */
  mend(mend: (fd: number, bytes: number) => number): void {
    this.#bytes = mend(this.#fd, this.#bytes);
  }

  /**
   * Makes room for a record of at most so many bytes, in `block`. Throws as `flush` does.
   * @returns where it begins
   */
  reserve(bytes: number): number {
    const { maxBytes } = this.#limits;
    if (maxBytes !== undefined && this.#bytes + this.#pending >= maxBytes) {
      this.flush();
      this.#rotate();
    }
    if (this.#pending + bytes > this.block.buffer.length) {
      this.flush();
      this.block = takeBlock(bytes);
    }
    return this.#pending;
  }

  /** A record was written there, up to `end`; it is in the file after `flush` at the latest. */
  added(end: number): void {
    this.#pending = end;
  }

  /**
   * A process that was killed may have left half a record: it is ended, so that the next one starts
   * a line. Those who follow the file pass over what is no record. Throws what the disk says.
   */
  endLine(): void {
    if (this.#bytes === 0) return;
    const last = Buffer.alloc(1);
    const fd = fs.openSync(this.#path, 'r');
    try {
      fs.readSync(fd, last, 0, 1, this.#bytes - 1);
    } finally {
      fs.closeSync(fd);
    }
    if (last.toString() !== '\n') this.#write(Buffer.from('\n'));
  }

  get pending(): boolean {
    return this.#pending > 0;
  }

  /**
   * Writes what was appended. Throws what the disk says; the records not written are then dropped.
   */
  flush(): void {
    const { block } = this;
    if (block === none) return;
    const bytes = block.buffer.subarray(0, this.#pending);
    this.block = none;
    this.#pending = 0;
    try {
      this.#write(bytes);
    } finally {
      giveBlock(block);
    }
  }

  close(): void {
    fs.closeSync(this.#fd);
  }

  #write(bytes: Buffer): void {
    let written = 0;
    try {
      while (written < bytes.length) written += fs.writeSync(this.#fd, bytes, written);
    } catch (error) {
      if (written > 0) fs.ftruncateSync(this.#fd, fs.fstatSync(this.#fd).size - written);
      throw error;
    }
    this.#bytes += bytes.length;
  }

  #rotate(): void {
    fs.closeSync(this.#fd);
    try {
      shiftFiles(this.#path, this.#limits.maxFiles);
    } finally {
      this.#fd = fs.openSync(this.#path, 'a+', logMode);
      this.#bytes = fs.fstatSync(this.#fd).size;
    }
    compressRotated(this.#path, this.#limits, this.#failed);
  }
}
