/**
 * A disk that turns read-only under the daemon, and rows of the log that somebody damaged while no
 * daemon was there: what is refused, what is answered, and who is concerned.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import Sqlite from 'better-sqlite3';
import { tamper } from '../../store/log.fixture.ts';
import { loadImage, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import { smallDisk } from '../support/smallDisk.ts';
import { run, startTemporaryDaemon, type TemporaryDaemon } from '../support/temporaryDaemon.ts';
import { ROOT } from '../tidy/project.ts';

const SLEEP = ['busybox', 'sleep', '1000'];

/** What a daemon says that does not start. */
async function refusal(dataRoot: string, execRoot: string): Promise<string> {
  const roots = ['--data-root', dataRoot, '--exec-root', execRoot];
  const ran = await run(process.execPath, [join(ROOT, 'main.ts'), ...roots]);
  assert.equal(ran.code, 1);
  assert.doesNotMatch(ran.stderr, /\n\s+at /, 'a stack is no message');
  return ran.stderr;
}

test('a disk that turns read-only: refusals in words, queries answer, no start', async (t) => {
  let disk: ReturnType<typeof smallDisk> | undefined;
  const prepare = async (dataRoot: string) => {
    disk = smallDisk(dataRoot, 64);
  };
  const daemon = await startTemporaryDaemon({ prepare });
  t.after(() => daemon.stop());
  await loadImage(daemon);
  success(await daemon.docker('create', '--name', 'there', ...SLEEP));
  disk?.breakDown();
  const created = await daemon.docker('create', '--name', 'new', ...SLEEP);
  assert.match(created.stderr, /the log could not be written: .*(readonly|I\/O|READONLY|IOERR)/i);
  const listed = await daemon.docker('ps', '-a', '--format', '{{.Names}}');
  assert.equal(success(listed), 'there');
  assert.equal((await daemon.request('GET', '/containers/there/json')).status, 200);
  await daemon.kill9();
  assert.match(await refusal(daemon.dataRoot, daemon.execRoot), /read-only/i);
});

async function warningsOf(daemon: TemporaryDaemon): Promise<string> {
  return success(await daemon.docker('info', '--format', '{{json .Warnings}}'));
}

async function damaged(t: TestContext, sql: (id: string) => string) {
  const daemon = await startLoadedDaemon();
  t.after(() => daemon.stop());
  for (const name of ['bad', 'good']) {
    success(await daemon.docker('run', '-d', '--network=none', '--name', name, ...SLEEP));
  }
  const { Id } = JSON.parse((await daemon.request('GET', '/containers/bad/json')).body);
  await daemon.terminate();
  tamper(join(daemon.dataRoot, 'log.db'), sql(Id));
  await daemon.restart();
  return { daemon, id: String(Id) };
}

test('one container has a damaged row: it alone is stopped, and can be removed', async (t) => {
  const { daemon, id } = await damaged(
    t,
    (of) => `UPDATE streams SET context = '{"' || context WHERE name = 'container/${of}'`,
  );
  assert.match(
    await warningsOf(daemon),
    new RegExp(`container/${id} was stopped: its row in streams is damaged`),
  );
  assert.match(daemon.output(), /actor stopped/);
  assert.match((await daemon.docker('stop', 'bad')).stderr, /damaged/);
  success(await daemon.docker('inspect', 'bad'));
  success(await daemon.docker('restart', '-t', '0', 'good'));
  success(await daemon.docker('rm', '-f', 'bad'));
  assert.equal(success(await daemon.docker('ps', '-a', '--format', '{{.Names}}')), 'good');
  assert.doesNotMatch(await warningsOf(daemon), /was stopped/);
  success(await daemon.docker('run', '--rm', '--network=none', '--name', 'bad', 'busybox', 'true'));
});

test('a damaged fact costs its event, no other, and is named in info', async (t) => {
  const { daemon } = await damaged(
    t,
    () => `UPDATE facts SET data = '' WHERE type = 'container.started' AND position =
      (SELECT min(position) FROM facts WHERE type = 'container.started')`,
  );
  // Not before the last of them: it waits until then.
  const until = String(Math.ceil(Date.now() / 1_000));
  const format = ['--format', '{{.Action}} {{.Actor.Attributes.name}}'];
  const ran = await daemon.docker('events', '--since', '1', '--until', until, ...format);
  const events = success(ran).split('\n');
  assert.ok(events.includes('create bad') && events.includes('start good'), events.join());
  assert.ok(!events.includes('start bad'));
  assert.match(await warningsOf(daemon), /fact \d+ of container\/\w+ can not be read/);
  success(await daemon.docker('stop', '-t', '0', 'bad'));
});

test('a damaged file is refused in words and left as it is', async (t) => {
  const daemon = await startTemporaryDaemon();
  t.after(() => daemon.stop());
  await daemon.terminate();
  const path = join(daemon.dataRoot, 'log.db');
  writeFileSync(path, 'no database'.repeat(1_000));
  assert.match(await refusal(daemon.dataRoot, daemon.execRoot), /shiplog: .*the log is damaged/);
  assert.throws(
    () => new Sqlite(path, { readonly: true }).pragma('user_version'),
    /not a database/,
  );
});
