/** A container that was never started: its root is made when somebody needs it, and not before. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { held, withContainerd } from '../support/imageWorld.ts';
import { finish, loadImage, removeAll, success } from '../support/loadedDaemon.ts';
import { startTemporaryDaemon, type TemporaryDaemon } from '../support/temporaryDaemon.ts';

let daemon: TemporaryDaemon;
let image: string;
before(async () => {
  daemon = await startTemporaryDaemon();
  image = await loadImage(daemon);
});
after(() => finish(daemon));
afterEach(() => removeAll(daemon));

const done = async (...args: readonly string[]): Promise<string> =>
  success(await daemon.docker(...args));
const create = (...args: readonly string[]) => done('create', '--network', 'none', ...args);
const isRooted = async (id: string): Promise<boolean> =>
  JSON.stringify(await held(daemon)).includes(id);

test('nothing of it is in containerd before its first start', async () => {
  const id = await create('busybox', 'echo', 'here');
  assert.equal(await isRooted(id), false);
  assert.equal(await done('start', '-a', id), 'here');
  assert.equal(await isRooted(id), true);
  await done('rm', id);
  assert.equal(await isRooted(id), false);
});

test('it starts under the next daemon, and is removed by it', async () => {
  const [started, removed] = [await create('busybox', 'echo', 'still'), await create('busybox')];
  await daemon.kill9();
  await daemon.restart();
  assert.equal(await done('start', '-a', started), 'still');
  await done('rm', removed);
  assert.equal(await isRooted(removed), false);
});

test('what a call of a killed daemon makes of a removed one is gone with the next', async () => {
  const [id, living] = [await create('busybox'), await create('busybox', 'true')];
  await done('start', '-a', living);
  await done('rm', id);
  const labels = { 'containerd.io/gc.root': 'now', 'shiplog.container': id };
  await withContainerd(daemon, async ({ snapshots, leases }) => {
    await snapshots.prepare({ snapshotter: 'overlayfs', key: id, parent: '', labels });
    await leases.create(`shiplog-${id}`, { 'shiplog.container': id });
  });
  assert.equal(await isRooted(id), true);
  await daemon.kill9();
  await daemon.restart();
  assert.deepEqual([await isRooted(id), await isRooted(living)], [false, true]);
});

test('its image may be removed by force meanwhile', async () => {
  const id = await create('busybox', 'echo', 'kept');
  await done('rmi', '-f', image);
  assert.equal(await done('start', '-a', id), 'kept');
  await done('rm', id);
  image = await loadImage(daemon);
});

test('what is copied, told and exported of it is as if it were there', async () => {
  const id = await create('busybox', 'cat', '/note');
  assert.equal(await done('diff', id), '');
  const note = join(daemon.dir, 'note');
  fs.writeFileSync(note, 'from before\n');
  await done('cp', note, `${id}:/note`);
  assert.equal(await done('start', '-a', id), 'from before');
  const other = await create('busybox', 'true');
  const tar = join(daemon.dir, 'tar');
  await done('export', '-o', tar, other);
  assert.ok(fs.statSync(tar).size > 500_000);
  const sizes = ['--no-trunc', '--format', '{{.ID}} {{.Size}}'];
  const listed = await done('ps', '-as', ...sizes, '--filter', `id=${await create('busybox')}`);
  assert.match(listed, / 0B \(virtual [\d.]+MB\)$/);
});
