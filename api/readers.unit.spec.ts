/** The log as the facade reads it: the newest commit from memory, all else from where it lies. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logReader } from './readers.ts';

const fact = (position: number) => ({
  position,
  stream: 'container/a',
  version: position,
  type: 'container.started',
  data: { position },
  atNs: BigInt(position),
});

test('whoever is at the last commit but one is served from memory, with the same facts', () => {
  const stored = [1, 2, 3].map(fact);
  const asked: number[] = [];
  let tell: (facts: readonly ReturnType<typeof fact>[]) => void = () => undefined;
  const reader = logReader({
    head: () => ({ position: stored.length }),
    positionAt: () => 0,
    read: (position, limit = 500) => {
      asked.push(position);
      return stored.filter((each) => each.position > position).slice(0, limit);
    },
    onCommit: (listener) => {
      tell = listener;
    },
  });
  const positions = (from: number, limit?: number) =>
    reader.read(from, limit).map(({ position }) => position);
  assert.deepEqual([positions(0), asked], [[1, 2, 3], [0]]);

  const heads: number[] = [];
  reader.head$.subscribe((head) => heads.push(head));
  const commit = [4, 5, 6].map(fact);
  stored.push(...commit);
  tell(commit);
  assert.deepEqual(heads, [6]);
  assert.deepEqual(
    [positions(3), positions(4), positions(3, 2)],
    [
      [4, 5, 6],
      [5, 6],
      [4, 5],
    ],
  );
  assert.deepEqual([positions(6), positions(9)], [[], []]);
  assert.deepEqual(asked, [0]);
  assert.deepEqual([positions(2), positions(0, 1)], [[3, 4, 5, 6], [1]]);
  assert.deepEqual(asked, [0, 2, 0]);
});
