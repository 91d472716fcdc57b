/**
 * The header of an entry as bytes: POSIX ustar, with an extended header (pax) before it for all
 * that the fixed fields can not hold: long or non-ASCII names, large numbers, attributes.
 */
import { AT, BLOCK, type EntryKind, headerSum, padding, type TarEntry } from './entry.ts';

const TYPES: Readonly<Record<EntryKind, string>> = {
  file: '0',
  link: '1',
  symlink: '2',
  char: '3',
  block: '4',
  directory: '5',
  fifo: '6',
};
const NAME_MAX = 100;
const OWNER_MAX = 8 ** 7 - 1;
const SIZE_MAX = 8 ** 11 - 1;

/** Header and, if need be, the extended header before it; the content must follow. */
export function encodeHeader(entry: TarEntry): Buffer {
  const records = recordsOf(entry);
  const block = ustar(entry);
  if (records.length === 0) return block;
  const body = Buffer.concat(records);
  const { name, mtime } = entry;
  const extended = ustar({ ...entry, name: `PaxHeaders.0/${name}`, linkName: '', mtime }, body);
  return Buffer.concat([extended, body, Buffer.alloc(padding(body.length)), block]);
}

/** What ends a tar. */
export const tarEnd = (): Buffer => Buffer.alloc(2 * BLOCK);

function ustar(entry: TarEntry, extension?: Buffer): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, width: number, max: number): void => {
    const shown = value >= 0 && value <= max ? Math.trunc(value) : 0;
    block.write(`${shown.toString(8).padStart(width, '0')}\0`, at);
  };
  block.write(ascii(entry.name).slice(0, NAME_MAX), AT.name, 'latin1');
  octal(extension === undefined ? entry.mode : 0o644, AT.mode, 7, OWNER_MAX);
  octal(extension === undefined ? entry.uid : 0, AT.uid, 7, OWNER_MAX);
  octal(extension === undefined ? entry.gid : 0, AT.gid, 7, OWNER_MAX);
  octal(extension?.length ?? contentSize(entry), AT.size, 11, SIZE_MAX);
  octal(entry.mtime, AT.mtime, 11, SIZE_MAX);
  block.write(extension === undefined ? TYPES[entry.kind] : 'x', AT.type);
  block.write(ascii(entry.linkName).slice(0, NAME_MAX), AT.linkName, 'latin1');
  block.write('ustar\x0000', AT.magic);
  octal(entry.device.major, AT.major, 7, OWNER_MAX);
  octal(entry.device.minor, AT.minor, 7, OWNER_MAX);
  block.write(`${headerSum(block).toString(8).padStart(6, '0')}\0 `, AT.sum);
  return block;
}

const contentSize = ({ kind, size }: TarEntry): number => (kind === 'file' ? size : 0);

/** Readers that do not know extended headers see something. */
const ascii = (name: string): string => name.replace(/[\x80-\xff]/g, '_');

const plain = (name: string): boolean => name.length <= NAME_MAX && !/[\x80-\xff]/.test(name);

function recordsOf(entry: TarEntry): Buffer[] {
  const records: Buffer[] = [];
  const add = (key: string, value: Buffer | string): void => {
    records.push(record(key, typeof value === 'string' ? Buffer.from(value, 'latin1') : value));
  };
  if (!plain(entry.name)) add('path', entry.name);
  if (!plain(entry.linkName)) add('linkpath', entry.linkName);
  if (entry.uid > OWNER_MAX) add('uid', String(entry.uid));
  if (entry.gid > OWNER_MAX) add('gid', String(entry.gid));
  if (contentSize(entry) > SIZE_MAX) add('size', String(entry.size));
  if (entry.mtime < 0 || entry.mtime > SIZE_MAX) add('mtime', String(Math.trunc(entry.mtime)));
  for (const [name, value] of entry.xattrs) add(`SCHILY.xattr.${name}`, value);
  return records;
}

/** `<length> <key>=<value>\n`, the length being that of all of it, its own digits included. */
function record(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`, 'latin1'), value, Buffer.from('\n')]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) {
    length = String(length).length + rest.length;
  }
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
