/** Extended headers (pax): records of key and value that replace or add to the fixed fields. */
import type { TarEntry } from './entry.ts';
import { TarError } from './tarError.ts';

export type Records = ReadonlyMap<string, Buffer>;

const XATTR = 'SCHILY.xattr.';
const bad = (): TarError => new TarError('archive/tar: invalid tar header');

/** @throws TarError. Of GNU's oldest sparse form the same keys come again: all are kept, joined. */
export function parseRecords(bytes: Buffer): Records {
  const records = new Map<string, Buffer>();
  const pairs: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(0x20, at);
    const digits = blank < 0 ? '' : bytes.toString('latin1', at, blank);
    const end = at + Number(digits);
    if (!/^\d{1,9}$/.test(digits) || end > bytes.length || end <= blank + 2) throw bad();
    const equals = bytes.indexOf(0x3d, blank);
    if (equals < 0 || equals >= end || bytes[end - 1] !== 0x0a) throw bad();
    const key = bytes.toString('latin1', blank + 1, equals);
    const value = bytes.subarray(equals + 1, end - 1);
    if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes') pairs.push(value.toString());
    else records.set(key, value);
    at = end;
  }
  if (pairs.length > 0) records.set('GNU.sparse.map', Buffer.from(pairs.join(',')));
  return records;
}

/** Global records stay until others of their key come; an empty value takes one away. */
export function splitGlobal(before: Records, bytes: Buffer): Records {
  const after = new Map([...before, ...parseRecords(bytes)]);
  for (const [key, value] of after) if (value.length === 0) after.delete(key);
  return after;
}

export function applyRecords(entry: TarEntry, records: Records): TarEntry {
  const text = (key: string): string | undefined => {
    const value = records.get(key);
    return value === undefined || value.length === 0 ? undefined : value.toString('latin1');
  };
  const number = (key: string, otherwise: number): number => {
    const found = text(key);
    if (found === undefined) return otherwise;
    const value = Number(found);
    if (!/^-?\d+(\.\d*)?$/.test(found) || Math.abs(value) > Number.MAX_SAFE_INTEGER) throw bad();
    return value;
  };
  const xattrs = [...records].filter(([key]) => key.startsWith(XATTR));
  return {
    ...entry,
    name: text('GNU.sparse.name') ?? text('path') ?? entry.name,
    linkName: text('linkpath') ?? entry.linkName,
    uid: number('uid', entry.uid),
    gid: number('gid', entry.gid),
    size: number('size', entry.size),
    mtime: number('mtime', entry.mtime),
    xattrs: new Map(xattrs.map(([key, value]) => [key.slice(XATTR.length), value])),
  };
}
