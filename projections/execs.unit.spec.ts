/** Execs as they are shown, and told as Docker's events. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEventLookup } from './containerHistory.ts';
import { openContainerQueries } from './containerQueries.ts';
import { dockerEvents } from './dockerEvents.ts';
import { openExecQueries } from './execs.ts';
import { exitData, given, openFolding, rebuild } from './folding.fixture.ts';
import { openImageQueries } from './images.ts';

const ID = `aa${'1'.repeat(62)}`;
const EXEC = 'e'.repeat(64);
const STREAM = `exec/${ID}/${EXEC}`;

function open(command: readonly string[] = ['sh', '-c', 'exit 3']) {
  const folding = openFolding();
  given(folding, ID, 'web', 'running');
  const config = { Cmd: command, User: '', AttachStdin: false };
  const data = { execId: EXEC, container: ID, run: 1, config, env: [] };
  folding.add(STREAM, 'exec.created', data, 'created');
  return { folding, execs: openExecQueries(folding.db) };
}

test('an exec shows its life, and is listed until it is cleaned up', () => {
  const { folding, execs } = open();
  const seen = () => {
    const exec = execs.get(EXEC);
    return exec && [exec.running, exec.pid, exec.over, exec.exitCode];
  };
  assert.deepEqual(seen(), [false, 0, false, null]);
  assert.deepEqual(execs.idsOf(ID), [EXEC]);
  folding.add(STREAM, 'exec.start-requested', { detach: false }, 'starting');
  folding.add(STREAM, 'exec.started', { pid: 78 }, 'running');
  assert.deepEqual(seen(), [true, 78, false, null]);
  folding.add(STREAM, 'exec.exited', exitData({ code: 3 }), 'exited');
  assert.deepEqual(seen(), [false, 0, true, 3]);
  assert.deepEqual(execs.idsOf(ID), [EXEC]);
  folding.add(STREAM, 'exec.cleaned', {}, 'gone');
  assert.deepEqual(execs.idsOf(ID), []);
  assert.deepEqual(seen(), [false, 0, true, 3]);
  const { live, again } = rebuild(folding);
  assert.deepEqual(again, live);
});

test('the execs of a container that has ended are not listed', () => {
  const { folding, execs } = open();
  folding.add(`container/${ID}`, 'container.exited', exitData(), { exited: 'cleaning' });
  assert.deepEqual(execs.idsOf(ID), []);
});

function events(folding: ReturnType<typeof open>['folding']) {
  const containers = openContainerQueries(folding.db);
  const lookup = openEventLookup(folding.db, containers, openImageQueries(folding.db));
  return folding.facts
    .filter(({ stream }) => stream === STREAM)
    .flatMap((fact) => dockerEvents(fact, lookup))
    .map(({ action, attributes, id }) => [action, attributes['exitCode'], attributes['name'], id]);
}

test('its events name the command line, and the exit code at the end', () => {
  const { folding } = open();
  folding.add(STREAM, 'exec.start-requested', { detach: false }, 'starting');
  folding.add(STREAM, 'exec.started', { pid: 78 }, 'running');
  folding.add(STREAM, 'exec.exited', exitData({ code: null }), 'exited');
  assert.deepEqual(events(folding), [
    ['exec_create: sh -c exit 3', undefined, 'web', ID],
    ['exec_start: sh -c exit 3', undefined, 'web', ID],
    ['exec_die', '255', 'web', ID],
  ]);
});

test('one that could not be started has no end; without arguments a blank remains', () => {
  const { folding, execs } = open(['nothing']);
  folding.add(STREAM, 'exec.start-requested', { detach: false }, 'starting');
  folding.add(STREAM, 'exec.start-failed', { message: 'm', exitCode: 127 }, 'failed');
  assert.equal(execs.get(EXEC)?.exitCode, 127);
  folding.add(STREAM, 'exec.cleaned', {}, 'gone');
  assert.deepEqual(execs.idsOf(ID), []);
  assert.deepEqual(
    events(folding).map(([action]) => action),
    ['exec_create: nothing ', 'exec_start: nothing '],
  );
});
