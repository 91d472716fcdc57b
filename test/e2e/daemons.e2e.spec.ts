/** Several daemons on one machine, and one that ends and comes back in an orderly way. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { isAlive, processesOf, within } from '../support/leftovers.ts';
import { finish, loadImage, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import { startTemporaryDaemon, type TemporaryDaemon } from '../support/temporaryDaemon.ts';
import { ROOT } from '../tidy/project.ts';

const names = async (daemon: TemporaryDaemon) =>
  success(await daemon.docker('ps', '-a', '--format', '{{.Names}}'));

const pidOf = async (daemon: TemporaryDaemon, name: string) =>
  Number(success(await daemon.docker('inspect', '-f', '{{.State.Pid}}', name)));

/** Pids of the processes of ours that outlive the daemon. */
const supporters = (daemon: TemporaryDaemon, part: string) =>
  processesOf(daemon.dir)
    .filter(({ command }) => command.includes(part) && !command.includes('containerd-shim'))
    .map(({ pid }) => pid);

const containerdAddress = async (daemon: TemporaryDaemon): Promise<string> => {
  const { body } = await daemon.request('GET', '/info');
  const address = JSON.parse(body).Containerd?.Address;
  assert.equal(typeof address, 'string', body);
  return address;
};

test('daemons side by side know nothing of each other', async () => {
  const [one, two] = await Promise.all([startLoadedDaemon(), startLoadedDaemon()]);
  try {
    for (const daemon of [one, two]) {
      success(await daemon.docker('run', '-d', '--name', 'same', 'busybox', 'sleep', '60'));
    }
    success(await one.docker('rm', '-f', 'same'));
    assert.deepEqual([await names(one), await names(two)], ['', 'same']);
    assert.ok(isAlive(await pidOf(two, 'same')));
  } finally {
    await finish(one);
    await finish(two);
  }
});

test("a daemon on another's containerd has a namespace of its own", async () => {
  const owner = await startLoadedDaemon();
  try {
    const address = await containerdAddress(owner);
    const guest = await startTemporaryDaemon({ flags: ['--containerd', address] });
    try {
      assert.equal(success(await guest.docker('images', '-q')), '', 'images are not shared');
      await loadImage(guest);
      for (const daemon of [owner, guest]) {
        success(await daemon.docker('run', '-d', '--name', 'same', 'busybox', 'sleep', '60'));
      }
      const ran = await guest.docker('run', '--rm', 'busybox', 'sh', '-c', 'echo hi; exit 3');
      assert.deepEqual(ran, { code: 3, stdout: 'hi\n', stderr: '' });
      success(await guest.docker('rm', '-f', 'same'));
      assert.deepEqual([await names(owner), await names(guest)], ['same', '']);
      assert.deepEqual(supporters(guest, 'containerd/config.toml'), []);
    } finally {
      await finish(guest);
    }
    const ran = await owner.docker('run', '--rm', 'busybox', 'echo', 'still here');
    assert.equal(success(ran), 'still here');
  } finally {
    await finish(owner);
  }
});

test('a second daemon on the same data root is refused and told why', async () => {
  const first = await startTemporaryDaemon();
  try {
    const roots = ['--data-root', first.dataRoot, '--exec-root', join(first.dir, 'exec2')];
    const config = ['--config-file', join(first.dir, 'daemon.json')];
    const second = spawnSync(process.execPath, [join(ROOT, 'main.ts'), ...roots, ...config], {
      encoding: 'utf8',
      timeout: 15_000,
    });
    assert.equal(second.status, 1, second.stderr);
    assert.match(second.stderr, /^shiplog: another daemon is using \/\S+\/data$/m);
    assert.doesNotMatch(second.stderr, /^\s+at /m, 'a user error comes without a stack');
    assert.equal((await first.request('GET', '/readyz')).status, 200);
  } finally {
    await finish(first);
  }
});

test('a second daemon on the same exec root is refused and told why', async () => {
  const first = await startTemporaryDaemon();
  try {
    const roots = ['--data-root', join(first.dir, 'data2'), '--exec-root', first.execRoot];
    const config = ['--config-file', join(first.dir, 'daemon.json')];
    const second = spawnSync(process.execPath, [join(ROOT, 'main.ts'), ...roots, ...config], {
      encoding: 'utf8',
      timeout: 15_000,
    });
    assert.equal(second.status, 1, second.stderr);
    assert.match(second.stderr, /^shiplog: another daemon is using \/\S+\/exec$/m);
    assert.equal((await first.request('GET', '/readyz')).status, 200, 'the first is not disturbed');
  } finally {
    await finish(first);
  }
});

