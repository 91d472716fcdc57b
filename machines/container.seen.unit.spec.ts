/** Every way in which containerd can differ from the log, as the sentence that is said of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  differencesOf,
  isLasting,
  type LoggedContainer,
  livingTasks,
  observedStream,
  type Sight,
} from './container.seen.ts';

const ID = '9f'.repeat(32);
const web = (phase: string): LoggedContainer => ({ id: ID, name: 'web', phase, run: 2 });
const task = (status: string, id = ID) => ({ id, status, pid: 7 });
const record = (run: number | null = 2, id = ID) => ({ id, run, snapshotKey: id });
const sight = (seen: Partial<Sight>): Sight => ({
  tasks: [],
  records: [],
  snapshots: [ID],
  images: [],
  ...seen,
});
const known = (id: string): boolean => id === ID;
const none = (): boolean => false;

function of(phase: string, seen: Partial<Sight>) {
  return differencesOf([web(phase)], sight(seen), known, none);
}
const sentences = (phase: string, seen: Partial<Sight>): string[] =>
  of(phase, seen).map(({ kind, sentence }) => `${kind}: ${sentence}`);

test('what is as the log says is no difference', () => {
  const runs = { tasks: [task('running')], records: [record()] };
  assert.deepEqual(sentences('running', runs), []);
  assert.deepEqual(sentences('paused', { ...runs, tasks: [task('paused')] }), []);
  for (const phase of ['created.clean', 'exited.clean', 'restarting.waiting', 'creating'])
    assert.deepEqual(sentences(phase, {}), [], phase);
});

test('a volume without its directory is named, and lasts', () => {
  const [gone] = differencesOf([], sight({ volumesGone: ['data'] }), known, () => false);
  assert.match(gone?.sentence ?? '', /^volume data: its directory is gone: /);
  assert.ok(gone !== undefined && isLasting(gone));
});

test('a step that is under way is not judged', () => {
  for (const phase of ['starting', 'pausing', 'unpausing', 'stopping', 'exited.cleaning'])
    for (const seen of [{}, { tasks: [task('paused')], records: [record()] }])
      assert.deepEqual(sentences(phase, seen), [], phase);
});

test('a task that is gone', () => {
  assert.deepEqual(sentences('running', { records: [record()] }), [
    'task-gone: container web (9f9f9f9f9f9f): the log says running, containerd has no task: ' +
      'its exit is unknown, unless it was read',
  ]);
  assert.match(sentences('paused', {})[0] ?? '', /says paused, .* neither a record nor a task/);
});

test('a task without its record, and one of another run', () => {
  assert.match(
    sentences('running', { tasks: [task('running')] })[0] ?? '',
    /^record-gone: .* has its task \(process 7\) and no record of it$/,
  );
  const other = { tasks: [task('running')], records: [record(3)] };
  assert.match(sentences('running', other)[0] ?? '', /a task of run 3, not of run 2$/);
  const foreign = { tasks: [task('running')], records: [record(null)] };
  assert.match(sentences('running', foreign)[0] ?? '', /a task of nobody of ours, not of run 2$/);
});

test('paused and resumed by somebody else: the container is told', () => {
  const [paused] = of('running', { tasks: [task('paused')], records: [record()] });
  assert.equal(paused?.kind, 'paused');
  assert.deepEqual(paused.observation, {
    type: 'task-seen',
    container: ID,
    run: 2,
    status: 'paused',
  });
  assert.equal(observedStream(paused.observation), `container/${ID}`);
  const [resumed] = of('paused', { tasks: [task('running')], records: [record()] });
  assert.equal(resumed?.kind, 'resumed');
  assert.deepEqual(resumed.observation, { ...paused.observation, status: 'running' });
});

test('an exit that is being read is said, and left to who reads it', () => {
  const [ended] = of('running', { tasks: [task('stopped')], records: [record()] });
  assert.deepEqual([ended?.kind, ended?.observation], ['task-ended', null]);
});

test('a task that should not be there any more', () => {
  assert.deepEqual(sentences('exited.clean', { tasks: [task('running')], records: [record()] }), [
    'task-left-over: container web (9f9f9f9f9f9f): the log says exited, containerd has a task of ' +
      'its id (running, process 7)',
  ]);
});

test('a file system that is gone, while the container is neither made nor removed', () => {
  const gone = { snapshots: [] };
  assert.match(sentences('exited.clean', gone)[0] ?? '', /^root-gone: .*there is no snapshot 9f/);
  for (const phase of ['removing.stuck', 'removing.erasing'])
    assert.deepEqual(sentences(phase, gone), [], phase);
});

test('before the first start there may be no file system yet', () => {
  for (const phase of ['creating', 'created.clean']) {
    const unstarted = { ...web(phase), run: 0 };
    assert.deepEqual(differencesOf([unstarted], sight({ snapshots: [] }), known, none), [], phase);
  }
});

test('an image that lacks something', () => {
  const images = [{ id: 'sha256:1', missing: 'config sha256:1' }];
  assert.deepEqual(
    differencesOf([], sight({ images }), known, none).map(({ sentence }) => sentence),
    ['image sha256:1: containerd has no config sha256:1'],
  );
});

test('strangers are named once each, and what passes while something is made is none', () => {
  const stranger = { id: 'x', run: null, snapshotKey: 'x-root' };
  const seen = sight({
    tasks: [task('running', 'x'), task('paused', 'bare')],
    records: [stranger, { id: 'idle', run: null, snapshotKey: 'idle' }],
    snapshots: ['x-root', 'idle', 'lone', 'extract-1 sha256:2', `${ID}-init-key`, ID],
  });
  assert.deepEqual(
    differencesOf([], seen, known, none).map(({ sentence }) => sentence.split(': ')[0]),
    [
      'task x (running, process 7)',
      'task bare (paused, process 7, without a record)',
      'record idle (without a task)',
      'snapshot lone',
    ],
  );
});

test('what is there of a container that was removed is named', () => {
  const seen = sight({ tasks: [task('running')], records: [record()] });
  assert.deepEqual(
    differencesOf([], seen, known, known).map(({ kind, sentence }) => `${kind}: ${sentence}`),
    ['task', 'record', 'snapshot'].map(
      (what) =>
        `removed-left-over: ${what} ${ID}: the log says that it is removed, and it is left alone`,
    ),
  );
});

test('only a task that is seen to have stopped, or not seen at all, has ended', () => {
  const statuses = ['running', 'paused', 'created', 'unknown', 'stopped'];
  const tasks = statuses.map((status) => task(status, status));
  const records = [...statuses, 'absent'].map((id, run) => ({ id, run, snapshotKey: id }));
  assert.deepEqual(
    [...livingTasks(sight({ tasks, records }))],
    ['task/running/0', 'task/paused/1', 'task/created/2', 'task/unknown/3'],
  );
  assert.deepEqual([...livingTasks(sight({ tasks: [task('running')] }))], [`container/${ID}`]);
});
