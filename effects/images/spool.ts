/**
 * Puts the files of a tar on disk, so that they can be read in any order. Names of the archive
 * never become names of ours: each file gets a number, the archive's names and links live in a
 * map. So there is no path to escape by.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { addAbortSignal, type Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import { decompressor, peek } from './compression.ts';
import { damageOf, LoadError } from './loadError.ts';

export interface SpooledFile {
  /** Path on disk. */
  readonly path: string;
  readonly size: number;
  /** `sha256:<hex>` of the bytes as they are in the archive. */
  readonly digest: string;
}

export interface Spool {
  /** @returns undefined if the archive has no such file; links are followed. */
  find(name: string): SpooledFile | undefined;
  remove(): Promise<void>;
}

/** tar-stream's entry; its own type leads to a package that has none. */
interface Entry extends AsyncIterable<Uint8Array> {
  readonly header: Header;
  readonly offset: number;
  resume(): unknown;
}

const directoryPrefix = 'load-';
const mostEntries = 20_000;
const mostLinks = 16;

/**
 * @param directory created if absent; the spool is a directory of its own in it.
 * @throws LoadError if it is not a tar, or one that points out of itself.
 */
export async function spoolArchive(
  archive: Readable,
  directory: string,
  signal?: AbortSignal,
): Promise<Spool> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const place = await mkdtemp(join(directory, directoryPrefix));
  const remove = (): Promise<void> => rm(place, { recursive: true, force: true });
  try {
    const contents = new Contents(place);
    await readTar(archive, contents, signal);
    return { find: (name) => contents.find(name), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** One file that is not looked into. @throws the signal's reason, or why it ended early. */
export async function spoolFile(
  source: Readable,
  directory: string,
  signal?: AbortSignal,
): Promise<{ readonly file: SpooledFile; remove(): Promise<void> }> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const place = await mkdtemp(join(directory, directoryPrefix));
  const remove = (): Promise<void> => rm(place, { recursive: true, force: true });
  if (signal) addAbortSignal(signal, source);
  try {
    return { file: await store(source, join(place, '1')), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Removes what a killed daemon has left. Only before any load begins. */
export async function removeOldSpools(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const name of await readdir(directory)) {
    if (!name.startsWith(directoryPrefix)) continue;
    await rm(join(directory, name), { recursive: true, force: true });
  }
}

class Contents {
  readonly #place: string;
  readonly #files = new Map<string, SpooledFile>();
  readonly #links = new Map<string, string>();
  #entries = 0;

  constructor(place: string) {
    this.#place = place;
  }

  find(name: string): SpooledFile | undefined {
    let at = confined(name);
    for (let hops = 0; hops < mostLinks; hops += 1) {
      const target = this.#links.get(at);
      if (target === undefined) return this.#files.get(at);
      at = target;
    }
    return undefined;
  }

  async add(entry: Entry): Promise<void> {
    this.#entries += 1;
    if (this.#entries > mostEntries) throw new LoadError('invalid archive: too many entries');
    const { name, type, linkname } = entry.header;
    const at = confined(name);
    this.#files.delete(at);
    this.#links.delete(at);
    if (type === 'symlink') {
      this.#links.set(at, confined(posix.join(posix.dirname(at), local(linkname ?? ''))));
    } else if (type === 'link') {
      this.#links.set(at, confined(linkname ?? ''));
    } else if (type === 'file' || type === 'contiguous-file') {
      this.#files.set(at, await store(entry, join(this.#place, String(this.#entries))));
    }
  }
}

/** @throws LoadError, or the signal's reason. */
async function readTar(archive: Readable, contents: Contents, signal?: AbortSignal): Promise<void> {
  if (signal) addAbortSignal(signal, archive);
  try {
    const { compression, all } = await peek(archive);
    const [read, fed] = await feed(all, decompressor(compression), contents);
    // A refusal of ours breaks the feeding off as well; then the refusal is the reason.
    if (read.status === 'rejected' && read.reason instanceof LoadError) throw read.reason;
    if (fed.status === 'rejected') throw fed.reason;
    if (read.status === 'rejected') throw read.reason;
  } catch (error) {
    signal?.throwIfAborted();
    // A disk that is full is not the archive's fault.
    const ofSystem = error instanceof Error && 'syscall' in error;
    if (error instanceof LoadError || ofSystem) throw error;
    throw new LoadError(`invalid archive: ${damageOf(error)}`, { cause: error });
  }
}

/** @returns how reading the entries ended, and how feeding the reader did. */
function feed(
  source: AsyncIterable<Uint8Array>,
  unpack: Transform | undefined,
  contents: Contents,
): Promise<[PromiseSettledResult<void>, PromiseSettledResult<void>]> {
  const tar = extract();
  const entries = tar as AsyncIterable<Entry>;
  const reading = async (): Promise<void> => {
    for await (const entry of entries) {
      await contents.add(entry);
      entry.resume();
    }
  };
  const feeding = unpack ? pipeline(source, unpack, tar) : pipeline(source, tar);
  return Promise.allSettled([reading(), feeding]);
}

async function store(entry: AsyncIterable<Uint8Array>, path: string): Promise<SpooledFile> {
  const hash = createHash('sha256');
  const file: FileHandle = await open(path, 'wx', 0o600);
  let size = 0;
  try {
    for await (const chunk of entry) {
      hash.update(chunk);
      await file.writeFile(chunk);
      size += chunk.length;
    }
  } finally {
    await file.close();
  }
  return { path, size, digest: `sha256:${hash.digest('hex')}` };
}

/** The name without `./` and the like. @throws LoadError if it leads out of the archive. */
function confined(name: string): string {
  const plain = posix.normalize(local(name)).replace(/\/+$/, '');
  if (plain !== '..' && !plain.startsWith('../')) return plain;
  throw new LoadError(`invalid archive: "${name}" points outside of the archive`);
}

function local(name: string): string {
  if (!posix.isAbsolute(name)) return name;
  throw new LoadError(`invalid archive: "${name}" points outside of the archive`);
}
