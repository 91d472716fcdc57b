/** What became of containers between two moments. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NativeSummary } from '../../api/openapi.gen.ts';
import { compared, shown } from './diff.ts';

const web: NativeSummary = {
  id: 'ab'.repeat(32),
  name: 'web',
  state: 'running',
  status: 'running',
  image: 'busybox',
  command: ['true'],
  createdAt: '2026-01-01T00:00:00Z',
  startedAt: null,
  finishedAt: null,
  exitCode: null,
  exitKnown: true,
  run: 1,
  pid: 7,
  labels: { a: '1', b: '2' },
  health: null,
};

test('what differs is told field by field, and what does not is not', () => {
  const after = { ...web, name: 'old', state: 'paused', health: 'unhealthy', run: 2 };
  const [change, ...more] = compared([web], [after]);
  assert.ok(change);
  assert.deepEqual(more, []);
  assert.deepEqual(change.names, ['web', 'old']);
  assert.deepEqual(
    change.fields.map(({ field, from, to }) => `${field} ${from}>${to}`),
    ['name web>old', 'state running>paused', 'health >unhealthy', 'run 1>2'],
  );
  assert.match(
    shown([change], false),
    /^\w{12} +old +changed +name web -> old, state running -> /m,
  );
});

test('labels in another order are the same labels', () => {
  assert.deepEqual(compared([web], [{ ...web, labels: { b: '2', a: '1' } }]), []);
  assert.equal(compared([web], [{ ...web, labels: { a: '1' } }]).length, 1);
  assert.equal(shown([], false), 'nothing changed\n');
});

test('what came and what went', () => {
  const other = { ...web, id: 'cd'.repeat(32), name: 'other' };
  const whats = compared([web], [other]).map(({ what, names }) => `${what} ${names}`);
  assert.deepEqual(whats, ['created other', 'removed web']);
});
