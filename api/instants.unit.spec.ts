import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goDuration, instant } from './instants.ts';

const NOW = 1_700_000_000_000_000_000n;

test('a duration is counted back from now, in every unit that Go has', () => {
  assert.equal(instant('10m', NOW), NOW - 600_000_000_000n);
  assert.equal(instant('1h30m', NOW), NOW - 5_400_000_000_000n);
  assert.equal(goDuration('1.5s'), 1_500_000_000n);
  assert.equal(goDuration('-.25ms'), -250_000n);
  assert.equal(goDuration('2us3ns'), 2_003n);
});

test('seconds, and dates with and without a time and a zone', () => {
  assert.equal(instant('0', NOW), 0n);
  assert.equal(instant('12.5', NOW), 12_500_000_000n);
  assert.equal(instant('1970-01-01T00:00:01.5Z', NOW), 1_500_000_000n);
  assert.equal(instant('1970-01-01T01:00+01:00', NOW), 0n);
  assert.equal(instant('1970-01-02Z', NOW), 86_400_000_000_000n);
  const local = BigInt(new Date(2020, 4, 6).getTime()) * 1_000_000n;
  assert.equal(instant('2020-05-06', NOW), local);
});

test('what is none of these is none', () => {
  for (const text of ['', 'x', '10x', '2020-13-01Z', '1h 2m', '5.'])
    assert.equal(instant(text, NOW), undefined, text);
});
