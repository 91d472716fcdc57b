/** The native API over HTTP, with ports that hold what each test puts in. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Difference } from '../../machines/container.seen.ts';
import type { Caller, JsonObject } from '../../machines/words.ts';
import { type Served, serve } from '../testing/client.ts';
import { details, ID, NOW, type World, world } from '../testing/fakes.ts';
import type { StreamFact } from './ports.ts';

let fake: World;
let served: Served;
before(async () => {
  fake = world();
  served = await serve(fake);
});
beforeEach(() => {
  fake.containers.clear();
  fake.containers.set(ID, details({ phase: 'running', status: 'running' }));
  fake.native.facts = [];
  fake.native.rows.clear();
  fake.native.asked.length = 0;
  fake.ready = true;
});
after(() => served.close());

const caller: Caller = { kind: 'unix', uid: 0, userAgent: 'docker' };

function fact(type: string, phase: string, data: JsonObject = {}, by: Caller | null = null) {
  const position = fake.native.facts.length + 1;
  const stored: StreamFact = {
    position,
    type: `container.${type}`,
    data,
    phase,
    atNs: NOW + BigInt(position),
    caller: by,
  };
  fake.native.facts.push(stored);
}
const at = (position: number): string =>
  `2023-11-14T22:13:20.${String(position).padStart(9, '0')}Z`;
const exit = {
  run: 1,
  code: null,
  atNs: null,
  oomKilled: false,
  outputEnded: true,
  evidence: 'no task',
};

async function inspect(ref = ID) {
  const { status, body } = await served.ask('GET', `/shiplog/v1/containers/${ref}`);
  return { status, body: JSON.parse(body) };
}

test('a life: states that changed, runs with their exits, and the removal', async () => {
  fact('create-requested', 'creating', {}, caller);
  fact('created', 'created.clean');
  fact('renamed', 'created.clean');
  fact('start-requested', 'starting', {}, caller);
  fact('started', 'running', { run: 1, pid: 7, atNs: String(NOW) });
  fact('exited', 'exited.cleaning', exit);
  fact('remove-requested', 'removing.erasing', { reason: 'caller' }, caller);
  fact('removed', 'removed');
  const { body } = await inspect();
  const states = body.states.map(({ state, fact }: Record<string, string>) => `${state} ${fact}`);
  assert.deepEqual(states, [
    'creating container.create-requested',
    'created.clean container.created',
    'starting container.start-requested',
    'running container.started',
    'exited.cleaning container.exited',
    'removing.erasing container.remove-requested',
    'removed container.removed',
  ]);
  assert.deepEqual(body.states[0].by, caller);
  const { run, ...unknown } = exit;
  assert.deepEqual(body.runs, [
    {
      run,
      pid: 7,
      startedAt: at(0),
      exit: {
        code: null,
        at: null,
        recordedAt: at(6),
        oomKilled: unknown.oomKilled,
        outputEnded: unknown.outputEnded,
        evidence: unknown.evidence,
      },
    },
  ]);
  assert.deepEqual(body.removal, {
    askedAt: at(7),
    removedAt: at(8),
    reason: 'caller',
    by: caller,
  });
  assert.equal(body.shortened, false);
});

test('a life that is too long is told from its end', async () => {
  for (let turn = 0; turn < 300; turn += 1) {
    fact('paused', 'paused');
    fact('unpaused', 'running');
  }
  const { body } = await inspect();
  assert.equal(body.shortened, true);
  assert.equal(body.states.length, 500);
  assert.equal(body.states.at(-1).position, 600);
});

test('what it waits for, since when, and what went wrong', async () => {
  const row = { type: 'run.clean', key: null, openedNs: NOW, dueNs: null, tries: 2 };
  fake.native.rows.set(ID, [{ ...row, lastError: 'busy' }]);
  const waitsFor = {
    effect: 'run.clean',
    words: 'what is left of its run to be taken away',
    since: at(0),
    due: null,
    tries: 2,
    lastError: 'busy',
  };
  assert.deepEqual((await inspect()).body.waitsFor, waitsFor);
  const status = JSON.parse((await served.ask('GET', '/shiplog/v1/status')).body);
  assert.deepEqual(status.waiting, [{ id: ID, name: 'web', state: 'running', waitsFor }]);
  assert.deepEqual(status.agenda, { effects: 1, timers: 0, exits: 0 });
});

test('a removed container is found by its id, and what never was is not', async () => {
  fake.containers.set(ID, details({ removed: true, phase: 'removed' }));
  assert.equal((await inspect()).body.state, 'removed');
  const unknown = await inspect('nosuch');
  assert.deepEqual([unknown.status, unknown.body.message], [404, 'No such container: nosuch']);
});

test('status answers while the daemon is not ready, and says who is away since when', async () => {
  fake.ready = false;
  fake.native.status = { ...fake.native.status, stdio: { awaySinceNs: String(NOW) } };
  const { status, body } = await served.ask('GET', '/shiplog/v1/status');
  const { ready, containerd, stdio, reconcile } = JSON.parse(body);
  assert.deepEqual([status, ready, containerd.connected], [200, false, true]);
  assert.deepEqual(stdio, { connected: false, awaySince: at(0) });
  assert.deepEqual(reconcile, { at: at(0), checked: 3, differences: [] });
});

test('reconcile takes what is asked for, and gives back what was found', async () => {
  const difference: Difference = {
    kind: 'task-unknown',
    subject: 'x',
    sentence: 'x',
    observation: null,
  };
  const done = { atNs: String(NOW), checked: 1, differences: [difference] };
  fake.native.outcome = {
    kind: 'done',
    report: { ...done, adopted: ['x'], notAdopted: [{ id: 'y', reason: 'no record' }] },
  };
  const asked = { adopt: ['x', 'y'] };
  const { status, body } = await served.ask('POST', '/shiplog/v1/reconcile', asked);
  assert.equal(status, 200);
  const { observation: _, ...shown } = difference;
  assert.deepEqual(JSON.parse(body), {
    at: at(0),
    checked: 1,
    differences: [shown],
    dryRun: false,
    adopted: ['x'],
    notAdopted: [{ id: 'y', reason: 'no record' }],
  });
  await served.ask('POST', '/shiplog/v1/reconcile', { dryRun: true });
  await served.ask('POST', '/shiplog/v1/reconcile', { adoptAll: true });
  assert.deepEqual(fake.native.asked, [
    { dryRun: false, adopt: ['x', 'y'] },
    { dryRun: true, adopt: [] },
    { dryRun: false, adopt: 'all' },
  ]);
});

test('a dry run adopts nothing, and without containerd nothing is compared', async () => {
  const both = await served.ask('POST', '/shiplog/v1/reconcile', { dryRun: true, adoptAll: true });
  assert.equal(both.status, 400);
  fake.native.outcome = {
    kind: 'refused',
    refusal: { kind: 'runtime-away', sinceNs: String(NOW) },
  };
  const away = await served.ask('POST', '/shiplog/v1/reconcile', {});
  assert.equal(away.status, 503);
  assert.match(away.body, /containerd is away since 2023-11-14T22:13:20Z/);
});

test('the native API has no Docker versions in its paths', async () => {
  assert.equal((await served.ask('GET', '/v1.50/shiplog/v1/status')).status, 404);
});

test('a rebuild tells how far it is, and what was put right', async () => {
  fake.native.rebuilt = {
    facts: 9,
    rows: 1,
    first: [{ table: 'p_containers', row: ID, problem: 'is missing' }],
  };
  const { status, body } = await served.ask('POST', '/shiplog/v1/rebuild');
  const lines = body.trimEnd().split('\n');
  assert.equal(status, 200);
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [
      { kind: 'progress', position: 2, of: 0 },
      { kind: 'rebuilt', ...fake.native.rebuilt },
    ],
  );
});

test('a reload tells what changed, or why nothing did', async () => {
  const report = { changed: ['runtimes'], atRestart: ['mtu'], warnings: ['x'] };
  fake.native.reloaded = { kind: 'done', report };
  const done = await served.ask('POST', '/shiplog/v1/reload');
  assert.deepEqual([done.status, JSON.parse(done.body)], [200, report]);
  fake.native.reloaded = { kind: 'refused', message: "runtime name 'runc' is reserved" };
  const refused = await served.ask('POST', '/shiplog/v1/reload');
  assert.equal(refused.status, 400);
  assert.match(refused.body, /runtime name 'runc' is reserved/);
});
