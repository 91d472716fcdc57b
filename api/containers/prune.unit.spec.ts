/** `POST /containers/prune`: what is taken, what is left, what is said and put on record. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type Served, serve } from '../testing/client.ts';
import {
  details,
  exited,
  ID,
  NOW,
  OTHER_ID,
  running,
  type World,
  world,
} from '../testing/fakes.ts';

let served: Served;
let here: World;

beforeEach(async () => {
  here = world();
  here.containers.set(ID, exited({ labels: { a: 'b' }, createdNs: NOW - 60_000_000_000n }));
  const created = { id: OTHER_ID, name: 'db', labels: {}, createdNs: NOW - 1_000_000_000n };
  here.containers.set(OTHER_ID, details(created));
  const third = 'ef56'.repeat(16);
  here.containers.set(third, running({ id: third, name: 'runs' }));
  here.sizes.set(ID, 40);
  here.sizes.set(OTHER_ID, 2);
  served = await serve(here);
});
afterEach(() => served.close());

async function prune(filters: object = {}) {
  const query = encodeURIComponent(JSON.stringify(filters));
  const { status, body } = await served.ask('POST', `/containers/prune?filters=${query}`);
  return { status, ...JSON.parse(body) };
}

test('what does not run goes, and the event says how much that freed', async () => {
  const answer = await prune();
  assert.deepEqual(answer.ContainersDeleted.toSorted(), [ID, OTHER_ID]);
  assert.equal(answer.SpaceReclaimed, 42);
  assert.deepEqual(here.prunes, [{ what: 'container', reclaimed: 42 }]);
  assert.ok(here.submitted.every((one) => one.type === 'remove' && !one.force));
});

test('filters by label, by its absence, and by age', async () => {
  const gone = async (filters: object) => (await prune(filters)).ContainersDeleted;
  assert.deepEqual(await gone({ label: ['a=b'] }), [ID]);
  assert.deepEqual(await gone({ 'label!': ['a'] }), [OTHER_ID]);
  assert.deepEqual(await gone({ until: ['30s'] }), [ID]);
  assert.equal(await gone({ until: ['1h'] }), null);
});

test('a filter that is none is refused', async () => {
  const said = async (filters: object) => (await prune(filters)).message;
  assert.equal(await said({ bogus: ['x'] }), "invalid filter 'bogus'");
  assert.equal(await said({ until: ['x'] }), 'failed to parse value as time or duration: "x"');
  assert.equal(await said({ until: ['1h', '2h'] }), 'more than one until filter specified');
});

test('what can not be removed any more is left out', async () => {
  const refusal = { kind: 'running-needs-force', id: OTHER_ID } as const;
  here.outcomes.push({ kind: 'refused', refusal }, { kind: 'done' });
  const answer = await prune();
  assert.deepEqual(
    [answer.status, answer.ContainersDeleted, answer.SpaceReclaimed],
    [200, [ID], 40],
  );
});

test('only one prune at a time', async () => {
  const gate = Promise.withResolvers<void>();
  const { submit } = here.ports.commands;
  Object.assign(here.ports.commands, {
    submit: async (...asked: Parameters<typeof submit>) => {
      await gate.promise;
      return await submit(...asked);
    },
  });
  const first = prune();
  const answers = [await prune(), await prune()];
  gate.resolve();
  assert.deepEqual(
    answers.map(({ status, message }) => [status, message]),
    [1, 2].map(() => [409, 'a prune operation is already running']),
  );
  assert.equal((await first).status, 200);
});
