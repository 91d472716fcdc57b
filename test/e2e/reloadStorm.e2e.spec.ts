/**
 * Reloads while containers start, stop and are inspected, with runtimes coming and going: no error
 * that was not deserved, and every container can be managed afterwards. SHIPLOG_STORM=200x100: so
 * many reloads and containers; a few by default.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { finish, startLoadedDaemon } from '../support/loadedDaemon.ts';

const size = process.env['SHIPLOG_STORM'] ?? '15x6';
const [reloads = 15, containers = 6] = size.split('x').map(Number);
/** Containers at work at a time. */
const WORKERS = 6;

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const program = join(daemon.dir, 'passed-on');
writeFileSync(program, '#!/bin/sh\nshift\nexec runc "$@"\n', { mode: 0o755 });

const NAMES = ['red', 'green', 'blue'] as const;
type Name = (typeof NAMES)[number];
const runtimeOf = (index: number): Name => NAMES[index % NAMES.length] ?? 'red';

/** In each round one of them is missing, and the others have arguments of that round. */
const namesIn = (round: number) => NAMES.filter((_, index) => round % NAMES.length !== index);
const argument = (name: string, round: number): string => `${name} of round ${round}`;

/** Which rounds may hold just now: while one is loaded it or the one before. */
const now = { loaded: 0, asked: 0 };

async function reload(round: number): Promise<void> {
  const entries = namesIn(round).map((name) => [
    name,
    { path: program, runtimeArgs: [argument(name, round)] },
  ]);
  const config = { runtimes: Object.fromEntries(entries) };
  writeFileSync(join(daemon.dir, 'daemon.json'), JSON.stringify(config));
  now.asked = round;
  const { status, body } = await daemon.request('POST', '/shiplog/v1/reload');
  assert.equal(status, 200, body);
  now.loaded = round;
}

/** It may be unknown if any round between the beginning and the end of the request lacked it. */
async function mayLack(name: Name, request: () => Promise<{ status: number; body: string }>) {
  const first = now.loaded;
  const answer = await request();
  if (answer.status < 400) return true;
  const rounds = Array.from({ length: now.asked - first + 1 }, (_, index) => first + index);
  const deserved = rounds.some((round) => !namesIn(round).includes(name));
  assert.ok(
    deserved && answer.body.includes(`unknown or invalid runtime name: ${name}`),
    `${answer.status} ${answer.body} in rounds ${rounds.join(', ')}`,
  );
  return false;
}

async function ok(method: string, path: string, body?: object): Promise<string> {
  const answer = await daemon.request(method, path, body);
  assert.ok(answer.status < 400, `${method} ${path}: ${answer.status} ${answer.body}`);
  return answer.body;
}

/** What it is locked to is what its name meant in a round that held when it was started. */
async function isLocked(id: string, name: string, first: number): Promise<void> {
  const { Runtime } = JSON.parse(await ok('GET', `/containers/${id}/json`)).Shiplog;
  const rounds = Array.from({ length: now.asked - first + 1 }, (_, index) => first + index);
  const meant = rounds.map((round) => argument(name, round));
  assert.ok(meant.includes(Runtime.Arguments[0]), `${Runtime.Arguments} is none of ${meant}`);
}

const OBEYS = ['sh', '-c', 'trap "exit 3" TERM; while :; do sleep 1 & wait; done'];

/** Made, started, stopped, and started again. */
async function live(index: number): Promise<void> {
  const name = runtimeOf(index);
  const HostConfig = { Runtime: name, NetworkMode: 'none' };
  const asked = { Image: 'busybox', Cmd: OBEYS, HostConfig };
  const create = () => daemon.request('POST', `/containers/create?name=c${index}`, asked);
  while (!(await mayLack(name, create)));
  const start = () => daemon.request('POST', `/containers/c${index}/start`);
  const first = now.loaded;
  while (!(await mayLack(name, start)));
  await isLocked(`c${index}`, name, first);
  await ok('POST', `/containers/c${index}/stop?t=5`);
  while (!(await mayLack(name, start)));
  await ok('GET', `/containers/c${index}/json`);
}

test('a storm of reloads breaks no container', async () => {
  await reload(0);
  const all = Array.from({ length: containers }, (_, index) => index);
  const over = { reloads: false };
  const lives = Promise.all(
    Array.from({ length: WORKERS }, async (_, worker) => {
      for (const index of all.filter((one) => one % WORKERS === worker)) await live(index);
    }),
  );
  const storm = (async () => {
    for (let round = 1; round <= reloads; round += 1) await reload(round);
    // Whoever waits for a runtime gets it.
    for (let round = reloads + 1; !over.reloads; round += 1) await reload(round);
  })();
  await lives;
  over.reloads = true;
  await storm;

  writeFileSync(join(daemon.dir, 'daemon.json'), '{"runtimes":{}}');
  await ok('POST', '/shiplog/v1/reload');
  for (const index of all) {
    const asked = { AttachStdout: true, Cmd: ['true'] };
    const { Id } = JSON.parse(await ok('POST', `/containers/c${index}/exec`, asked));
    await ok('POST', `/exec/${Id}/start`, { Detach: true });
    await ok('POST', `/containers/c${index}/stop?t=5`);
    const { State } = JSON.parse(await ok('GET', `/containers/c${index}/json`));
    assert.equal(State.ExitCode, 3, 'its signal reached it');
    await ok('DELETE', `/containers/c${index}`);
  }
});
