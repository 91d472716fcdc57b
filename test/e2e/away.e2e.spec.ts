/**
 * containerd hangs, dies, or is somebody else's and ends: queries go on, what needs it is refused
 * with since when, stop and forced removal are taken and carried out when it is back.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import { type ForeignContainerd, startForeignContainerd } from '../support/foreignContainerd.ts';
import { signal, within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import { allFacts } from '../support/replay.ts';
import type { TemporaryDaemon } from '../support/temporaryDaemon.ts';

/** Routes that answer from the log alone. */
const ANSWER = [
  'GET /containers/json?all=1',
  'GET /containers/web/json',
  'GET /containers/web/logs?stdout=1',
  'GET /images/json',
  'GET /images/busybox/json',
  'GET /info',
  'GET /version',
  'GET /_ping',
  'GET /system/df',
  'GET /events?since=1&until=2',
  'GET /shiplog/v1/status',
  'GET /shiplog/v1/containers/web',
];
/** Routes that need containerd. */
const REFUSE: readonly (readonly [string, unknown?])[] = [
  ['POST /containers/create', { Image: 'busybox' }],
  ['POST /containers/idle/start'],
  ['POST /containers/web/kill?signal=USR1'],
  ['POST /containers/web/pause'],
  ['POST /containers/frozen/unpause'],
  ['POST /containers/web/restart'],
  ['POST /containers/web/exec', { Cmd: ['true'] }],
  ['DELETE /containers/idle'],
  ['POST /shiplog/v1/reconcile', {}],
];
const SINCE = /containerd is away since 20\d\d-\d\d-\d\dT[\d:.]+Z/;

const ask = (daemon: TemporaryDaemon, route: string, body?: unknown) => {
  const [method = '', path = ''] = route.split(' ');
  return daemon.request(method, path, body);
};

async function status(daemon: TemporaryDaemon) {
  return JSON.parse((await ask(daemon, 'GET /shiplog/v1/status')).body);
}

const connected = async (daemon: TemporaryDaemon): Promise<boolean> =>
  (await status(daemon)).containerd.connected;

async function populate(daemon: TemporaryDaemon): Promise<void> {
  for (const name of ['web', 'stopped', 'removed', 'frozen'])
    success(await daemon.docker('run', '-d', '--name', name, 'busybox', 'sleep', '600'));
  success(await daemon.docker('create', '--name', 'idle', 'busybox', 'true'));
  success(await daemon.docker('pause', 'frozen'));
}

async function assertAway(daemon: TemporaryDaemon): Promise<void> {
  assert.ok(await within(30_000, async () => !(await connected(daemon))), 'seen to be away');
  for (const route of ANSWER) assert.equal((await ask(daemon, route)).status, 200, route);
  assert.match((await ask(daemon, 'GET /info')).body, SINCE);
  for (const [route, body] of REFUSE) {
    const answer = await ask(daemon, route, body);
    const told = [answer.status, SINCE.test(answer.body)];
    assert.deepEqual(told, [503, true], `${route} ${answer.body}`);
  }
  const { archive } = await buildBusyboxImage({ labels: { other: 'one' } });
  const load = await daemon.dockerWith({ input: archive }, 'load');
  assert.match(load.stderr, SINCE);
}

/** Asks for two ends while it is away, brings it back, and both have happened. */
async function assertIntents(daemon: TemporaryDaemon, bringBack: () => void): Promise<void> {
  const stop = ask(daemon, 'POST /containers/stopped/stop?t=1');
  const remove = ask(daemon, 'DELETE /containers/removed?force=1');
  const taken = async () => {
    const names = (await status(daemon)).waiting.map(({ name }: { name: string }) => name);
    return names.includes('stopped') && names.includes('removed');
  };
  assert.ok(await within(10_000, taken), 'both are taken, and status says what they wait for');
  const inspected = JSON.parse((await ask(daemon, 'GET /containers/stopped/json')).body);
  assert.equal(inspected.Shiplog.State, 'stopping');
  assert.notEqual(inspected.Shiplog.WaitsFor, '');
  bringBack();
  assert.equal((await stop).status, 204);
  assert.equal((await remove).status, 204);
  assert.ok(await within(30_000, () => connected(daemon)));
  assert.equal((await ask(daemon, 'GET /containers/removed/json')).status, 404);
  const { State } = JSON.parse((await ask(daemon, 'GET /containers/stopped/json')).body);
  assert.deepEqual([State.Status, State.ExitCode], ['exited', 137]);
  assert.equal((await ask(daemon, 'POST /containers/idle/start')).status, 204);
}

