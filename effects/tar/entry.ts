/**
 * An entry of a tar. File names are bytes on Linux: here they are strings of which each character
 * is one byte (latin1), so that none is lost, and that they sort as bytes do.
 */
export type EntryKind = 'file' | 'directory' | 'symlink' | 'link' | 'fifo' | 'char' | 'block';

export interface TarEntry {
  readonly kind: EntryKind;
  /** Bytes as characters; a directory's may end with a slash. */
  readonly name: string;
  /** Of a symlink what it says, of a link the name of an earlier entry; else empty. */
  readonly linkName: string;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of a file: bytes of its content. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Extended attributes by their whole names (`user.origin`). */
  readonly xattrs: ReadonlyMap<string, Buffer>;
  /** Of a device. */
  readonly device: { readonly major: number; readonly minor: number };
}

export const BLOCK = 512;

/** Bytes up to the next whole block. */
export const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;

/** Where each field of a header begins. */
export const AT = {
  name: 0,
  mode: 100,
  uid: 108,
  gid: 116,
  size: 124,
  mtime: 136,
  sum: 148,
  type: 156,
  linkName: 157,
  magic: 257,
  major: 329,
  minor: 337,
  prefix: 345,
} as const;

/** The sum of a header's bytes, made with its own field full of blanks. */
export function headerSum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < BLOCK; at += 1) {
    if (at < AT.sum || at >= AT.sum + 8) sum += block[at] ?? 0;
  }
  return sum;
}

/** Text as the bytes that stand for it, and back. */
export const toBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
export const toText = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');
