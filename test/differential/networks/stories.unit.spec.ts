/** The stories of networks and the rules of their comparison. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NETWORK_DIFFERENCES } from '../../../docs/differences.ts';
import { Alike } from './alike.ts';
import { storyDifferences } from './compare.ts';
import { KNOWN_STORY_LINES } from './known.ts';
import { KNOWN_ANSWERS } from './knownAnswers.ts';
import { STORIES } from './stories.ts';

const RULES: readonly { readonly reason: string; readonly stories?: RegExp }[] = [
  ...KNOWN_STORY_LINES,
  ...KNOWN_ANSWERS,
];

test('every known difference is in docs/compatibility.md with its reason', () => {
  const reasons = [...new Set(RULES.map(({ reason }) => reason))];
  assert.deepEqual(reasons.toSorted(), [...NETWORK_DIFFERENCES].toSorted());
});

test('there are hundreds of stories, each with its title, and each rule is about some', () => {
  const titles = STORIES.map(({ title }) => title);
  assert.ok(titles.length > 250, `${titles.length}`);
  assert.equal(new Set(titles).size, titles.length);
  const idle = RULES.filter(({ stories = /./ }) => !titles.some((one) => stories.test(one)));
  assert.deepEqual(idle, []);
});

test('what differs by chance is said alike, what does not stays', () => {
  const alike = new Alike('10.63');
  alike.knows('f'.repeat(64), 'web');
  assert.equal(
    alike.text('10.63.7.2 10.63.9.1 02:42:0a:3f:07:02'),
    'POOL0.2 POOL1.1 mac of POOL0.2',
  );
  assert.equal(alike.text(`${'f'.repeat(64)} ${'f'.repeat(12)}`), '<web> short <web>');
  assert.equal(alike.text('40001->80 28117 10.40.50000.1'), 'PORT->80 28117 10.40.50000.1');
  assert.equal(alike.text('"8094dff57123" 40001/tcp'), '"8094dff57123" PORT/tcp');
});

test('after a request that only one has refused nothing is compared', () => {
  const [story = { title: '', steps: [] }] = STORIES;
  const told = (status: string, link: string) =>
    new Map([
      ['answer 1: POST /x', [status]],
      ['inside 2: cc', [link]],
    ]);
  const parted = storyDifferences(story, told('204 {}', 'a'), told('500 x', 'b'), new Set());
  assert.deepEqual(
    parted.map(({ part }) => part),
    ['answer 1: POST /x'],
  );
  const both = storyDifferences(story, told('204 {}', 'a'), told('204 {}', 'b'), new Set());
  assert.deepEqual(
    both.map(({ part }) => part),
    ['inside 2: cc'],
  );
});
