/** The failpoint of crash tests: off unless it is named, and it strikes once, at its boundary. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failpoint } from './failpoint.ts';
import { OptionError } from './optionError.ts';

function armed(point: string | undefined) {
  const warnings: string[] = [];
  let ends = 0;
  const journal = { warn: (_: object, message: string) => void warnings.push(message) };
  const probe = failpoint(point, journal, () => {
    ends += 1;
  });
  return { probe, warnings, ends: () => ends };
}

test('without a name there is no probe, and nothing is said', () => {
  for (const point of [undefined, '']) {
    const { probe, warnings } = armed(point);
    assert.equal(probe, undefined);
    assert.deepEqual(warnings, []);
  }
});

test('it strikes at the n-th visit of its boundary, and says that it is armed', () => {
  const { probe, warnings, ends } = armed('task.create:after:2');
  assert.equal(warnings.length, 1);
  for (const boundary of ['before', 'after', 'appended'] as const) {
    probe?.('task.create', boundary);
    probe?.('task.start', boundary);
  }
  assert.equal(ends(), 0);
  probe?.('task.create', 'after');
  assert.equal(ends(), 1);
});

test('a text that names no boundary is refused', () => {
  for (const point of ['task.create', 'task.create:during:1', 'task.create:after:0']) {
    assert.throws(() => armed(point), OptionError);
  }
});
