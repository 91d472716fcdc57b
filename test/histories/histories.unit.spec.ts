/**
 * Every log that was recorded by this or an earlier version replays without drift: each row folds to
 * the state, digest and effects that it recorded, the chain holds, and all that follows from the
 * facts is what it was.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { containerFamily } from '../../machines/container.family.ts';
import { daemonFamily } from '../../machines/daemon.family.ts';
import type { Family } from '../../machines/decision.ts';
import { imageFamily } from '../../machines/image.family.ts';
import { volumeFamily } from '../../machines/volume.family.ts';
import { replay } from '../support/replay.ts';
import { buildViews, type History, histories, layOut, RECORDED, viewLines } from './history.ts';
import { SCENARIOS } from './scenarios.ts';

const FAMILIES: readonly Family[] = [containerFamily, imageFamily, volumeFamily, daemonFamily];
const recorded = histories();

/** Path of a log of these facts, gone after the test. */
function laidOut(t: TestContext, history: History): string {
  const directory = mkdtempSync(join(tmpdir(), 'shiplog-history-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'log.db');
  layOut(path, history);
  return path;
}

test('no history was deleted, edited, or put here without being noted', () => {
  const noted: unknown = JSON.parse(readFileSync(join(RECORDED, 'digests.json'), 'utf8'));
  assert.deepEqual(Object.fromEntries(recorded.map(({ name, digest }) => [name, digest])), noted);
});

test('every scenario has a history', () => {
  const without = Object.keys(SCENARIOS).filter(
    (scenario) => !recorded.some(({ name }) => name.endsWith(`-${scenario}`)),
  );
  assert.deepEqual(without, []);
});

const LATER: ReadonlySet<unknown> = new Set(['p_networks', 'p_container_networks']);

for (const history of recorded) {
  test(`${history.name} replays without drift`, (t) => {
    const { facts, drift, verified } = replay(laidOut(t, history), FAMILIES);
    assert.deepEqual(drift, []);
    assert.deepEqual(verified.ok ? undefined : verified, undefined);
    assert.equal(facts, history.facts.length);
  });

  test(`${history.name} leads to the same streams, claims, agenda and read models`, (t) => {
    const path = laidOut(t, history);
    buildViews(path);
    // Of read models that came later a history knows nothing.
    const known = new Set(history.views.map(([table]) => table));
    const views = viewLines(path).filter(([table]) => !LATER.has(table) || known.has(table));
    const changed = views.filter((line, index) => {
      return JSON.stringify(line) !== JSON.stringify(history.views[index]);
    });
    assert.deepEqual(changed, []);
    assert.equal(views.length, history.views.length);
  });
}

test('the histories hold all facts that a real daemon can be brought to', () => {
  const types = new Set(recorded.flatMap(({ facts }) => facts.map((line) => line[4])));
  const missing = WANTED.filter((type) => !types.has(type));
  assert.deepEqual(missing, []);
});

/** Those of deadlines that pass and of effects that fail are left to the simulator. */
const WANTED = [
  'container.create-requested',
  'container.created',
  'container.start-requested',
  'container.started',
  'container.start-failed',
  'container.stop-requested',
  'container.stop-timed-out',
  'container.restart-requested',
  'container.kill-requested',
  'container.signalled',
  'container.paused',
  'container.unpaused',
  'container.exited',
  'container.cleaned',
  'container.renamed',
  'container.updated',
  'container.restart-cancelled',
  'container.remove-requested',
  'container.removed',
  'task.created',
  'task.started',
  'task.exited',
  'task.deleted',
  'exec.created',
  'exec.start-requested',
  'exec.started',
  'exec.start-failed',
  'exec.exited',
  'exec.cleaned',
  'image.load-requested',
  'image.loaded',
  'image.untagged',
  'daemon.started',
  'daemon.stopped',
  'daemon.reconciled',
  'daemon.containerd-lost',
  'daemon.containerd-connected',
  'daemon.commands-refused',
];
