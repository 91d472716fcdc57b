/** Facts told as Docker's events: which, in which order, with which attributes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEventLookup } from './containerHistory.ts';
import { openContainerQueries } from './containerQueries.ts';
import { dockerEvents } from './dockerEvents.ts';
import { createData, exitData, given, openFolding, timeOf } from './folding.fixture.ts';
import { openImageQueries } from './images.ts';

const ID = `aa${'1'.repeat(62)}`;
const IMAGE = `sha256:${'e'.repeat(64)}`;

function open() {
  const folding = openFolding();
  const containers = openContainerQueries(folding.db);
  const lookup = openEventLookup(folding.db, containers, openImageQueries(folding.db));
  const add = (type: string, data: Parameters<typeof folding.add>[2], state: string | object) =>
    folding.add(`container/${ID}`, `container.${type}`, data, state as string);
  const events = () => folding.facts.flatMap((fact) => dockerEvents(fact, lookup));
  const actions = () => events().map(({ action }) => action);
  return { folding, add, events, actions };
}

test('a run that ends by itself gives create, start, die', () => {
  const { folding, add, events } = open();
  given(folding, ID, 'web', 'running');
  add('exited', exitData({ code: 3, atNs: String(timeOf(4) + 2_900_000_000n) }), {
    exited: 'cleaning',
  });
  const common = { image: 'busybox', name: 'web' };
  assert.deepEqual(
    events().map(({ action, attributes, timeNs }) => ({ action, attributes, timeNs })),
    [
      { action: 'create', attributes: common, timeNs: timeOf(2) },
      { action: 'start', attributes: common, timeNs: timeOf(4) },
      {
        action: 'die',
        attributes: { ...common, exitCode: '3', execDuration: '2' },
        timeNs: timeOf(5),
      },
    ],
  );
  assert.ok(events().every(({ id, type }) => id === ID && type === 'container'));
});

test('a stop gives kill with the number of the signal, die, stop', () => {
  const { folding, add, events, actions } = open();
  given(folding, ID, 'web', 'running');
  add('stop-requested', { run: 1, signal: 15, timeoutMs: null }, 'stopping');
  add('signalled', { run: 1, signal: 15 }, 'stopping');
  add('exited', exitData({ code: 143, asked: 'stop' }), { exited: 'cleaning' });
  assert.deepEqual(actions().slice(2), ['kill', 'die', 'stop']);
  assert.equal(events()[2]?.attributes['signal'], '15');
});

test('a restart gives die, stop, start, restart', () => {
  const { folding, add, actions } = open();
  given(folding, ID, 'web', 'running');
  add('exited', exitData({ asked: 'restart' }), { exited: 'cleaning' });
  add('start-requested', { run: 2, restart: true }, 'starting');
  add('started', { run: 2, pid: 9, restart: true }, 'running');
  assert.deepEqual(actions().slice(2), ['die', 'stop', 'start', 'restart']);
});

test('a forced removal gives die and destroy, and no stop', () => {
  const { folding, add, actions } = open();
  given(folding, ID, 'web', 'running');
  add('exited', exitData({ code: 137, asked: 'remove' }), { removing: 'cleaning' });
  add('removed', {}, 'removed');
  assert.deepEqual(actions().slice(2), ['die', 'destroy']);
});

test('an exit of before kills were counted gives oom before die', () => {
  const { folding, add, actions } = open();
  given(folding, ID, 'web', 'running');
  add('exited', exitData({ code: 137, oomKilled: true }), { exited: 'cleaning' });
  assert.deepEqual(actions().slice(2), ['oom', 'die']);
});

test('a counted kill gives oom once, also when it brings the end', () => {
  const { folding, add, actions } = open();
  given(folding, ID, 'web', 'running');
  add('oom-killed', { run: 1, kills: 1 }, 'running');
  assert.deepEqual(actions().slice(2), ['oom']);
  add('exited', exitData({ code: 137, oomKilled: true, oomKills: 1 }), { exited: 'cleaning' });
  assert.deepEqual(actions().slice(2), ['oom', 'die']);
});

test('only here an unknown exit is called 255', () => {
  const { folding, add, events } = open();
  given(folding, ID, 'web', 'running');
  add('exited', exitData({ code: null }), { exited: 'cleaning' });
  assert.equal(events().at(-1)?.attributes['exitCode'], '255');
});

test('a failed start gives no event at all', () => {
  const { folding, add, actions } = open();
  given(folding, ID, 'web', 'created');
  add('start-requested', { run: 1, restart: false }, 'starting');
  add('start-failed', { run: 1, message: 'no such file', exitCode: 127 }, { created: 'cleaning' });
  assert.deepEqual(actions(), ['create']);
});

test('a failed create gives no event at all', () => {
  const { add, actions } = open();
  add('create-requested', createData(ID, 'web'), 'creating');
  add('create-failed', { message: 'no space' }, { removing: 'erasing' });
  add('removed', {}, 'removed');
  assert.deepEqual(actions(), []);
});

test('an event read again later shows the name and the duration of its own time', () => {
  const { folding, add, events } = open();
  given(folding, ID, 'web', 'running');
  add('exited', exitData({ atNs: String(timeOf(4) + 1_500_000_000n) }), { exited: 'cleaning' });
  add('renamed', { name: 'shop', oldName: 'web' }, { exited: 'clean' });
  add('start-requested', { run: 2, restart: false }, 'starting');
  add('started', { run: 2, pid: 9, restart: false }, 'running');
  const [create, , die, rename, start] = events();
  assert.equal(create?.attributes['name'], 'web');
  assert.equal(die?.attributes['execDuration'], '1');
  assert.deepEqual(rename?.attributes, { image: 'busybox', name: 'shop', oldName: '/web' });
  assert.equal(start?.attributes['name'], 'shop');
});

test('a label hides an extra attribute, image and name hide a label', () => {
  const { folding, add, events } = open();
  const Labels = { signal: 'mine', name: 'mine', image: 'mine', tier: 'front' };
  add('create-requested', createData(ID, 'web', { Labels }), 'creating');
  add('created', { snapshotter: 'overlayfs' }, { created: 'clean' });
  folding.add(`container/${ID}`, 'container.signalled', { run: 1, signal: 9 }, 'running');
  assert.deepEqual(events()[1]?.attributes, {
    signal: 'mine',
    tier: 'front',
    image: 'busybox',
    name: 'web',
  });
});

test('pause and unpause give one event each', () => {
  const { folding, add, actions } = open();
  given(folding, ID, 'web', 'running');
  add('pause-requested', { run: 1 }, 'pausing');
  add('paused', { run: 1 }, 'paused');
  add('unpause-requested', { run: 1 }, 'unpausing');
  add('unpaused', { run: 1 }, 'running');
  assert.deepEqual(actions().slice(2), ['pause', 'unpause']);
});

test('an image tells how it came and went, named by its id, but a tag by the reference', () => {
  const { folding, events } = open();
  const stream = `image/${IMAGE}`;
  const reference = 'docker.io/x/y:1';
  const staged = { id: IMAGE, lease: 'l', references: [reference], config: { Labels: { a: 'b' } } };
  folding.add(stream, 'image.load-requested', staged, 'loading');
  folding.add(stream, 'image.loaded', { references: [reference] }, 'loaded');
  folding.add(stream, 'image.tagged', { reference: 'docker.io/x/y:2' }, 'loaded');
  folding.add(stream, 'image.untagged', { reference }, 'loaded');
  folding.add(stream, 'image.saved', {}, 'loaded');
  folding.add(stream, 'image.untagged', { reference, by: 'removal' }, 'loaded');
  folding.add(stream, 'image.remove-requested', {}, 'removing');
  folding.add(stream, 'image.removed', {}, 'removed');
  folding.add(stream, 'image.load-requested', { ...staged, origin: 'import' }, 'loading');
  folding.add(stream, 'image.loaded', { references: [reference], origin: 'import' }, 'loaded');
  assert.deepEqual(
    events().map(({ type, action, id, attributes }) => [type, id, action, attributes]),
    [
      ['load', IMAGE],
      ['tag', 'docker.io/x/y:2'],
      ['save', IMAGE],
      ['untag', IMAGE],
      ['delete', IMAGE],
      ['import', IMAGE],
      ['tag', reference],
    ].map(([action, name]) => ['image', IMAGE, action, { a: 'b', name }]),
  );
});

test('a prune tells what it has freed', () => {
  const { folding, events } = open();
  folding.add('daemon', 'daemon.pruned', { what: 'image', reclaimed: 12 }, 'running');
  const [prune] = events();
  assert.deepEqual(
    [prune?.type, prune?.action, prune?.id, prune?.attributes],
    ['image', 'prune', '', { reclaimed: '12' }],
  );
});

test('a prune is an event of what was pruned, with how much that freed', () => {
  const fact = { position: 9, stream: 'daemon', type: 'daemon.pruned', atNs: 5n };
  const data = { what: 'container', reclaimed: 42 };
  const lookup = {
    container: none,
    image: none,
    exec: none,
    network: none,
    nameAt: none,
    startedNs: none,
  };
  assert.deepEqual(dockerEvents({ ...fact, data }, lookup), [
    { type: 'container', action: 'prune', id: '', attributes: { reclaimed: '42' }, timeNs: 5n },
  ]);
});

const none = () => undefined;

test('a reload is an event of the daemon', () => {
  const data = { id: 'd', changed: ['debug'], attributes: { name: 'host', debug: 'true' } };
  const fact = { position: 9, stream: 'daemon', type: 'daemon.reloaded', atNs: 5n };
  const lookup = {
    container: none,
    image: none,
    exec: none,
    network: none,
    nameAt: none,
    startedNs: none,
  };
  const [event, ...more] = dockerEvents({ ...fact, data }, lookup);
  assert.deepEqual(more, []);
  assert.deepEqual(event, {
    type: 'daemon',
    action: 'reload',
    id: 'd',
    attributes: { name: 'host', debug: 'true' },
    timeNs: 5n,
  });
});
