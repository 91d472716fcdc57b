/** The text that inspect keeps of a view: only while nothing of it can change without the log. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { execConfig } from '../../machines/samples.fixture.ts';
import { type Served, serve } from '../testing/client.ts';
import { exited, ID, running, type World, world } from '../testing/fakes.ts';

let served: Served;
let here: World;

before(async () => {
  here = world();
  served = await serve(here);
});
after(() => served.close());

const told = async (): Promise<string> => (await served.ask('GET', '/containers/web/json')).body;

test('another view of the same container is told anew', async () => {
  here.containers.set(ID, running());
  assert.equal(JSON.parse(await told()).State.Status, 'running');
  here.containers.set(ID, exited());
  assert.equal(JSON.parse(await told()).State.Status, 'exited');
});

test('what a step in vain is waited for is told as it is each time', async () => {
  here.containers.set(ID, exited({ phase: 'exited.cleaning' }));
  const tried = (tries: number) =>
    here.native.rows.set(ID, [
      { type: 'run.clean', key: null, openedNs: 1n, dueNs: null, tries, lastError: 'busy' },
    ]);
  tried(1);
  const first = await told();
  tried(2);
  assert.notEqual(await told(), first);
});

test('an exec is told with the same view of its container, once it is in the log', async () => {
  here.native.rows.clear();
  here.containers.set(ID, running());
  assert.deepEqual(JSON.parse(await told()).ExecIDs, null);
  const exec = { running: true, pid: 7, over: false, exitCode: null };
  here.execs.set('e', { ...exec, id: 'e', container: ID, config: execConfig });
  here.append(`exec/${ID}/e`, 'exec.created');
  assert.deepEqual(JSON.parse(await told()).ExecIDs, ['e']);
});