/** The daemon is killed and starts again while containerd is away: two intents wait for it. */
async function assertBootsAway(daemon: TemporaryDaemon, foreign: ForeignContainerd) {
  await daemon.kill9();
  const booting = daemon.boot();
  const told = async (): Promise<boolean> => {
    const answer = await ask(daemon, 'GET /info').catch(() => undefined);
    return SINCE.test(answer?.body ?? '');
  };
  assert.ok(await within(60_000, told), 'info says so');
  // Logs are read by the stdio process's side, which is joined with containerd.
  for (const route of ANSWER.filter((one) => !one.includes('/logs')))
    assert.equal((await ask(daemon, route)).status, 200, route);
  assert.equal((await ask(daemon, 'GET /containers/web/top')).status, 503);
  const start = await ask(daemon, 'POST /containers/idle/start');
  assert.deepEqual([start.status, SINCE.test(start.body)], [503, true], start.body);
  const stop = ask(daemon, 'POST /containers/web/stop?t=1');
  const remove = ask(daemon, 'DELETE /containers/frozen?force=1');
  const recorded = () => {
    const facts = allFacts(join(daemon.dataRoot, 'log.db')).slice(-4);
    return ['stop', 'remove'].every((verb) =>
      facts.some(({ type }) => type === `container.${verb}-requested`),
    );
  };
  assert.ok(await within(10_000, recorded), 'both are taken');
  await foreign.start();
  assert.ok(await booting, 'it gets ready');
  assert.deepEqual([(await stop).status, (await remove).status], [204, 204]);
  const { State } = JSON.parse((await ask(daemon, 'GET /containers/web/json')).body);
  assert.deepEqual([State.Status, State.ExitCode], ['exited', 137]);
}

const containerdPid = (daemon: TemporaryDaemon): number =>
  Number(readFileSync(join(daemon.execRoot, 'containerd/containerd.pid'), 'utf8').split(' ')[0]);

const daemonFacts = (daemon: TemporaryDaemon): readonly string[] =>
  allFacts(join(daemon.dataRoot, 'log.db'))
    .filter(({ stream }) => stream === 'daemon')
    .map(({ type }) => type.slice('daemon.'.length));

suite('the containerd of its own', () => {
  const starting = startLoadedDaemon();
  after(async () => finish(await starting));

  test('hangs, and goes on', async () => {
    const daemon = await starting;
    await populate(daemon);
    const pid = containerdPid(daemon);
    signal(pid, 'SIGSTOP');
    try {
      await assertAway(daemon);
      await assertIntents(daemon, () => signal(pid, 'SIGCONT'));
    } finally {
      signal(pid, 'SIGCONT');
    }
    assert.equal(containerdPid(daemon), pid, 'who hangs is not killed for it');
  });

  test('dies, and is started again: each is a fact', async () => {
    const daemon = await starting;
    const pid = containerdPid(daemon);
    const before = daemonFacts(daemon).length;
    signal(pid, 'SIGKILL');
    const told = (type: string) => daemonFacts(daemon).slice(before).includes(type);
    for (const type of ['containerd-lost', 'containerd-restarted', 'containerd-connected'])
      assert.ok(await within(30_000, () => told(type)), type);
    assert.notEqual(containerdPid(daemon), pid);
    assert.ok(await within(30_000, () => connected(daemon)));
    success(await daemon.docker('run', '--rm', 'busybox', 'true'));
  });

  test('so does the stdio process', async () => {
    const daemon = await starting;
    const { pid } = JSON.parse(readFileSync(join(daemon.execRoot, 'stdio/pid'), 'utf8'));
    const before = daemonFacts(daemon).length;
    signal(pid, 'SIGKILL');
    const told = (type: string) => daemonFacts(daemon).slice(before).includes(type);
    for (const type of ['stdio-lost', 'stdio-restarted'])
      assert.ok(await within(30_000, () => told(type)), type);
    assert.equal((await status(daemon)).stdio.connected, true);
    assert.equal(success(await daemon.docker('run', '--rm', 'busybox', 'echo', 'hi')), 'hi');
  });
});

test('the containerd of somebody else ends, and comes back', async () => {
  const foreign = await startForeignContainerd();
  try {
    const daemon = await startLoadedDaemon({
      flags: ['--containerd', foreign.address],
      readyMs: 120_000,
    });
    try {
      await populate(daemon);
      await foreign.end();
      try {
        await assertAway(daemon);
        const back = Promise.withResolvers<void>();
        await assertIntents(daemon, () => foreign.start().then(back.resolve, back.reject));
        await back.promise;
        await foreign.end();
        await assertBootsAway(daemon, foreign);
      } catch (error) {
        await foreign.start();
        throw error;
      }
    } finally {
      await finish(daemon);
    }
  } finally {
    await foreign.remove();
  }
});
