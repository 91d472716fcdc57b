/** A crowd of starts at once, and shims that do not answer: nobody else is held up for long. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { finish, leftBehind, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const CROWD = 60;
const HUNG = 10;
const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const times = <T>(count: number, fn: (at: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => fn(at));

async function created(name: string): Promise<string> {
  const body = { Image: 'busybox', Cmd: ['sleep', '600'], StopSignal: 'SIGKILL' };
  const answer = await daemon.request('POST', `/containers/create?name=${name}`, body);
  assert.equal(answer.status, 201, answer.body);
  return JSON.parse(answer.body).Id;
}

async function start(id: string): Promise<void> {
  const { status, body } = await daemon.request('POST', `/containers/${id}/start`);
  assert.equal(status, 204, body);
}

test('of 60 starts at once all succeed, and a stop, ps and events come between', async () => {
  const since = (Date.now() / 1000).toFixed(3);
  const bystander = await created('bystander');
  await start(bystander);
  const crowd = await Promise.all(times(CROWD, (at) => created(`crowd-${at}`)));
  const starts = crowd.map(start);
  const first = await Promise.race(starts).then(() => daemon.request('GET', '/containers/json'));
  assert.equal(first.status, 200);
  assert.equal((await daemon.request('POST', `/containers/${bystander}/stop`)).status, 204);
  const inspected = await daemon.request('GET', `/containers/${bystander}/json`);
  assert.equal(JSON.parse(inspected.body).State.Status, 'exited');
  await Promise.all(starts);
  const until = (Date.now() / 1000).toFixed(3);
  const format = '{{.Action}} {{.Actor.Attributes.name}}';
  const span = ['--since', since, '--until', until, '--format', format];
  const told = success(await daemon.docker('events', ...span)).split('\n');
  const stop = told.indexOf('stop bystander');
  assert.ok(stop >= 0, told.join('\n'));
  const after = told.slice(stop).filter((line) => line.startsWith('start crowd-'));
  assert.ok(after.length > 0, 'the stop was over before the last start');
  assert.equal(told.filter((line) => line.startsWith('start crowd-')).length, CROWD);
});

test('a crowd is removed by force at once, and leaves nothing', async () => {
  const names = times(CROWD, (at) => `crowd-${at}`);
  success(await daemon.docker('rm', '-f', 'bystander', ...names));
  assert.deepEqual(await leftBehind(daemon), []);
});

test('ten shims that do not answer hold ten containers, and nobody else', async () => {
  const names = times(HUNG, (at) => `hung-${at}`);
  const ids = await Promise.all(names.map(created));
  await Promise.all(ids.map(start));
  const healthy = await created('healthy');
  await start(healthy);
  const shims = ids.map(shimOf);
  for (const pid of shims) process.kill(pid, 'SIGSTOP');
  const stops = ids.map((id) => daemon.request('POST', `/containers/${id}/stop?t=1`));
  try {
    const stop = daemon.request('POST', `/containers/${healthy}/stop`);
    const ahead = await Promise.race([stop, Promise.race(stops).then(() => undefined)]);
    assert.equal(ahead?.status, 204, 'before any of those that hang');
    assert.equal(success(await daemon.docker('run', '--rm', 'busybox', 'echo', 'hi')), 'hi');
    assert.equal((await daemon.request('GET', `/containers/${ids[0]}/json`)).status, 200);
    const listed = success(await daemon.docker('ps', '-q', '--no-trunc')).split('\n');
    assert.deepEqual(listed.toSorted(), ids.toSorted());
  } finally {
    for (const pid of shims) process.kill(pid, 'SIGCONT');
  }
  await Promise.all(stops);
  success(await daemon.docker('rm', '-f', 'healthy', ...names));
  assert.deepEqual(await leftBehind(daemon), []);
});

/** The process that names this container on its command line. */
function shimOf(id: string): number {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  const found = pids.find((pid) => {
    const [program, ...args] = commandOf(pid);
    return program?.includes('containerd-shim') === true && args.includes(id);
  });
  assert.ok(found !== undefined, `no shim of ${id}`);
  return Number(found);
}

/** Empty for a process that has ended meanwhile. */
function commandOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return [];
    throw error;
  }
}
