/**
 * `kill -9` of the daemon at the boundaries of an image's effects, and in the middle of a load: the
 * next daemon ends what was accepted, and of what was not nothing is left.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import { killedAt, openFailpoint } from '../support/failpoint.ts';
import { held, NOTHING, withContainerd } from '../support/imageWorld.ts';
import { within } from '../support/leftovers.ts';
import { finish, loadImage, success } from '../support/loadedDaemon.ts';
import { startTemporaryDaemon, type TemporaryDaemon } from '../support/temporaryDaemon.ts';

const failpoint = openFailpoint();
let daemon: TemporaryDaemon;
before(async () => {
  daemon = await startTemporaryDaemon({ env: failpoint.env });
});
after(async () => {
  await finish(daemon);
  failpoint.remove();
});

const BOUNDARIES = ['before', 'after', 'appended'] as const;
const LATEST = 'docker.io/library/busybox:latest';

/** Kills the daemon at the point, and starts the next one. */
const dyingAt = (point: string, act: () => Promise<unknown>): Promise<void> =>
  killedAt(daemon, failpoint, point, act);

async function tags(): Promise<readonly string[]> {
  const listed = await daemon.docker('images', '--format', '{{.Repository}}:{{.Tag}}');
  return success(listed).split('\n').filter(Boolean).sort();
}

for (const boundary of BOUNDARIES) {
  test(`a load that is accepted is loaded, killed ${boundary} its publishing`, async () => {
    const { archive, id } = await buildBusyboxImage();
    await dyingAt(`image.publish:${boundary}:1`, () =>
      daemon.dockerWith({ input: archive }, 'load'),
    );
    assert.ok(await within(5_000, async () => (await tags()).length === 1));
    success(await daemon.docker('run', '--rm', 'busybox', 'true'));
    const there = await held(daemon);
    assert.deepEqual(there.records, [LATEST, id]);
    assert.deepEqual(there.leases, []);
    success(await daemon.docker('rmi', 'busybox'));
    assert.deepEqual(await held(daemon), NOTHING);
  });

  test(`a tag and its removal are carried out, killed ${boundary} the record`, async () => {
    const id = await loadImage(daemon);
    await dyingAt(`image.tag:${boundary}:1`, () => daemon.docker('tag', 'busybox', 'other:1'));
    const other = 'docker.io/library/other:1';
    assert.ok(
      await within(5_000, async () => (await held(daemon)).records.includes(other)),
      'the record is there',
    );
    await dyingAt(`image.untag:${boundary}:1`, () => daemon.docker('rmi', 'other:1'));
    assert.ok(await within(5_000, async () => !(await held(daemon)).records.includes(other)));
    assert.deepEqual((await held(daemon)).records, [LATEST, id]);
    assert.deepEqual(await tags(), ['busybox:latest']);
    success(await daemon.docker('rmi', 'busybox'));
  });

  test(`a removal is carried out to its end, killed ${boundary} it`, async () => {
    await loadImage(daemon);
    await dyingAt(`image.remove:${boundary}:1`, () => daemon.docker('rmi', 'busybox'));
    assert.ok(await within(5_000, async () => (await tags()).length === 0));
    assert.deepEqual(await held(daemon), NOTHING);
    await loadImage(daemon);
    success(await daemon.docker('run', '--rm', 'busybox', 'true'));
    success(await daemon.docker('rmi', 'busybox'));
  });
}

test('a load that is killed while it comes in leaves nothing', async () => {
  const { archive } = await buildBusyboxImage();
  const options = { socketPath: daemon.socket, method: 'POST', path: '/images/load' };
  const asked = request({ ...options, headers: { 'content-type': 'application/x-tar' } });
  const broken = new Promise((resolve) => asked.once('error', resolve));
  asked.write(archive.subarray(0, archive.length >> 1));
  assert.ok(await within(5_000, () => spooled() > 0), 'it is on its way');
  await daemon.kill9();
  await broken;
  await daemon.restart();
  assert.equal(spooled(), 0);
  assert.deepEqual(await held(daemon), NOTHING);
});

test('what was staged by a daemon that was killed is dropped by the next one', async () => {
  await withContainerd(daemon, async ({ leases, content }) => {
    const digest = `sha256:${createHash('sha256').update('staged').digest('hex')}`;
    await leases.create('transit-of-the-dead', {});
    const chunks = [Buffer.from('staged')];
    await content.write({ ref: 'r', digest, size: 6, chunks }, { lease: 'transit-of-the-dead' });
  });
  assert.equal((await held(daemon)).content.length, 1);
  await daemon.kill9();
  await daemon.restart();
  assert.deepEqual(await held(daemon), NOTHING);
});

const spooled = (): number => readdirSync(join(daemon.dataRoot, 'tmp')).length;
