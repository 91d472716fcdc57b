/**
 * Some stories of networks, beside a real dockerd; all of them: `npm run test:differential`.
 * Skipped where there is no dockerd.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { findDockerd } from '../dockerd.ts';
import { storyDifferences } from './compare.ts';
import { type StoryEngines, startStoryEngines } from './engines.ts';
import { STORIES } from './stories.ts';

const SLICE = [
  'a network that overlaps',
  'a container in a network',
  'a connect at an address',
  'a port: on an address',
  'connects of a container in none, running',
  'links: by another name',
];

const binary = findDockerd();
const skip = binary === undefined ? 'NOT COMPARED WITH DOCKERD: there is none' : false;

suite('networks are as those of dockerd', { skip }, () => {
  let engines: StoryEngines | undefined;

  before(async () => {
    engines = await startStoryEngines(binary ?? '');
  });
  after(() => engines?.stop());

  for (const title of SLICE) {
    test(title, async () => {
      const story = STORIES.find((one) => one.title === title);
      assert.ok(engines && story);
      const { dockerd, shiplog } = engines;
      const [theirs, ours] = await Promise.all([dockerd.tell(story), shiplog.tell(story)]);
      assert.deepEqual(storyDifferences(story, theirs, ours, new Set()), []);
    });
  }
});
