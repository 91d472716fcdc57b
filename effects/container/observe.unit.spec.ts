/** What reconcile sees of containerd: whose records, which snapshots, what images lack. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerRecord, TaskProcess } from '../containerd/types.ts';
import { type KnownImage, lookAround } from './observe.ts';

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

const blob = (digest: string) => ({ digest });
const snapshot = (name: string, kind: 'active' | 'committed') => ({ name, kind });

interface Lying {
  readonly records?: readonly ContainerRecord[];
  readonly tasks?: readonly TaskProcess[];
  readonly snapshots?: readonly ReturnType<typeof snapshot>[];
  readonly blobs?: readonly ReturnType<typeof blob>[];
}

function seen(
  { records = [], tasks = [], snapshots = [], blobs = [] }: Lying,
  images: readonly KnownImage[] = [],
) {
  const unused = (): never => assert.fail('only lists are asked for');
  const nothing = new Proxy({}, { get: () => unused });
  const listing = (list: unknown) => Object.assign(Object.create(nothing), { list });
  const client = {
    containers: listing(async () => records),
    tasks: listing(async () => tasks),
    snapshots: listing(async () => snapshots),
    content: listing(async () => blobs),
  };
  return lookAround(client, 'overlayfs', images);
}

test('records that are labelled as ours have a run, others none', async () => {
  const { records, tasks } = await seen({
    records: [
      ours('a', '12'),
      record('c', {}),
      record('d', { 'shiplog.container': 'other', 'shiplog.run': '1' }),
      record('e', { 'shiplog.container': 'e', 'shiplog.run': 'x' }),
    ],
    tasks: [task('a', 'paused', 7)],
  });
  assert.deepEqual(
    records.map(({ id, run }) => [id, run]),
    [
      ['a', 12],
      ['c', null],
      ['d', null],
      ['e', null],
    ],
  );
  assert.deepEqual(tasks, [{ id: 'a', status: 'paused', pid: 7 }]);
});

test('of snapshots only those that can be written to are seen', async () => {
  const { snapshots } = await seen({
    snapshots: [snapshot('sha256:layer', 'committed'), snapshot('a', 'active')],
  });
  assert.deepEqual(snapshots, ['a']);
});

test('an image lacks its manifest, its config or its layers, or nothing', async () => {
  const image = { id: 'sha256:config', chainId: 'sha256:chain', target: { digest: 'sha256:m' } };
  const blobs = [blob('sha256:m'), blob('sha256:config')];
  const snapshots = [snapshot('sha256:chain', 'committed')];
  const missing = async (lying: Lying) => (await seen(lying, [image])).images[0]?.missing;
  assert.equal(await missing({ blobs, snapshots }), undefined);
  assert.equal(await missing({ snapshots }), 'manifest sha256:m');
  assert.equal(await missing({ blobs: blobs.slice(0, 1), snapshots }), 'config sha256:config');
  assert.equal(await missing({ blobs }), 'unpacked layers sha256:chain');
  const empty = { ...image, chainId: '' };
  assert.deepEqual((await seen({ blobs }, [empty])).images, []);
});
