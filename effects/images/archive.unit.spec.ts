import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import {
  blobLayout,
  hexOf,
  imageOf,
  oldLayout,
  streamOf,
  type TarEntry,
  tar,
} from './archive.fixture.ts';
import { type ArchiveImage, readArchive } from './archive.ts';
import { chainIds } from './chainId.ts';
import { LoadError } from './loadError.ts';
import { removeOldSpools, spoolArchive } from './spool.ts';

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shiplog-'));
});
after(() => rm(directory, { recursive: true }));

async function read(archive: Readable): Promise<ArchiveImage[]> {
  const spool = await spoolArchive(archive, directory);
  try {
    return await readArchive(spool, { os: 'linux', architecture: 'amd64' });
  } finally {
    await spool.remove();
  }
}

const readEntries = async (entries: readonly TarEntry[]) => read(streamOf(await tar(entries)));

async function refused(archive: Readable | Promise<Buffer>, text: RegExp): Promise<void> {
  const stream = archive instanceof Readable ? archive : streamOf(await archive);
  await assert.rejects(read(stream), (error) => {
    assert.ok(error instanceof LoadError, String(error));
    assert.match(error.message, text);
    return true;
  });
  assert.deepEqual(await readdir(directory), [], 'the spool is gone');
}

const layer = (text: string) => tar([{ name: 'file', data: text }]);

test('the old layout is read, whatever the order of its entries', async () => {
  const image = imageOf([await layer('a'), await layer('b')]);
  const entries = oldLayout([{ image, tags: ['busybox'] }]);
  for (const order of [entries, [...entries].reverse()]) {
    const [found, ...more] = await readEntries(order);
    assert.equal(found?.id, image.id);
    assert.deepEqual(found?.references, ['docker.io/library/busybox:latest']);
    assert.deepEqual(
      found?.layers.map((each) => each.diffId),
      image.diffIds,
    );
    assert.equal(more.length, 0);
  }
});

test('a layer that is a link to another is that layer', async () => {
  const same = await layer('a');
  const image = imageOf([same, same]);
  const entries = oldLayout([{ image, tags: null }]);
  assert.equal(entries.filter((entry) => entry.type === 'symlink').length, 1);
  const [found] = await readEntries(entries);
  assert.equal(found?.layers[0]?.file.path, found?.layers[1]?.file.path);
  assert.deepEqual(found?.references, []);
});

test('a hard link and a name with ./ before it are followed', async () => {
  const data = await layer('a');
  const image = imageOf([data]);
  const manifest = JSON.stringify([{ Config: 'c', RepoTags: [], Layers: ['x/layer.tar'] }]);
  const [found] = await readEntries([
    { name: './deep/l', data },
    { name: 'x/layer.tar', type: 'link', linkname: 'deep/l' },
    { name: './c', data: image.config },
    { name: './manifest.json', data: manifest },
  ]);
  assert.equal(found?.id, image.id);
});

test('the layout with blobs is read, with plain and with compressed layers', async () => {
  const image = imageOf([await layer('a')]);
  for (const compressed of [false, true]) {
    const [found] = await readEntries(blobLayout([{ image, tags: ['a/b:1'] }], compressed));
    assert.equal(found?.layers[0]?.compression, compressed ? 'gzip' : 'none');
    assert.equal(found?.layers[0]?.diffId, image.diffIds[0]);
    assert.deepEqual(found?.references, ['docker.io/a/b:1']);
  }
});

test('the archive as a whole may be compressed', async () => {
  const image = imageOf([await layer('a')]);
  const plain = await tar(oldLayout([{ image, tags: null }]));
  for (const archive of [gzipSync(plain), zstdCompressSync(plain)]) {
    assert.equal((await read(streamOf(archive, 1)))[0]?.id, image.id);
  }
});

test('several images come in the order of the manifest', async () => {
  const shared = await layer('a');
  const one = imageOf([shared]);
  const two = imageOf([shared, await layer('b')]);
  const found = await readEntries(
    oldLayout([
      { image: two, tags: ['two'] },
      { image: one, tags: ['one', 'uno:1'] },
    ]),
  );
  assert.deepEqual(
    found.map((each) => each.id),
    [two.id, one.id],
  );
});

test('what is no archive is refused in words', async () => {
  await refused(tar([{ name: 'x', data: 'y' }]), /does not contain a manifest\.json/);
  await refused(Promise.resolve(Buffer.alloc(0)), /does not contain a manifest\.json/);
  await refused(Promise.resolve(Buffer.from('no tar at all'.repeat(100))), /^invalid archive: /);
  await refused(tar([{ name: 'manifest.json', data: '{' }]), /manifest\.json is not JSON/);
  await refused(tar([{ name: 'manifest.json', data: '{}' }]), /is not a list/);
  await refused(tar([{ name: 'manifest.json', data: '[{}]' }]), /lacks Config or Layers/);
});

