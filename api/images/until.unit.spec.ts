/** The instants that the filter `until` may name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from './until.ts';

const NOW_NS = 1_700_000_000_500_000_000n;

for (const [text, seconds] of [
  ['1600000000', 1_600_000_000],
  ['1600000000.25', 1_600_000_000.25],
  ['10s', 1_699_999_990.5],
  ['1h30m', 1_700_000_000.5 - 5400],
  ['2020-01-02', 1_577_923_200],
  ['2020-01-02T00:00:01', 1_577_923_201],
  ['2020-01-02T01:00:00+01:00', 1_577_923_200],
] as const) {
  test(`${text} is an instant`, () => assert.equal(instant(text, NOW_NS), seconds));
}

for (const text of ['', 'x', '3 days', '2020-13-45']) {
  test(`"${text}" is none`, () => assert.throws(() => instant(text, NOW_NS), /time or duration/));
}
