import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLOCK, headerSum, padding, type TarEntry, toBytes, toText } from './entry.ts';
import { encodeHeader, tarEnd } from './header.ts';
import { type Piece, readTar } from './reader.ts';

const file = (changes: Partial<TarEntry> = {}): TarEntry => ({
  kind: 'file',
  name: 'a',
  linkName: '',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 1_700_000_000,
  xattrs: new Map(),
  device: { major: 0, minor: 0 },
  ...changes,
});

function tar(entries: readonly (readonly [TarEntry, string])[]): Buffer {
  const blocks = entries.flatMap(([entry, content]) => [
    encodeHeader({ ...entry, size: Buffer.byteLength(content) }),
    Buffer.from(content),
    Buffer.alloc(padding(Buffer.byteLength(content))),
  ]);
  return Buffer.concat([...blocks, tarEnd()]);
}

/** In pieces of so many bytes, so that nothing depends on how they arrive. */
async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function contentOf(pieces: AsyncIterable<Piece>, size: number): Promise<string> {
  const whole = Buffer.alloc(size, '.');
  for await (const { offset, bytes } of pieces) bytes.copy(whole, offset);
  return whole.toString('latin1');
}

async function read(bytes: Buffer, size = 100): Promise<[TarEntry, string][]> {
  const found: [TarEntry, string][] = [];
  for await (const { entry, content } of readTar(cut(bytes, size))) {
    found.push([entry, await contentOf(content, entry.size)]);
  }
  return found;
}

test('what is written is read as it was', async () => {
  const xattrs = new Map([
    ['user.origin', Buffer.from('here')],
    ['security.capability', Buffer.from([1, 0, 0, 2, 0xff, 0x0a, 0, 0x3d])],
  ]);
  const entries: [TarEntry, string][] = [
    [file({ kind: 'directory', name: 'd/', mode: 0o1777 }), ''],
    [file({ name: `d/${'long'.repeat(60)}`, uid: 3_000_000, gid: 70_000_000 }), 'content'],
    [file({ name: toBytes('d/grün'), mode: 0o4755, xattrs }), 'x'.repeat(1000)],
    [file({ name: 'd/not \xff UTF-8', mtime: -5 }), ''],
    [file({ kind: 'symlink', name: 'd/l', linkName: `../${'t'.repeat(120)}` }), ''],
    [file({ kind: 'link', name: 'd/h', linkName: toBytes('d/grün') }), ''],
    [file({ kind: 'fifo', name: 'd/f' }), ''],
    [file({ kind: 'char', name: 'd/c', device: { major: 1, minor: 3 } }), ''],
  ];
  const expected = entries.map(([entry, content]) => [{ ...entry, size: content.length }, content]);
  for (const size of [1, 511, 512, 1_000_000]) {
    assert.deepEqual(await read(tar(entries), size), expected);
  }
});

test('content that nobody reads is passed over', async () => {
  const bytes = tar([
    [file(), 'x'.repeat(5000)],
    [file({ name: 'b' }), 'y'],
  ]);
  const names: string[] = [];
  for await (const { entry } of readTar(cut(bytes, 333))) names.push(entry.name);
  assert.deepEqual(names, ['a', 'b']);
});

test('a file of more than 8 GiB is announced whole', async () => {
  const header = encodeHeader(file({ size: 2 ** 33 + 1 }));
  const [first] = await Array.fromAsync(firstOf(header));
  assert.equal(first?.size, 2 ** 33 + 1);
});

async function* firstOf(bytes: Buffer): AsyncGenerator<TarEntry> {
  for await (const { entry } of readTar(cut(bytes, 512))) {
    yield entry;
    return;
  }
}

test('what is no tar, or not all of one, is refused with the texts clients know', async () => {
  const whole = tar([[file(), 'content']]);
  await assert.rejects(read(Buffer.alloc(2048, 'x')), { message: /invalid tar header/ });
  await assert.rejects(read(whole.subarray(0, 300)), { message: 'unexpected EOF' });
  await assert.rejects(read(whole.subarray(0, 515)), { message: 'unexpected EOF' });
  const damaged = Buffer.from(whole);
  damaged.write('b', 0);
  await assert.rejects(read(damaged), { message: /invalid tar header/ });
  assert.deepEqual(await read(Buffer.alloc(0)), []);
});

/** A header with other bytes in a field, summed up anew. */
function changedHeader(entry: TarEntry, change: (block: Buffer) => void): Buffer {
  const block = encodeHeader(entry);
  change(block);
  block.write(`${headerSum(block).toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

test('sizes below zero and extended headers without bounds are refused', async () => {
  const negative = changedHeader(file(), (block) => void block.fill(0xff, 124, 136));
  await assert.rejects(read(negative), { message: /invalid tar header/ });
  const endless = changedHeader(file({ size: 2 ** 30 }), (block) => void block.write('x', 156));
  await assert.rejects(read(endless), { message: /too long/ });
});

test('names beside their bytes, a prefix and old directories are understood', async () => {
  const prefixed = changedHeader(file({ name: 'b' }), (block) => void block.write('deep/er', 345));
  const old = changedHeader(file({ name: 'd/' }), (block) => void block.write('\0', 156));
  const names = (await read(Buffer.concat([prefixed, old, tarEnd()]))).map(([entry]) => entry);
  assert.deepEqual(
    names.map(({ name, kind }) => [name, kind]),
    [
      ['deep/er/b', 'file'],
      ['d/', 'directory'],
    ],
  );
});

test('GNU long names are understood', async () => {
  const name = `${'n'.repeat(150)}/x`;
  const long = changedHeader(file({ name: 'L', size: name.length + 1 }), (block) => {
    block.write('L', 156);
  });
  const body = Buffer.alloc(BLOCK);
  body.write(`${name}\0`);
  const [found] = await read(Buffer.concat([long, body, tar([[file(), 'z']])]));
  assert.equal(found?.[0].name, name);
  assert.equal(found?.[1], 'z');
});

test('names are bytes and come back as the text they were', () => {
  assert.equal(toText(toBytes('grün/☃')), 'grün/☃');
});