test('an archive that ends early is refused, plain and compressed', async () => {
  const image = imageOf([await tar([{ name: 'f', data: 'x'.repeat(100_000) }])]);
  const whole = await tar(oldLayout([{ image, tags: null }]));
  await refused(Promise.resolve(whole.subarray(0, 50_000)), /^invalid archive: /);
  await refused(Promise.resolve(gzipSync(whole).subarray(0, 300)), /^invalid archive: /);
});

test('a source that breaks is refused', async () => {
  const broken = Readable.from(
    (async function* () {
      yield Buffer.alloc(100, 'x');
      throw new Error('the client went away');
    })(),
  );
  await refused(broken, /the client went away/);
});

test('names and links that lead out of the archive are refused', async () => {
  for (const name of ['../x', '/etc/x', 'a/../../x']) {
    await refused(tar([{ name, data: 'y' }]), /points outside/);
    await refused(tar([{ name: 'l', type: 'symlink', linkname: name }]), /points outside/);
    await refused(tar([{ name: 'l', type: 'link', linkname: name }]), /points outside/);
  }
  const loop = [
    { name: 'manifest.json', type: 'symlink', linkname: 'b' },
    { name: 'b', type: 'symlink', linkname: 'manifest.json' },
  ] as const;
  await refused(tar(loop), /does not contain a manifest\.json/);
});

test('layers that are not what the config says are refused', async () => {
  const right = imageOf([await layer('a'), await layer('b')]);
  const fewer = { ...right, layers: right.layers.slice(1) };
  await refused(tar(oldLayout([{ image: fewer, tags: null }])), /expected 2, got 1/);
  const swapped = { ...right, layers: [...right.layers].reverse() };
  await refused(tar(oldLayout([{ image: swapped, tags: null }])), /digest mismatch/);
  await refused(tar(blobLayout([{ image: swapped, tags: null }], true)), /digest mismatch/);
});

test('a blob whose name is not its digest is refused', async () => {
  const image = imageOf([await layer('a')]);
  const entries = blobLayout([{ image, tags: null }]).map((entry) =>
    entry.data === image.config ? { ...entry, data: `${image.config} ` } : entry,
  );
  await refused(tar(entries), /digest mismatch/);
});

test('a config that is not an image config is refused', async () => {
  const data = await layer('a');
  const bad: [object, RegExp][] = [
    [{ os: 'windows' }, /cannot load windows image on linux/],
    [{ os: 7 }, /os of the image config/],
    [{ rootfs: null }, /rootfs is not an object/],
    [{ rootfs: { diff_ids: ['sha256:x'] } }, /not digests/],
    [{ config: [] }, /config is not an object/],
  ];
  for (const [changes, text] of bad) {
    await refused(tar(oldLayout([{ image: imageOf([data], changes), tags: null }])), text);
  }
});

test('references that docker would not take are refused', async () => {
  const image = imageOf([await layer('a')]);
  const digest = `x@sha256:${hexOf('x')}`;
  await refused(tar(oldLayout([{ image, tags: ['Bad/Name'] }])), /invalid reference format/);
  await refused(tar(oldLayout([{ image, tags: [digest] }])), /invalid tag/);
});

test('an aborted load ends with the reason of the abort and leaves nothing', async () => {
  for (const already of [0, 2, 1024]) {
    const stuck = new Readable({ read: () => undefined });
    stuck.push(Buffer.alloc(already));
    const ending = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => ending.abort(reason), 20);
    await assert.rejects(spoolArchive(stuck, directory, ending.signal), reason);
    assert.deepEqual(await readdir(directory), []);
  }
  const aborted = AbortSignal.abort(new Error('before'));
  await assert.rejects(spoolArchive(new Readable(), directory, aborted), /before/);
});

test('spools that a killed daemon has left are removed, and nothing else', async () => {
  const place = await mkdtemp(join(tmpdir(), 'shiplog-'));
  try {
    await writeFile(join(place, 'load-abc'), '');
    await writeFile(join(place, 'other'), '');
    await removeOldSpools(place);
    assert.deepEqual(await readdir(place), ['other']);
  } finally {
    await rm(place, { recursive: true });
  }
});

test('chain ids follow the image specification', () => {
  const [a, b] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`];
  assert.deepEqual(chainIds([]), []);
  assert.deepEqual(chainIds([a]), [a]);
  assert.deepEqual(chainIds([a, b]), [a, `sha256:${hexOf(`${a} ${b}`)}`]);
});
