/** The cases and the rules of the comparison of options. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPTION_DIFFERENCES } from '../../../docs/differences.ts';
import { cases } from './cases.ts';
import { differences } from './compare.ts';
import { KNOWN_LINES } from './known.ts';

test('every known difference is in docs/compatibility.md with its reason', () => {
  const reasons = [...new Set(KNOWN_LINES.map(({ reason }) => reason))];
  assert.deepEqual(reasons.toSorted(), [...OPTION_DIFFERENCES].toSorted());
});

test('there are hundreds of cases, the same for the same seed', () => {
  const all = cases(1, 120);
  assert.ok(all.length > 250, `${all.length}`);
  assert.deepEqual(cases(1, 120), all);
  assert.notDeepEqual(cases(2, 120), all);
});

test('a line that only one engine has is a difference, letters aside', () => {
  const told = (line: string) => new Map([['create', [line]]]);
  assert.deepEqual(differences(told('400 Bad'), told('400 bad'), new Set()), []);
  const [found] = differences(told('400 x'), told('201'), new Set());
  assert.deepEqual(found, { part: 'create', dockerd: ['400 x'], shiplog: ['201'] });
});
