/** The failpoint of crash tests: off unless it is named; it stops once, at the armed boundary. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { failpoint } from './failpoint.ts';
import { OptionError } from './optionError.ts';

const BOUNDARIES = ['before', 'after', 'appended'] as const;

function opened(t: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), 'failpoint-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const warnings: string[] = [];
  let stops = 0;
  const journal = { warn: (_: object, message: string) => void warnings.push(message) };
  const probe = failpoint(dir, journal, () => {
    stops += 1;
  });
  assert.ok(probe);
  return {
    probe,
    warnings,
    stops: () => stops,
    arm: (text: string) => writeFileSync(join(dir, 'armed'), text),
    visits: () => readFileSync(join(dir, 'visits'), 'utf8').trim().split('\n'),
  };
}

test('without a directory there is no probe, and nothing is said', () => {
  for (const dir of [undefined, '']) {
    const warnings: string[] = [];
    const journal = { warn: (_: object, message: string) => void warnings.push(message) };
    assert.equal(failpoint(dir, journal), undefined);
    assert.deepEqual(warnings, []);
  }
});

test('every boundary that is passed is written down, and that it may stop is said', (t) => {
  const { probe, warnings, visits, stops } = opened(t);
  probe('task.create', 'before');
  probe('task.create', 'after');
  assert.deepEqual(visits(), ['task.create:before', 'task.create:after']);
  assert.deepEqual([warnings.length, stops()], [1, 0]);
});

test('the same boundary armed again stops it again, with no visit in between', async (t) => {
  const { probe, arm, stops } = opened(t);
  for (const times of [1, 2]) {
    arm('task.create:after:1');
    probe('task.create', 'after');
    assert.equal(stops(), times);
    // Longer than a tick of the file system's clock.
    await sleep(30);
  }
});

test('it stops once, at the n-th visit from when it was armed', (t) => {
  const { probe, arm, stops } = opened(t);
  probe('task.create', 'after');
  arm('task.create:after:2');
  for (const boundary of BOUNDARIES) {
    probe('task.create', boundary);
    probe('task.start', boundary);
  }
  assert.equal(stops(), 0);
  probe('task.create', 'after');
  assert.equal(stops(), 1);
  probe('task.create', 'after');
  assert.equal(stops(), 1);
  arm('task.start:before:1');
  probe('task.start', 'before');
  assert.equal(stops(), 2);
});

test('a text that names no boundary is refused', (t) => {
  const { probe, arm } = opened(t);
  for (const point of ['task.create', 'task.create:during:1', 'task.create:after:0']) {
    arm(point);
    assert.throws(() => probe('task.create', 'after'), OptionError);
  }
});
