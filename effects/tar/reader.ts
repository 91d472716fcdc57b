/**
 * Reads a tar entry by entry from chunks: ustar, pax and GNU long names, GNU's sparse files in all
 * their forms. Nothing of a file's content is kept; what a header may make us keep is bounded.
 */
import { AT, BLOCK, type EntryKind, headerSum, padding, type TarEntry } from './entry.ts';
import { fieldNumber, fieldText } from './fields.ts';
import { applyRecords, parseRecords, type Records, splitGlobal } from './pax.ts';
import { ByteSource } from './source.ts';
import { type Extent, gnuExtents, mappedExtents, recordedExtents } from './sparse.ts';
import { TarError } from './tarError.ts';

/** Content of a file at its place; what lies between is a hole. */
export interface Piece {
  readonly offset: number;
  readonly bytes: Buffer;
}

export interface ReadEntry {
  readonly entry: TarEntry;
  /** Must be read, or is skipped when the next entry is asked for. */
  readonly content: AsyncIterable<Piece>;
}

const KINDS: Readonly<Record<string, EntryKind>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
};
/** Names and attributes of one entry, bytes. */
const EXTENSION_MAX = 1024 * 1024;
const PIECE = 256 * 1024;

interface Extensions {
  readonly records: Records;
  readonly name?: string;
  readonly linkName?: string;
}

/** @throws TarError */
export async function* readTar(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ReadEntry> {
  const source = new ByteSource(chunks);
  let global: Records = new Map();
  let pending: Extensions = { records: new Map() };
  for (;;) {
    const block = await nextHeader(source);
    if (block === undefined) return await source.drain();
    const type = block.toString('latin1', AT.type, AT.type + 1);
    if (type === 'g') global = splitGlobal(global, await extension(source, block));
    else if (type === 'x') {
      pending = { ...pending, records: parseRecords(await extension(source, block)) };
    } else if (type === 'L') pending = { ...pending, name: await longName(source, block) };
    else if (type === 'K') pending = { ...pending, linkName: await longName(source, block) };
    else {
      const records = new Map([...global, ...pending.records]);
      yield* oneEntry(source, block, { ...pending, records });
      pending = { records: new Map() };
    }
  }
}

/** Undefined at the end: two empty blocks, or nothing more. @throws TarError */
async function nextHeader(source: ByteSource): Promise<Buffer | undefined> {
  for (let empty = 0; ; empty += 1) {
    const block = await source.exactly(BLOCK);
    if (block === undefined || empty === 2) return undefined;
    if (block.some((byte) => byte !== 0)) {
      if (empty === 0 && fieldNumber(block, AT.sum, 8) === headerSum(block)) return block;
      throw new TarError('archive/tar: invalid tar header');
    }
    if (empty === 1) return undefined;
  }
}

async function extension(source: ByteSource, block: Buffer): Promise<Buffer> {
  const size = fieldNumber(block, AT.size, 12);
  if (size > EXTENSION_MAX) throw new TarError('archive/tar: header field too long');
  const bytes = size === 0 ? Buffer.alloc(0) : await source.exactly(size);
  if (bytes === undefined) throw new TarError('unexpected EOF');
  await source.skip(padding(size));
  return bytes;
}

async function longName(source: ByteSource, block: Buffer): Promise<string> {
  const bytes = await extension(source, block);
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
}

async function* oneEntry(
  source: ByteSource,
  block: Buffer,
  extensions: Extensions,
): AsyncGenerator<ReadEntry> {
  const plain = plainEntry(block, extensions);
  const stored = plain.kind === 'file' ? plain.size : 0;
  if (stored < 0) throw new TarError('archive/tar: invalid tar header');
  const { extents, realSize, headerBytes } = await extentsOf(source, block, extensions, stored);
  const end = extents.at(-1);
  if (end !== undefined && end.offset + end.length > realSize) {
    throw new TarError('archive/tar: invalid tar header');
  }
  const left = { stored: stored - headerBytes };
  const content = pieces(source, extents, left);
  const size = plain.kind === 'file' ? realSize : 0;
  yield { entry: { ...plain, size }, content };
  await source.skip(left.stored + padding(stored));
}

function plainEntry(block: Buffer, { records, name, linkName }: Extensions): TarEntry {
  const type = block.toString('latin1', AT.type, AT.type + 1);
  const prefix = isUstar(block) ? fieldText(block, AT.prefix, 155) : '';
  const short = fieldText(block, AT.name, 100);
  const whole = name ?? (prefix === '' ? short : `${prefix}/${short}`);
  const kind = KINDS[type];
  if (kind === undefined) throw new TarError(`unhandled tar header type ${type.charCodeAt(0)}`);
  const entry: TarEntry = {
    // Of old, a directory was a file whose name ends with a slash.
    kind: kind === 'file' && whole.endsWith('/') ? 'directory' : kind,
    name: whole,
    linkName: linkName ?? fieldText(block, AT.linkName, 100),
    mode: fieldNumber(block, AT.mode, 8) & 0o7777,
    uid: fieldNumber(block, AT.uid, 8),
    gid: fieldNumber(block, AT.gid, 8),
    size: fieldNumber(block, AT.size, 12),
    mtime: fieldNumber(block, AT.mtime, 12),
    xattrs: new Map(),
    device: {
      major: fieldNumber(block, AT.major, 8),
      minor: fieldNumber(block, AT.minor, 8),
    },
  };
  return applyRecords(entry, records);
}

/** GNU's own magic ends with blanks, and what follows is no prefix. */
const isUstar = (block: Buffer): boolean =>
  block.toString('latin1', AT.magic, AT.magic + 6) === 'ustar\0';

interface Layout {
  readonly extents: readonly Extent[];
  readonly realSize: number;
  /** Stored bytes that describe the extents and are no content. */
  readonly headerBytes: number;
}

async function extentsOf(
  source: ByteSource,
  block: Buffer,
  { records }: Extensions,
  stored: number,
): Promise<Layout> {
  const type = block.toString('latin1', AT.type, AT.type + 1);
  if (type === 'S') return { ...(await gnuExtents(source, block)), headerBytes: 0 };
  const realSize = Number(
    records.get('GNU.sparse.realsize') ?? records.get('GNU.sparse.size') ?? stored,
  );
  if (records.get('GNU.sparse.major')?.toString() === '1') {
    return { ...(await mappedExtents(source)), realSize };
  }
  const extents = recordedExtents(records) ?? [{ offset: 0, length: stored }];
  return { extents, realSize, headerBytes: 0 };
}

async function* pieces(
  source: ByteSource,
  extents: readonly Extent[],
  left: { stored: number },
): AsyncGenerator<Piece> {
  for (const { offset, length } of extents) {
    for (let done = 0; done < length; ) {
      const most = Math.min(PIECE, length - done, left.stored);
      if (most <= 0) throw new TarError('archive/tar: invalid tar header');
      const bytes = await source.some(most);
      if (bytes === undefined) throw new TarError('unexpected EOF');
      left.stored -= bytes.length;
      yield { offset: offset + done, bytes };
      done += bytes.length;
    }
  }
}
