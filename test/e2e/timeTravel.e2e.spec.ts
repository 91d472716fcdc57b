/** The past: containers as they were, what changed since, and a copied log folded anew. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import Sqlite from 'better-sqlite3';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import { shiplogOf } from '../support/shiplogCommand.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));
const docker = async (...args: readonly string[]) => success(await daemon.docker(...args));

const shiplog = shiplogOf(daemon);
const json = async (...args: readonly string[]) =>
  JSON.parse(success(await shiplog(...args, '--format', 'json')));
const position = async (): Promise<number> => (await json('status')).position;

const moments = { empty: 0, running: 0, gone: 0 };

test('ps and inspect as of a position, by the name of then', async () => {
  moments.empty = await position();
  await docker('run', '-d', '--name', 'web', '--label', 'tier=front', 'busybox', 'sleep', '600');
  moments.running = await position();
  await docker('rename', 'web', 'old');
  await docker('rm', '-f', 'old');
  moments.gone = await position();
  assert.deepEqual((await json('ps', '--at', String(moments.empty))).containers, []);
  const [then, ...more] = (await json('ps', '--at', String(moments.running))).containers;
  assert.equal(more.length, 0);
  assert.deepEqual([then.name, then.state, then.labels], ['web', 'running', { tier: 'front' }]);
  assert.deepEqual((await json('ps')).containers, []);
  const told = await json('inspect', 'web', '--at', String(moments.running));
  assert.deepEqual([told.state, told.removal, told.runs[0].exit], ['running', null, null]);
  const table = success(await shiplog('ps', '--at', String(moments.running)));
  assert.match(table, /^CONTAINER +NAME +IMAGE +STATE.*\n[0-9a-f]{12} +web +busybox +running +1 /);
});

test('an instant is the position of the last fact up to it', async () => {
  const one = String(moments.running);
  const lines = success(await shiplog('events', '--from', one, '--to', one, '--format', 'json'));
  const { at } = JSON.parse(lines.split('\n')[0] ?? '');
  assert.equal((await json('ps', '--at', at)).position, moments.running);
  assert.equal((await shiplog('ps', '--at', 'yesterday')).code, 1);
  assert.equal((await shiplog('ps', '--at', '99999999')).code, 1);
});

test('diff tells what came, what changed and what went', async () => {
  const diff = async (from: number, to: number) =>
    success(await shiplog('diff', '--from', String(from), '--to', String(to)));
  assert.match(await diff(moments.empty, moments.running), /web +created +state - -> running$/);
  assert.match(await diff(moments.running, moments.gone), /web +removed +state running -> -$/);
  assert.equal(await diff(moments.empty, moments.gone), 'nothing changed');
});

test('labels change as a fact: what happened before keeps those of its time', async () => {
  await docker('create', '--name', 'tagged', '--label', 'a=1', '--label', 'b=1', 'busybox', 'true');
  const before = await position();
  assert.equal(success(await shiplog('label', 'tagged', 'a-', 'b=2', 'c=3')), 'b=2\nc=3');
  const inspected = JSON.parse(await docker('inspect', '-f', '{{json .Config.Labels}}', 'tagged'));
  assert.deepEqual(inspected, { b: '2', c: '3' });
  assert.match(await docker('ps', '-aq', '--filter', 'label=c=3'), /^\w+$/);
  const [then] = (await json('ps', '--at', String(before))).containers;
  assert.deepEqual(then.labels, { a: '1', b: '1' });
  const events = await docker(
    'events',
    '--since',
    '0',
    '--until',
    // The command knows whole seconds only.
    String(Math.ceil(Date.now() / 1000)),
    '--filter',
    'container=tagged',
    '--format',
    '{{.Action}} {{.Actor.Attributes}}',
  );
  assert.match(
    events,
    /^create map\[a:1 b:1 image:busybox name:tagged\]\nupdate map\[b:2 c:3 image/,
  );
  assert.equal((await shiplog('label', 'tagged', 'x')).code, 1);
});

test('a copied log replays without a daemon, root or containerd', async () => {
  const copy = join(daemon.dir, 'copy.db');
  const database = new Sqlite(join(daemon.dataRoot, 'log.db'), { readonly: true });
  database.exec(`VACUUM INTO '${copy}'`);
  database.close();
  const all = success(await shiplog('replay', copy, '--stream', 'container/'));
  assert.match(all, /container\.started +starting -> running$/m);
  assert.match(all, /: all fold to what was recorded$/);
  const some = success(await shiplog('replay', copy, '--until', String(moments.running)));
  assert.doesNotMatch(some, /container\.removed/);
  const check = await shiplog('replay', '--check', copy);
  assert.equal(check.code, 0, check.stdout);
  const other = new Sqlite(copy);
  other.exec('DROP TRIGGER facts_no_update');
  other.exec(`UPDATE facts SET state = '"paused"' WHERE type = 'container.started'`);
  other.close();
  const drift = await shiplog('replay', '--check', copy);
  assert.equal(drift.code, 2);
  assert.match(drift.stdout, /drift: state "running", recorded "paused"$/m);
  assert.equal((await shiplog('replay', join(daemon.dir, 'none.db'))).code, 1);
});
