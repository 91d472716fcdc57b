/** The side table: a ring of events, the newest few of a kind, and a file that may be lost. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { openSideTable, type SideTable } from './sideTable.ts';

let directory: string;
let position = 0;
let now = 1_700_000_000_000_000_001n;
const failures: unknown[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'shiplog-side-'));
  position = 0;
  failures.length = 0;
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const path = (): string => join(directory, 'side.db');
const open = (most?: number): SideTable =>
  openSideTable({
    path: path(),
    clock: { nowNs: () => now },
    position: () => position,
    failed: (error) => failures.push(error),
    ...(most === undefined ? {} : { most }),
  });
const note = (action: string) => ({ subject: 'thing/1', action, attributes: { a: 'b' } });

test('an event holds the head of the log and the time at which it was told', () => {
  const table = open();
  position = 7;
  table.note(note('one'));
  now += 1n;
  position = 9;
  table.note(note('two'));
  const [first, second] = table.after(0);
  assert.deepEqual(first, { ...note('one'), seq: 1, position: 7, atNs: now - 1n });
  assert.deepEqual([second?.seq, second?.position, second?.atNs], [2, 9, now]);
  assert.deepEqual(
    table.after(1).map(({ action }) => action),
    ['two'],
  );
  assert.equal(table.head(), 2);
  table.close();
});

test('who listens is told of each event until it stops', () => {
  const table = open();
  const heard: number[] = [];
  const stop = table.onNote((seq) => heard.push(seq));
  table.note(note('one'));
  stop();
  table.note(note('two'));
  assert.deepEqual(heard, [1]);
  table.close();
});

test('only the newest events stay, and a number is never used again', () => {
  const table = open(100);
  for (let count = 0; count < 256; count += 1) table.note(note(String(count)));
  const left = table.after(0, 1_000);
  assert.equal(left.length, 100);
  assert.equal(left.at(-1)?.action, '255');
  table.close();
  const again = open(100);
  again.note(note('later'));
  assert.equal(again.head(), 257);
  again.close();
});

test('of each subject and kind the newest few are kept until the subject is forgotten', () => {
  const table = open();
  for (let count = 0; count < 8; count += 1) table.keep('thing/1', 'result', { count }, 5);
  table.keep('thing/1', 'other', 'x', 1);
  table.keep('thing/2', 'result', 'y', 5);
  table.close();
  const again = open();
  const counts = [3, 4, 5, 6, 7].map((count) => ({ count }));
  assert.deepEqual(again.kept('thing/1', 'result'), counts);
  again.forget('thing/1');
  assert.deepEqual(again.kept('thing/1', 'result'), []);
  assert.deepEqual(again.kept('thing/1', 'other'), []);
  assert.deepEqual(again.kept('thing/2', 'result'), ['y']);
  again.close();
});

test('a file that is no database is made anew, and that is told', () => {
  writeFileSync(path(), 'this is no database, but it is long enough to look like one'.repeat(20));
  const table = open();
  table.note(note('one'));
  assert.equal(table.after(0).length, 1);
  assert.equal(failures.length, 1);
  table.close();
});

test('what can not be written is lost and told, and nobody is stopped by it', () => {
  const table = open();
  table.close();
  table.note(note('one'));
  table.keep('thing/1', 'result', 1, 5);
  assert.equal(failures.length, 2);
});
