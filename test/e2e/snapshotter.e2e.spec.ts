/** `--snapshotter`: images and containers on containerd's native one, and one it has not. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { held } from '../support/imageWorld.ts';
import { processesOf, sweep } from '../support/leftovers.ts';
import { finish, loadImage, success } from '../support/loadedDaemon.ts';
import { run, startTemporaryDaemon, type TemporaryDaemon } from '../support/temporaryDaemon.ts';
import { ROOT } from '../tidy/project.ts';

type Roots = Pick<TemporaryDaemon, 'dataRoot' | 'execRoot'>;

/** On these roots, with the default unless another one is named. */
const runDaemon = ({ dataRoot, execRoot }: Roots, ...flags: readonly string[]) =>
  run(process.execPath, [
    join(ROOT, 'main.ts'),
    ...['--data-root', dataRoot, '--exec-root', execRoot, ...flags],
  ]);

test('with native, layers are copies, and all is gone with the image', async () => {
  const daemon = await startTemporaryDaemon({ flags: ['--snapshotter', 'native'] });
  try {
    await loadImage(daemon, { files: { note: 'hello' } });
    assert.equal(success(await daemon.docker('info', '-f', '{{.Driver}}')), 'native');
    const run = ['run', '--name', 'box', 'busybox', 'sh', '-c', 'cat /note; echo more >>/note'];
    assert.equal(success(await daemon.docker(...run)), 'hello');
    assert.equal(success(await daemon.docker('run', '--rm', 'busybox', 'cat', '/note')), 'hello');
    // By a view of the layer below, which is gone when it is told.
    assert.equal(success(await daemon.docker('diff', 'box')), 'C /note');
    assert.deepEqual((await held(daemon, 'native')).leases, []);
    success(await daemon.docker('rm', 'box'));
    await daemon.terminate();
    const other = await runDaemon(daemon);
    assert.equal(other.code, 1);
    assert.match(other.stderr, /holds 1 images and 0 containers on the snapshotter native/);
    await daemon.restart();
    success(await daemon.docker('rmi', 'busybox'));
    const { snapshots } = await held(daemon, 'native');
    assert.deepEqual([snapshots, (await held(daemon)).content], [[], []]);
  } finally {
    await finish(daemon);
  }
});

test('one that containerd has not keeps the daemon from starting, with a list', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'shiplog-'));
  try {
    const [dataRoot, execRoot] = [join(dir, 'data'), join(dir, 'exec')];
    const { code, stderr } = await runDaemon({ dataRoot, execRoot }, '--snapshotter', 'bogus');
    assert.equal(code, 1);
    assert.match(stderr, /containerd has no snapshotter bogus; it has .*native.*overlayfs/);
    assert.doesNotMatch(stderr, /"pid":.*"pid":/, 'one name twice in a line of the journal');
    assert.deepEqual(processesOf(dir), [], 'the containerd that it started for itself is left');
  } finally {
    await sweep(dir);
    rmSync(dir, { recursive: true, force: true });
  }
});
