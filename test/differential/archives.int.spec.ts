/** Archives of either engine are images in the other: `docker save` here, `docker load` there. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { loadImage, success } from '../support/loadedDaemon.ts';
import { startTemporaryDaemon } from '../support/temporaryDaemon.ts';
import { findDockerd, startDockerd } from './dockerd.ts';

const binary = findDockerd();
const skip = binary === undefined ? 'NOT COMPARED WITH DOCKERD: none is there' : false;

suite('archives go both ways', { skip }, () => {
  test('an image keeps its id, its names and its configuration on the way and back', async () => {
    const daemon = await startTemporaryDaemon();
    const dockerd = await startDockerd(binary ?? '');
    const theirs = { env: { DOCKER_HOST: `unix://${dockerd.socket}` } };
    try {
      const id = await loadImage(daemon, { files: { note: 'hello' }, labels: { a: 'b' } });
      success(await daemon.docker('tag', 'busybox', 'team/other:2'));
      const here = join(daemon.dir, 'here.tar');
      success(await daemon.docker('save', '-o', here, 'busybox', 'team/other:2'));
      success(await daemon.dockerWith(theirs, 'load', '-i', here));
      const format = ['inspect', '-f', '{{.Id}} {{.RepoTags}} {{json .Config.Labels}}', id];
      const said = success(await daemon.docker(...format));
      assert.equal(success(await daemon.dockerWith(theirs, ...format)), said);
      const there = join(daemon.dir, 'there.tar');
      success(await daemon.dockerWith(theirs, 'save', '-o', there, 'busybox', 'team/other:2'));
      success(await daemon.docker('rmi', '-f', id));
      success(await daemon.docker('load', '-i', there));
      assert.equal(success(await daemon.docker(...format)), said);
      assert.equal(success(await daemon.docker('run', '--rm', 'busybox', 'cat', '/note')), 'hello');
    } finally {
      await dockerd.stop();
      await daemon.stop();
    }
  });
});
