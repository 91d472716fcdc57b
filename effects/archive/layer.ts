/**
 * The changes of a container as the tar of an image's layer: what was removed as an empty file
 * `.wh.<name>`, a directory that hides the image's as one with `.wh..wh..opq` in it.
 */
import type { TarEntry } from '../tar/entry.ts';
import { encodeHeader } from '../tar/header.ts';
import { type Found, findChanges, type LayerFiles } from './changes.ts';
import { asTar, entryOf, newPacking, type Packing, packFile } from './pack.ts';

const PREFIX = '.wh.';
const OPAQUE = `${PREFIX}${PREFIX}.opq`;

/** @param counted its `entries` counts those of the tar: none, nothing has changed. */
export function packLayer(
  files: LayerFiles,
  tick: () => void,
  counted: { entries: number },
): Generator<Buffer> {
  const packing = newPacking(tick);
  /** Directories above the change that are not written yet, topmost first. */
  const above: (Found & { kind: 'there' })[] = [];
  function* all(): Generator<Buffer> {
    for (const found of findChanges(files, { tick })) {
      while (above.length > 0 && !isBelow(found.path, above.at(-1)?.path ?? '')) above.pop();
      if (found.kind === 'there' && found.onlyBelow) {
        above.push(found);
        continue;
      }
      for (const directory of above.splice(0)) yield* one(packing, directory, counted);
      yield* one(packing, found, counted);
    }
  }
  return asTar(all());
}

const isBelow = (path: string, directory: string): boolean => path.startsWith(`${directory}/`);

function* one(packing: Packing, found: Found, counted: { entries: number }): Generator<Buffer> {
  const name = found.path.slice(1);
  counted.entries += 1;
  if (found.kind === 'removed') return yield encodeHeader(whiteout(name));
  const { fd, stats, link, opaque } = found;
  const entry = entryOf(fd, stats, name, link);
  if (entry === undefined) return;
  if (entry.kind !== 'directory') return yield* packFile(packing, fd, stats, entry);
  yield encodeHeader(entry);
  if (opaque && !found.added) yield encodeHeader(empty(`${name}/${OPAQUE}`));
}

function whiteout(name: string): TarEntry {
  const at = name.lastIndexOf('/') + 1;
  return empty(`${name.slice(0, at)}${PREFIX}${name.slice(at)}`);
}

const empty = (name: string): TarEntry => ({
  kind: 'file',
  name,
  linkName: '',
  mode: 0o600,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0,
  xattrs: new Map(),
  device: { major: 0, minor: 0 },
});
