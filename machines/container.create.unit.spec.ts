import assert from 'node:assert/strict';
import { it } from 'node:test';
import { phaseOf } from './container.decide.ts';
import { Followed, STREAM } from './running.fixture.ts';
import { commands } from './samples.fixture.ts';

const created = (wants: object) => {
  const followed = new Followed();
  const command = { ...commands['create'], ...wants } as never;
  const facts = followed.when({ kind: 'command', command });
  const asked = followed.effects.map(({ type }) => type);
  return { facts, asked, phase: phaseOf(followed.states.get(STREAM)) };
};

it('is there at once when nothing has to be made before its first start', () => {
  const { facts, asked, phase } = created({ snapshotter: 'overlayfs' });
  assert.deepEqual(facts, ['container.create-requested', 'container.created']);
  assert.deepEqual([asked, phase], [[], 'created.clean']);
});

const WAITING = {
  'the image has something for a volume': {
    mounts: [{ type: 'volume', destination: '/data', copyUp: true }],
  },
  'its root is the user’s own': { custom: { root: '/srv/root' } },
  'nobody says what will hold its root': { snapshotter: undefined },
};

for (const [why, wants] of Object.entries(WAITING))
  it(`is prepared first when ${why}`, () => {
    const { facts, asked, phase } = created({ snapshotter: 'overlayfs', ...wants });
    assert.deepEqual(facts, ['container.create-requested']);
    assert.deepEqual([asked, phase], [['root.prepare'], 'creating']);
  });
