/** A run of the crash points that was broken off goes on where it was. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Strike } from './points.ts';
import { Results } from './results.ts';

const directory = mkdtempSync(join(tmpdir(), 'shiplog-results-'));
after(() => rmSync(directory, { recursive: true }));

const strike = (n: number): Strike => ({
  point: { operation: 'stop', visit: 'task.kill:after', n },
  victims: ['daemon'],
});

test('what held or is another one is over; what failed or was never played is not', () => {
  const file = join(directory, 'results');
  const before = new Results(file);
  before.add(strike(1), { result: 'held', there: ['daemon'], ms: 7 });
  before.add(strike(2), { result: 'failed', message: 'it is running', ms: 7 });
  before.add(strike(3), { result: 'same', as: 'nobody', ms: 0 });
  // The process was killed in the middle of a line.
  appendFileSync(file, '{"strike":"stop: task.kill:after:4: dae');

  const results = new Results(file);
  assert.equal(results.known, 3);
  assert.deepEqual(
    [1, 2, 3, 4].map((n) => results.isOver(strike(n))),
    [true, false, true, false],
  );
  assert.deepEqual(results.of(strike(1))?.there, ['daemon']);
  results.add(strike(4), { result: 'held', ms: 7 });
  assert.ok(new Results(file).isOver(strike(4)));
});

test('the newest result counts', () => {
  const file = join(directory, 'again');
  new Results(file).add(strike(1), { result: 'failed', ms: 7 });
  new Results(file).add(strike(1), { result: 'held', ms: 7 });
  assert.ok(new Results(file).isOver(strike(1)));
});

test('without a file nothing is kept', () => {
  const results = new Results();
  results.add(strike(1), { result: 'held', ms: 7 });
  assert.ok(results.isOver(strike(1)));
  assert.equal(new Results().known, 0);
});
