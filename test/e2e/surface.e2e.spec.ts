/** What people look at all day, through the docker command: lists, sizes, logs, events, prune. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { removeAll, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import type { TemporaryDaemon } from '../support/temporaryDaemon.ts';

suite('the everyday surface', { timeout: 180_000 }, () => {
  const daemons: TemporaryDaemon[] = [];

  async function docker(...args: string[]): Promise<string> {
    const [daemon] = daemons;
    assert.ok(daemon);
    return success(await daemon.docker(...args));
  }
  const run = (...args: string[]) => docker('run', '--network', 'none', ...args);

  before(async () => {
    daemons.push(await startLoadedDaemon());
    const writes = 'dd if=/dev/zero of=/big bs=1M count=4 2>/dev/null; sleep 1000';
    await run('-d', '--name', 'big', '-l', 'kind=test', 'busybox', 'sh', '-c', writes);
    await run(
      '-d',
      '--name',
      'over',
      'busybox',
      'sh',
      '-c',
      'echo one; sleep 0.2; echo two; echo three; exit 3',
    );
    await docker('wait', 'over');
    await docker('create', '--name', 'fresh', 'busybox', 'true');
  });
  after(async () => {
    for (const daemon of daemons) {
      await removeAll(daemon);
      await daemon.stop();
    }
  });

  test('ps by number, by filter and in formats', async () => {
    const names = (...args: string[]) => docker('ps', '--format', '{{.Names}}', ...args);
    assert.equal(await names(), 'big');
    assert.equal(await names('-l'), 'fresh');
    assert.equal(await names('-n', '2'), 'fresh\nover');
    assert.equal(await names('-a', '-f', 'status=exited', '-f', 'exited=3'), 'over');
    assert.equal(await names('-a', '-f', 'before=over'), 'big');
    assert.equal(await names('-a', '-f', 'since=over'), 'fresh');
    assert.equal(await names('-a', '-f', 'label=kind=test', '-f', 'ancestor=busybox'), 'big');
    assert.equal(await names('-a', '-f', 'network=none', '-f', 'is-task=false'), 'over\nbig');
    assert.equal(await names('-a', '-f', 'volume=x'), '');
    const shown = await docker('ps', '-a', '--format', '{{.Image}} {{.State}} {{.Status}}');
    assert.match(shown, /^busybox created Created\nbusybox exited Exited \(3\) .* ago\n/);
  });

  test('sizes are measured where they are asked for', async () => {
    assert.match(
      await docker('ps', '-s', '--format', '{{.Size}}'),
      /^4\.\d+MB \(virtual 6\.\d+MB\)$/,
    );
    const size = Number(await docker('inspect', '-s', '-f', '{{.SizeRw}}', 'big'));
    assert.ok(size >= 4 * 1024 * 1024, String(size));
    assert.match(await docker('system', 'df'), /Containers +3 +1 +4\.2\d+MB/);
    assert.match(await docker('system', 'df', '-v'), /busybox +latest .* 3\n/);
  });

  test('logs by number, by time, and stamped', async () => {
    assert.equal(await docker('logs', '--tail', '2', 'over'), 'two\nthree');
    const stamped = await docker('logs', '-t', 'over');
    assert.match(stamped, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z one\n/);
    const second = stamped.split('\n')[1]?.split(' ')[0] ?? '';
    assert.equal(await docker('logs', '--since', second, 'over'), 'two\nthree');
    assert.equal(await docker('logs', '--until', '2000-01-01T00:00:00Z', 'over'), '');
  });

  test('info and the networks that there are', async () => {
    assert.equal(await docker('info', '-f', '{{.ContainersRunning}} {{.Containers}}'), '1 3');
    assert.equal(
      await docker('network', 'ls', '--format', '{{.Name}} {{.Driver}}'),
      'bridge bridge\nhost host\nnone null',
    );
    assert.match(await docker('network', 'inspect', '-f', '{{.Containers}}', 'none'), /big/);
  });

  test('prune takes what the filters let it, and says so in the events', async () => {
    assert.match(await docker('container', 'prune', '-f', '--filter', 'until=1h'), / 0B$/);
    const pruned = await docker('container', 'prune', '-f', '--filter', 'label!=kind');
    assert.match(pruned, /^Deleted Containers:\n[0-9a-f]{64}\n[0-9a-f]{64}\n/);
    assert.equal(await docker('ps', '-a', '--format', '{{.Names}}'), 'big');
    const until = String(Math.ceil(Date.now() / 1000) + 1);
    const format = ['--format', '{{.Action}} {{.Actor.Attributes.reclaimed}}'];
    const events = ['events', '--since', '1h', '--until', until, '-f', 'event=prune', ...format];
    assert.match(await docker(...events), /^prune 0\nprune \d+$/);
  });
});
