/** The image that other tests run is well-formed, and the same each time it is built. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { extract } from 'tar-stream';
import { buildBusyboxImage } from './busyboxImage.ts';

async function entriesOf(archive: Buffer): Promise<ReadonlyMap<string, Buffer>> {
  const entries = new Map<string, Buffer>();
  const tar = Readable.from([archive]).pipe(extract());
  for await (const entry of tar) entries.set(entry.header.name, await buffer(entry));
  return entries;
}

const digest = (bytes: Buffer | undefined) =>
  createHash('sha256')
    .update(bytes ?? '')
    .digest('hex');

test('manifest, config and layers of the archive fit each other', async () => {
  const { archive, id } = await buildBusyboxImage({
    repoTags: ['app:1', 'app:2'],
    labels: { a: 'b' },
    config: { User: 'web' },
    files: { 'etc/motd': 'hello\n' },
  });
  const entries = await entriesOf(archive);
  const [manifest] = JSON.parse(String(entries.get('manifest.json')));
  assert.deepEqual(manifest.RepoTags, ['app:1', 'app:2']);
  const config = entries.get(manifest.Config);
  assert.equal(`sha256:${digest(config)}`, id);
  const parsed = JSON.parse(String(config));
  assert.deepEqual([parsed.config.User, parsed.config.Labels], ['web', { a: 'b' }]);
  assert.deepEqual(
    manifest.Layers.map((name: string) => `sha256:${digest(entries.get(name))}`),
    parsed.rootfs.diff_ids,
  );
});

test('the root layer has a shell and users', async () => {
  const { archive } = await buildBusyboxImage();
  const layer = [...(await entriesOf(archive))].find(([name]) => name.endsWith('layer.tar'))?.[1];
  assert.ok(layer);
  const files = await entriesOf(layer);
  for (const name of ['bin/sh', 'bin/sleep', 'tmp']) assert.ok(files.has(name), name);
  assert.match(String(files.get('etc/passwd')), /^web:x:1000:/m);
});

test('the same parameters give the same bytes', async () => {
  const [first, second] = [await buildBusyboxImage(), await buildBusyboxImage()];
  assert.equal(digest(first.archive), digest(second.archive));
  assert.notEqual(first.id, (await buildBusyboxImage({ cmd: ['true'] })).id);
});
