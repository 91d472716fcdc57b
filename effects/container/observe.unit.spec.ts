/** Which of containerd's records and tasks are runs of ours. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerRecord, TaskProcess } from '../containerd/types.ts';
import { listRuns } from './observe.ts';

const record = (id: string, labels: Readonly<Record<string, string>>): ContainerRecord => ({
  id,
  labels,
  image: '',
  runtime: { name: '', options: null },
  spec: null,
  snapshotter: '',
  snapshotKey: '',
  createdAtNs: null,
  updatedAtNs: null,
});
const ours = (id: string, run: string): ContainerRecord =>
  record(id, { 'shiplog.container': id, 'shiplog.run': run });
const task = (id: string, status: TaskProcess['status'], pid: number): TaskProcess => ({
  id,
  pid,
  status,
  stdin: '',
  stdout: '',
  stderr: '',
  terminal: false,
  exitStatus: 0,
  exitedAtNs: null,
});

function seen(records: readonly ContainerRecord[], tasks: readonly TaskProcess[]) {
  const unused = (): never => assert.fail('only lists are asked for');
  const nothing = new Proxy({}, { get: () => unused });
  return listRuns({
    containers: Object.assign(Object.create(nothing), { list: async () => records }),
    tasks: Object.assign(Object.create(nothing), { list: async () => tasks }),
  });
}

test('a labelled record is a run, with its task or without one', async () => {
  const { runs, unknownTasks } = await seen(
    [ours('a', '1'), ours('b', '12')],
    [task('a', 'paused', 7)],
  );
  assert.deepEqual(runs, [
    { container: 'a', run: 1, status: 'paused', pid: 7 },
    { container: 'b', run: 12, status: 'absent', pid: 0 },
  ]);
  assert.deepEqual(unknownTasks, []);
});

test('tasks without a record, or with one that is not ours, are told apart', async () => {
  const strangers = [
    record('c', {}),
    record('d', { 'shiplog.container': 'other', 'shiplog.run': '1' }),
    record('e', { 'shiplog.container': 'e', 'shiplog.run': 'x' }),
  ];
  const tasks = ['c', 'd', 'e', 'f'].map((id) => task(id, 'running', 1));
  const { runs, unknownTasks } = await seen(strangers, tasks);
  assert.deepEqual(runs, []);
  assert.deepEqual(unknownTasks, ['c', 'd', 'e', 'f']);
});
