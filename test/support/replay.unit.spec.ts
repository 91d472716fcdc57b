/** A log that was written by the machines folds to what it says; one by others is drift. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { containerFamily } from '../../machines/container.family.ts';
import type { Family, StreamKind } from '../../machines/decision.ts';
import { commands } from '../../machines/samples.fixture.ts';
import { Harness, ok } from '../actors/harness.ts';
import { replay } from './replay.ts';

let harness: Harness;
beforeEach(async () => {
  harness = new Harness({ 'root.prepare': () => ok({ snapshotter: 'overlayfs' }) });
  const origin = { request: 'r', caller: { kind: 'daemon' as const }, deadlineMs: 1_000 };
  const command = commands['create'];
  assert.ok(command);
  await harness.system.submit(containerFamily, command, origin);
});
afterEach(() => harness.close());

const path = (): string => join(harness.directory, 'log.db');

/** The container family with another kind of stream. */
function changed(change: (kind: StreamKind) => Partial<StreamKind>): Family {
  const kindOf = (stream: string): StreamKind => {
    const kind = containerFamily.kindOf(stream);
    return { ...kind, ...change(kind) };
  };
  return { ...containerFamily, kindOf };
}

test('a log folds to what it says', () => {
  const { facts, streams, drift, verified } = replay(path(), [containerFamily]);
  assert.deepEqual([facts, streams, drift, verified.ok], [2, 1, [], true]);
});

test('another state, other effects and another revision are each told, row by row', () => {
  const states = changed(({ fold }) => ({
    fold: (...given) => {
      const stepped = fold(...given);
      return { ...stepped, state: { ...stepped.state, context: { other: 1 } } };
    },
  }));
  assert.match(replay(path(), [states]).drift[0] ?? '', /^1 container\/\w+ .*: digest differs/);
  const idle = changed(({ fold }) => ({
    fold: (...given) => ({ ...fold(...given), effects: [] }),
  }));
  assert.match(replay(path(), [idle]).drift[0] ?? '', /effects \[\], recorded \[\{.*root\.prepare/);
  const newer = changed(({ revision }) => ({ revision: revision + 1 }));
  assert.match(replay(path(), [newer]).drift[0] ?? '', /revision 2, recorded 1/);
  assert.match(replay(path(), []).drift[0] ?? '', /no family has this stream/);
});

/** The container family whose machines ask for `more` beside what they ask for. */
const asksMore = (more: { readonly type: string; readonly params: object }) =>
  changed(({ fold }) => ({
    fold: (...given) => {
      const stepped = fold(...given);
      return { ...stepped, effects: [...stepped.effects, more] };
    },
  }));

test('to call off what was never asked for is no drift; what was asked for is', () => {
  const never = asksMore({ type: 'cancel', params: { key: 'later.effect' } });
  assert.deepEqual(replay(path(), [never]).drift, []);
  const asked = asksMore({ type: 'cancel', params: { key: 'root.prepare' } });
  assert.match(replay(path(), [asked]).drift[0] ?? '', /^2 .*effects .*cancel/);
});