test('an orderly stop leaves containers running, and the next start adopts them', async () => {
  const daemon = await startLoadedDaemon();
  try {
    const script = 'n=0; while :; do n=$((n+1)); echo line $n; usleep 20000; done';
    success(await daemon.docker('run', '-d', '--name', 'on', 'busybox', 'sh', '-c', script));
    success(await daemon.docker('run', '-d', '--name', 'held', 'busybox', 'sleep', '600'));
    success(await daemon.docker('pause', 'held'));
    const ending = ['-d', '--name', 'ending', 'busybox', 'sh', '-c', 'sleep 1; echo bye; exit 9'];
    success(await daemon.docker('run', ...ending));
    const pids = [await pidOf(daemon, 'on'), await pidOf(daemon, 'held')];
    const kept = [supporters(daemon, '/stdio'), supporters(daemon, 'containerd/config.toml')];
    for (const found of kept) assert.equal(found.length, 1);

    await daemon.terminate();
    assert.ok(pids.every(isAlive), 'containers run on');
    const log = () => processesOf(daemon.dir).filter(({ contained }) => contained).length;
    assert.ok(
      await within(5_000, () => log() === 2),
      'the third one ends while the daemon is away',
    );
    await daemon.restart();

    const after = [supporters(daemon, '/stdio'), supporters(daemon, 'containerd/config.toml')];
    assert.deepEqual(after, kept, 'adopted, not doubled');
    assert.deepEqual([await pidOf(daemon, 'on'), await pidOf(daemon, 'held')], pids);
    const format = '{{.Names}} {{.State}}';
    const states = success(await daemon.docker('ps', '-a', '--format', format)).split('\n');
    assert.deepEqual(states, ['ending exited', 'held paused', 'on running']);
    assert.equal(success(await daemon.docker('wait', 'ending')), '9');
    assert.equal(success(await daemon.docker('logs', 'ending')), 'bye');
    success(await daemon.docker('unpause', 'held'));
    success(await daemon.docker('stop', '-t', '1', 'held', 'on'));
    const lines = success(await daemon.docker('logs', 'on')).split('\n');
    assert.deepEqual(
      lines,
      lines.map((_, at) => `line ${at + 1}`),
    );
    assert.ok(lines.length > 40);
  } finally {
    await finish(daemon);
  }
});

test('signals that come again while it ends change nothing', async () => {
  const daemon = await startLoadedDaemon();
  try {
    success(await daemon.docker('run', '-d', '--name', 'on', 'busybox', 'sleep', '600'));
    const [pid, running] = [daemon.pid(), await pidOf(daemon, 'on')];
    for (const name of ['SIGTERM', 'SIGTERM', 'SIGQUIT', 'SIGINT'] as const)
      process.kill(pid, name);
    assert.ok(await within(30_000, () => !isAlive(pid)));
    assert.doesNotMatch(daemon.output(), /shutdown failed/);
    await daemon.restart();
    const { body } = await daemon.request('GET', '/shiplog/v1/events');
    assert.equal(body.match(/"type":"daemon.stopped"/g)?.length, 1);
    assert.equal(await pidOf(daemon, 'on'), running);
  } finally {
    await finish(daemon);
  }
});

test('the history, names and images are there after an orderly stop', async () => {
  const daemon = await startLoadedDaemon();
  try {
    success(await daemon.docker('run', '--name', 'past', '-l', 'a=b', 'busybox', 'echo', 'said'));
    const format = '{{.Id}} {{.Name}} {{.State.Status}} {{.State.FinishedAt}} {{.Config.Labels}}';
    const shown = () => daemon.docker('inspect', '-f', format, 'past').then(success);
    const span = ['--since', '1h', '--until', `${Math.ceil(Date.now() / 1000)}`];
    const [before, events] = [await shown(), success(await daemon.docker('events', ...span))];
    await daemon.terminate();
    assert.deepEqual(processesOf(daemon.dir), [], 'nothing runs while nothing has to');
    await daemon.restart();
    assert.equal(await shown(), before);
    assert.equal(success(await daemon.docker('logs', 'past')), 'said');
    assert.equal(success(await daemon.docker('events', ...span)), events);
    const again = await daemon.docker('start', '-a', 'past');
    assert.equal(success(again), 'said');
    assert.equal(success(await daemon.docker('run', '--rm', 'busybox', 'echo', 'new')), 'new');
  } finally {
    await finish(daemon);
  }
});
