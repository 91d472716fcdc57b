/** Health as it is shown, and told as Docker's events, with what is told beside the log. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEventLookup } from './containerHistory.ts';
import { openContainerQueries } from './containerQueries.ts';
import { dockerEvents, sideEvents } from './dockerEvents.ts';
import { given, openFolding, rebuild } from './folding.fixture.ts';
import { openImageQueries } from './images.ts';

const ID = `aa${'1'.repeat(62)}`;
const SEEN = { exitCode: 1, atNs: '1700000000000000000' };

function open() {
  const folding = openFolding();
  const containers = openContainerQueries(folding.db);
  const lookup = openEventLookup(folding.db, containers, openImageQueries(folding.db));
  given(folding, ID, 'web', 'running');
  const add = (type: string, data: object = {}, run = 1) =>
    folding.add(`health/${ID}/${run}`, `health.${type}`, data as never, 'x');
  const shown = () => {
    const health = containers.get(ID)?.health;
    assert.deepEqual(containers.list()[0]?.health, health);
    return health && [health.status, health.streak, health.run];
  };
  const events = () =>
    folding.facts
      .filter(({ stream }) => stream.startsWith('health/'))
      .flatMap((fact) => dockerEvents(fact, lookup))
      .map(({ action, id, attributes }) => [action, id, attributes['name']]);
  return { folding, lookup, add, shown, events };
}

const change = (before: string, status: string, streak = 0) => ({
  ...SEEN,
  before,
  status,
  streak,
});

test('a container without a check has no health', () => {
  assert.equal(open().shown(), null);
});

test('it follows its facts, and begins anew with each run', () => {
  const { folding, add, shown } = open();
  add('watched');
  assert.deepEqual(shown(), ['starting', 0, 1]);
  add('failed', change('starting', 'starting', 1));
  assert.deepEqual(shown(), ['starting', 1, 1]);
  add('passed', change('starting', 'healthy'));
  assert.deepEqual(shown(), ['healthy', 0, 1]);
  add('suspended');
  assert.deepEqual(shown(), ['unhealthy', 0, 1]);
  add('resumed');
  add('passed', change('unhealthy', 'healthy'));
  add('ended');
  assert.deepEqual(shown(), ['unhealthy', 0, 1]);
  add('watched', {}, 2);
  add('cleaned', { problem: null });
  assert.deepEqual(shown(), ['starting', 0, 2]);
  const { live, again } = rebuild(folding);
  assert.deepEqual(again, live);
});

test('only a change of the status is an event', () => {
  const { add, events } = open();
  add('watched');
  add('failed', change('starting', 'starting', 1));
  add('failed', change('starting', 'unhealthy', 2));
  add('passed', change('unhealthy', 'healthy'));
  add('passed', change('healthy', 'healthy'));
  add('suspended');
  add('ended');
  assert.deepEqual(events(), [
    ['health_status: unhealthy', ID, 'web'],
    ['health_status: healthy', ID, 'web'],
  ]);
});

test('what was told beside the log has the name of then, and the labels', () => {
  const { folding, lookup } = open();
  const position = folding.facts.length;
  const data = { name: 'later', oldName: 'web' };
  folding.add(`container/${ID}`, 'container.renamed', data, 'running');
  const told = { subject: `container/${ID}`, action: 'top', attributes: { a: 'b' }, atNs: 7n };
  const named = (at: number) =>
    sideEvents({ ...told, position: at }, lookup).map((event) => event.attributes);
  assert.deepEqual(named(position), [{ a: 'b', image: 'busybox', name: 'web' }]);
  assert.deepEqual(named(position + 1), [{ a: 'b', image: 'busybox', name: 'later' }]);
  assert.deepEqual(sideEvents({ ...told, position, subject: 'container/no' }, lookup), []);
  assert.deepEqual(sideEvents({ ...told, position, subject: 'volume/x' }, lookup), []);
});
