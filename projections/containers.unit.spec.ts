/** What list, inspect and look-up answer after each fact; every fact is folded twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openContainerQueries } from './containerQueries.ts';
import {
  createData,
  EPOCH_NS,
  exitData,
  given,
  openFolding,
  rebuild,
  timeOf,
} from './folding.fixture.ts';

const A = `aa${'1'.repeat(62)}`;
const B = `ab${'2'.repeat(62)}`;

function open() {
  const folding = openFolding();
  const queries = openContainerQueries(folding.db);
  const add = (type: string, data: Parameters<typeof folding.add>[2], state: string | object) =>
    folding.add(`container/${A}`, `container.${type}`, data, state as string);
  const details = () => {
    const found = queries.get(A);
    assert.ok(found);
    return found;
  };
  return { folding, queries, add, details };
}

test('a container in creation is found by its full id only, a failed creation by nothing', () => {
  const { queries, add } = open();
  add('create-requested', createData(A, 'web'), 'creating');
  assert.deepEqual(queries.list(), []);
  assert.deepEqual(queries.resolve('web'), { kind: 'none' });
  assert.deepEqual(queries.resolve('aa1'), { kind: 'none' });
  assert.deepEqual(queries.resolve(A), { kind: 'found', id: A });
  add('create-failed', { message: 'no space' }, { removing: 'erasing' });
  add('removed', {}, 'removed');
  assert.deepEqual(queries.resolve(A), { kind: 'none' });
  assert.equal(queries.get(A), undefined);
});

test('a created container gives back all that create was given', () => {
  const { folding, queries, details } = open();
  given(folding, A, 'web', 'created');
  const found = details();
  assert.equal(found.status, 'created');
  assert.equal(found.phase, 'created.clean');
  assert.equal(found.createdNs, timeOf(1));
  assert.equal(found.snapshotter, 'overlayfs');
  assert.deepEqual(found.argv, ['sleep', '9']);
  assert.equal(found.config.Image, 'busybox');
  assert.equal(found.hostConfig.NetworkMode, 'none');
  assert.deepEqual(found.env, [{ name: 'PATH', digest: 'd1' }]);
  assert.deepEqual(found.warnings, ['w']);
  assert.deepEqual([found.exitCode, found.exitKnown], [null, true]);
  assert.equal(queries.list().length, 1);
  assert.ok(!('config' in (queries.list()[0] ?? {})));
});

test('a container shows created while it starts, and running once its process runs', () => {
  const { folding, add, details } = open();
  given(folding, A, 'web', 'created');
  add('start-requested', { run: 1, restart: false }, 'starting');
  assert.deepEqual([details().status, details().run], ['created', 1]);
  add('started', { run: 1, pid: 77, restart: false }, 'running');
  assert.deepEqual([details().status, details().pid], ['running', 77]);
  assert.equal(details().startedNs, timeOf(4));
});

test('a failed start leaves the status, and shows its error and exit code', () => {
  const { folding, add, details } = open();
  given(folding, A, 'web', 'created');
  add('start-requested', { run: 1, restart: false }, 'starting');
  add('start-failed', { run: 1, message: 'no such file', exitCode: 127 }, { created: 'cleaning' });
  const { status, error, exitCode, finishedNs, startedNs } = details();
  assert.deepEqual([status, error, exitCode], ['created', 'no such file', 127]);
  assert.deepEqual([startedNs, finishedNs], [null, null]);
});

test('stopping and pausing still show running; paused shows paused', () => {
  const { folding, add, details } = open();
  given(folding, A, 'web', 'running');
  add('pause-requested', { run: 1 }, 'pausing');
  assert.deepEqual([details().status, details().phase], ['running', 'pausing']);
  add('paused', { run: 1 }, 'paused');
  assert.equal(details().status, 'paused');
  add('unpaused', { run: 1 }, 'running');
  add('stop-requested', { run: 1, signal: 15, timeoutMs: 10 }, 'stopping');
  assert.deepEqual([details().status, details().phase], ['running', 'stopping']);
});

test('an exit shows the time and code that the runtime gave', () => {
  const { folding, add, details } = open();
  given(folding, A, 'web', 'running');
  const atNs = EPOCH_NS + 5n;
  add('oom-killed', { run: 1, kills: 1 }, 'running');
  assert.equal(details().oomKilled, true);
  add('exited', exitData({ code: 137, atNs: String(atNs), oomKilled: true }), {
    exited: 'cleaning',
  });
  const { status, exitCode, exitKnown, finishedNs, oomKilled, pid } = details();
  assert.deepEqual([status, exitCode, exitKnown, pid], ['exited', 137, true, 0]);
  assert.deepEqual([finishedNs, oomKilled], [atNs, true]);
});

test('an exit that nobody knows is said to be unknown, at the time it was found', () => {
  const { folding, add, details } = open();
  given(folding, A, 'web', 'running');
  add('exited', exitData({ code: null }), { exited: 'cleaning' });
  const { exitCode, exitKnown, finishedNs } = details();
  assert.deepEqual([exitCode, exitKnown, finishedNs], [null, false, timeOf(5)]);
});

test('the next start clears the exit and keeps the time when the last run ended', () => {
  const { folding, add, details } = open();
  given(folding, A, 'web', 'running');
  add('exited', exitData({ code: 3, oomKilled: true }), { exited: 'cleaning' });
  add('cleaned', { run: 1 }, { exited: 'clean' });
  add('start-requested', { run: 2, restart: false }, 'starting');
  assert.equal(details().status, 'exited');
  add('started', { run: 2, pid: 78, restart: false }, 'running');
  const { exitCode, exitKnown, finishedNs, startedNs, run, oomKilled } = details();
  assert.deepEqual([exitCode, exitKnown, run, oomKilled], [null, true, 2, false]);
  assert.deepEqual([startedNs, finishedNs], [timeOf(8), timeOf(5)]);
});

test('a forced removal shows running until the exit, then removing, then only get has it', () => {
  const { folding, queries, add, details } = open();
  given(folding, A, 'web', 'running');
  const asked = { reason: 'caller', force: true, volumes: false };
  add('remove-requested', asked, { removing: 'ending' });
  assert.equal(details().status, 'running');
  add('exited', exitData({ code: 137, asked: 'remove' }), { removing: 'cleaning' });
  assert.equal(details().status, 'removing');
  add('unpaused', { run: 1 }, { removing: 'cleaning' });
  assert.equal(details().status, 'removing');
  add('removed', {}, 'removed');
  assert.deepEqual(queries.list(), []);
  assert.deepEqual(queries.resolve(A), { kind: 'none' });
  assert.equal(details().removed, true);
});

test('a removal that is stuck shows dead, with the reason', () => {
  const { folding, add, details } = open();
  given(folding, A, 'web', 'created');
  const asked = { reason: 'caller', force: false, volumes: false };
  add('remove-requested', asked, { removing: 'erasing' });
  add('remove-failed', { message: 'device busy' }, { removing: 'stuck' });
  assert.deepEqual([details().status, details().error], ['dead', 'device busy']);
});

test('a cleaning that failed once and is tried again shows no death', () => {
  const { folding, add, details } = open();
  given(folding, A, 'web', 'running');
  add('exited', exitData(), { exited: 'cleaning' });
  add('clean-failed', { run: 1, message: 'device busy' }, { exited: 'cleaning' });
  assert.deepEqual([details().status, details().error], ['exited', '']);
});

test('look-up takes the full id, then the name with or without slash, then a unique prefix', () => {
  const { folding, queries } = open();
  given(folding, A, 'web', 'created');
  given(folding, B, 'aa1', 'created');
  assert.deepEqual(queries.resolve(B), { kind: 'found', id: B });
  assert.deepEqual(queries.resolve('/web'), { kind: 'found', id: A });
  assert.deepEqual(queries.resolve('aa1'), { kind: 'found', id: B });
  assert.deepEqual(queries.resolve('aa11'), { kind: 'found', id: A });
  assert.deepEqual(queries.resolve('a'), { kind: 'ambiguous' });
  assert.deepEqual(queries.resolve('b'), { kind: 'none' });
  assert.deepEqual(queries.resolve('%'), { kind: 'none' });
});

test('a removed container is found by its id or a unique prefix of it, and not by its name', () => {
  const { folding, queries } = open();
  given(folding, A, 'web', 'created');
  folding.add(`container/${A}`, 'container.removed', {}, 'removed');
  assert.deepEqual(queries.resolve(A), { kind: 'none' });
  for (const ref of [A, 'aa11', 'a'])
    assert.deepEqual(queries.resolveEver(ref), { kind: 'found', id: A }, ref);
  for (const ref of ['web', 'b', '%', ''])
    assert.deepEqual(queries.resolveEver(ref), { kind: 'none' }, ref);
  given(folding, B, 'aa1', 'created');
  assert.deepEqual(
    queries.resolveEver('aa1'),
    { kind: 'found', id: B },
    'who is there comes first',
  );
  folding.add(`container/${B}`, 'container.removed', {}, 'removed');
  assert.deepEqual(queries.resolveEver('a'), { kind: 'ambiguous' });
});

test('a name goes to its present holder, not to one that is being removed', () => {
  const { folding, queries, add } = open();
  given(folding, A, 'web', 'running');
  add(
    'remove-requested',
    { reason: 'caller', force: true, volumes: false },
    { removing: 'ending' },
  );
  assert.deepEqual(queries.resolve('web'), { kind: 'found', id: A });
  given(folding, B, 'web', 'created');
  assert.deepEqual(queries.resolve('web'), { kind: 'found', id: B });
});

test('a rename is found by the new name alone', () => {
  const { folding, queries, add } = open();
  given(folding, A, 'web', 'created');
  add('renamed', { name: 'shop', oldName: 'web' }, { created: 'clean' });
  assert.deepEqual(queries.resolve('shop'), { kind: 'found', id: A });
  assert.deepEqual(queries.resolve('web'), { kind: 'none' });
});

test('list is newest first and counts go by status', () => {
  const { folding, queries, add } = open();
  given(folding, A, 'web', 'running');
  given(folding, B, 'shop', 'created');
  assert.deepEqual(
    queries.list().map(({ name }) => name),
    ['shop', 'web'],
  );
  assert.deepEqual(queries.counts(), { running: 1, paused: 0, stopped: 1 });
  add('paused', { run: 1 }, 'paused');
  assert.deepEqual(queries.counts(), { running: 0, paused: 1, stopped: 1 });
});

test('rebuilt from the facts, the tables hold the same rows', () => {
  const { folding, add } = open();
  given(folding, A, 'web', 'running');
  given(folding, B, 'shop', 'created');
  add('renamed', { name: 'kiosk', oldName: 'web' }, 'running');
  add('exited', exitData({ code: null }), { exited: 'cleaning' });
  add(
    'remove-requested',
    { reason: 'caller', force: true, volumes: false },
    { removing: 'erasing' },
  );
  add('removed', {}, 'removed');
  const { live, again } = rebuild(folding);
  assert.deepEqual(again, live);
});

test('facts of other streams are left alone', () => {
  const { folding, queries } = open();
  folding.add(`task/${A}/1`, 'task.created', { container: A, run: 1, pid: 4 }, 'created');
  folding.add('daemon', 'daemon.stopped', { signal: 'SIGTERM' }, 'stopped');
  assert.deepEqual(queries.list(), []);
});

test('a damaged row is listed with what can be read of it, and so are all others', () => {
  const { folding, queries, add } = open();
  add('create-requested', createData(A, 'web'), 'creating');
  add('created', { snapshotter: 'overlayfs' }, 'created');
  folding.db.prepare(`UPDATE p_containers SET labels = '{', argv = ''`).run();
  const [listed] = queries.list();
  assert.deepEqual([listed?.name, listed?.labels, listed?.argv], ['web', {}, []]);
});
