/** Whose namespaces a start joins, as the log has it at that moment. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { donorsComing, joins } from './container.donors.ts';
import { putOffFor } from './container.policy.ts';
import type { View } from './decision.ts';
import { hostConfig } from './samples.fixture.ts';
import type { ActorState, JsonObject } from './words.ts';

const process = { pid: 55, startTime: '7', bootId: 'b' };

/** Containers by id: their state, IPC mode and what they joined themselves. */
function viewOf(containers: Readonly<Record<string, readonly [string, string, object?]>>): View {
  const states = new Map<string, ActorState>();
  for (const [id, [value, IpcMode, donors]] of Object.entries(containers)) {
    const context = { id, run: 2, hostConfig: { ...hostConfig, IpcMode }, ...donors };
    states.set(`container/${id}`, { value, context });
    states.set(`task/${id}/2`, { value: 'running', context: { process } });
  }
  return {
    state: (name) => states.get(name),
    holder: () => undefined,
    sharers: () => [],
    held: () => [],
  };
}

const join = (view: View, modes: JsonObject) => joins(view, { ...hostConfig, ...modes });
const run = { container: 'd', run: 2, pid: 55, startTime: '7' };

test('who joins nobody has no donors', () => {
  assert.equal(join(viewOf({}), {}), undefined);
});

test('a running donor is known by its run and its process', () => {
  const modes = { PidMode: 'container:d', NetworkMode: 'container:d' };
  assert.deepEqual(join(viewOf({ d: ['paused', 'private'] }), modes), {
    pid: run,
    network: { ...run, files: 'd' },
  });
});

const IPC = { IpcMode: 'container:d' };

for (const mode of ['shareable', '']) {
  test(`IPC mode "${mode}" shares`, () => {
    const found = join(viewOf({ d: ['running', mode] }), IPC);
    assert.deepEqual(found, { ipc: { ...run, shm: 'd' } });
  });
}

test('the files of the network are those of the first in a chain', () => {
  const NetworkMode = 'container:d';
  const chained = { donors: { network: { ...run, container: 'e', files: 'e' } } };
  const chain = join(viewOf({ d: ['running', 'private', chained] }), { NetworkMode });
  assert.deepEqual(chain, { network: { ...run, files: 'e' } });
});

test("the memory is that of the first in a chain, or the host's", () => {
  const chained = { donors: { ipc: { ...run, container: 'e', shm: 'e' } } };
  const chain = join(viewOf({ d: ['running', 'container:e', chained] }), IPC);
  assert.deepEqual(chain, { ipc: { ...run, shm: 'e' } });
  const host = join(viewOf({ d: ['running', 'host'] }), IPC);
  assert.deepEqual(host, { ipc: { ...run, shm: 'host' } });
});

const MISSING = [
  ['removed', { d: ['removed', 'shareable'] }],
  ['removed', {}],
  ['restarting', { d: ['restarting', 'shareable'] }],
  ['not-running', { d: ['exited', 'shareable'] }],
  ['not-running', { d: ['starting', 'shareable'] }],
  ['not-shareable', { d: ['running', 'private'] }],
  ['not-shareable', { d: ['exited', 'none'] }],
] as const;

for (const [missing, containers] of MISSING) {
  test(`a donor ${JSON.stringify(containers)} is missing: ${missing}`, () => {
    assert.deepEqual(join(viewOf(containers), IPC), { ipc: { container: 'd', missing } });
  });
}

test('a restart by policy waits for donors that will run by themselves, 5 s at most', () => {
  const coming = (value: string) =>
    donorsComing(viewOf({ d: [value, ''] }), { ...hostConfig, NetworkMode: 'container:d' });
  const phases = ['restarting', 'starting', 'running', 'exited', 'removed'];
  assert.deepEqual(phases.map(coming), [true, true, false, false, false]);
  assert.equal(donorsComing(viewOf({}), { ...hostConfig, PidMode: 'container:d' }), false);
  assert.equal(putOffFor({}, false), null);
  assert.equal(putOffFor({ putOffMs: 4_750 }, true), 250);
  assert.equal(putOffFor({ putOffMs: 5_000 }, true), null);
});
