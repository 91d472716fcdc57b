/** Reads single files of a spooled archive: what a name says of the bytes is checked. */
import { readFile } from 'node:fs/promises';
import type { JsonValue } from '../../machines/words.ts';
import { parseJson } from './imageConfig.ts';
import { LoadError } from './loadError.ts';
import type { Spool, SpooledFile } from './spool.ts';

const longestJson = 8 * 1024 * 1024;

/** Where a blob lies in an OCI layout. @throws LoadError */
export function blobPath(digest: string): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) {
    throw new LoadError(`invalid archive: ${JSON.stringify(digest)} is not a sha256 digest`);
  }
  return `blobs/sha256/${digest.slice('sha256:'.length)}`;
}

/** @throws LoadError if there is none, or if it is named by a digest that it does not have. */
export function lookUp(spool: Spool, name: string): SpooledFile {
  const file = spool.find(name);
  if (!file) throw new LoadError(`invalid archive: ${name}: no such file`);
  const match = /(?:^|\/)blobs\/sha256\/([0-9a-f]{64})$/.exec(name);
  if (!match || file.digest === `sha256:${match[1]}`) return file;
  throw new LoadError(`${name}: digest mismatch: got ${file.digest}`);
}

/** A small file whole. @throws LoadError */
export async function readBytes(spool: Spool, name: string): Promise<Buffer> {
  const file = lookUp(spool, name);
  if (file.size > longestJson) throw new LoadError(`invalid archive: ${name} is too large`);
  return readFile(file.path);
}

/** @throws LoadError */
export async function readJson(spool: Spool, name: string): Promise<JsonValue> {
  return parseJson(await readBytes(spool, name), name);
}
