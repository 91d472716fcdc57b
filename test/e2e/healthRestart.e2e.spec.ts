/** Health checks over the death of the daemon: results, the rest of the interval, leftovers. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FAMILIES } from '../../machines/families.ts';
import { within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import { allFacts, replay } from '../support/replay.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const docker = async (...args: readonly string[]) => success(await daemon.docker(...args));

const run = (name: string, command: string, ...flags: readonly string[]) =>
  docker(
    ...['run', '-d', '--name', name, '--health-cmd', command, ...flags],
    ...['busybox', 'sleep', '600'],
  );

interface Result {
  readonly Start: string;
  readonly End: string;
  readonly ExitCode: number;
}
interface Health {
  readonly Status: string;
  readonly FailingStreak: number;
  readonly Log: readonly Result[];
}
const health = async (name: string): Promise<Health> =>
  JSON.parse(await docker('inspect', '-f', '{{json .State.Health}}', name));

async function has(name: string, what: (health: Health) => boolean): Promise<Health> {
  await within(20_000, async () => what(await health(name)));
  const seen = await health(name);
  assert.ok(what(seen), JSON.stringify(seen));
  return seen;
}

/** What the stdio process holds of execs. */
const execsOpen = (): readonly string[] =>
  readdirSync(join(daemon.execRoot, 'stdio')).filter((name) => name.startsWith('exec.'));

test('results, count and status are those of before, and so is the time of the next', async () => {
  await run('steady', 'false', '--health-interval', '3s', '--health-retries', '1');
  const before = await has('steady', ({ Status }) => Status === 'unhealthy');
  await daemon.kill9();
  await daemon.restart();
  const same = await health('steady');
  assert.deepEqual(same.Log.slice(0, before.Log.length), before.Log);
  const next = await has('steady', ({ Log }) => Log.length > before.Log.length);
  assert.equal(next.FailingStreak, next.Log.length);
  const [last, then] = next.Log.slice(before.Log.length - 1);
  assert.ok(last !== undefined && then !== undefined);
  assert.ok(Date.parse(then.Start) - Date.parse(last.End) >= 2_990, 'not before its time');
});

test('a probe whose daemon was killed is ended, and is no result', async () => {
  const since = String(Date.now() / 1_000);
  const script = 'test -e /tmp/well || sleep 999';
  await run('caught', script, '--health-interval', '300ms', '--health-timeout', '900s');
  const asleep = async () => (await docker('exec', 'caught', 'ps')).match(/root +sleep 999/g) ?? [];
  await within(20_000, async () => (await asleep()).length > 0);
  assert.equal((await asleep()).length, 1);
  assert.ok(await within(5_000, () => execsOpen().length === 1), execsOpen().join());
  await docker('exec', 'caught', 'touch', '/tmp/well');
  await daemon.kill9();
  await daemon.restart();
  const seen = await has('caught', ({ Status }) => Status === 'healthy');
  assert.ok(
    seen.Log.every(({ ExitCode }) => ExitCode === 0),
    JSON.stringify(seen),
  );
  const filter = ['--filter', 'container=caught', '--filter', 'event=exec_start'];
  const until = String(Date.now() / 1_000);
  const told = await docker('events', '--since', since, '--until', until, ...filter);
  assert.ok(told.split('\n').length >= 2, 'events of the daemon before are told, too');
});

test('what ended while no daemon was there is over, and nothing is left of its probe', async () => {
  await run('mortal', 'sleep 999', '--health-interval', '300ms', '--health-timeout', '900s');
  const id = await docker('inspect', '-f', '{{.Id}} {{.State.Pid}}', 'mortal');
  const pid = Number(id.split(' ')[1]);
  await within(20_000, () => execsOpen().length > 0);
  await daemon.kill9();
  process.kill(pid, 'SIGKILL');
  await daemon.restart();
  await has('mortal', ({ Status }) => Status === 'unhealthy');
  await docker('rm', '-f', 'caught');
  await docker('rm', '-f', 'steady');
  assert.ok(await within(10_000, () => execsOpen().length === 0), execsOpen().join());
});

test('the log replays, and tells every change and no probe besides', async () => {
  const name = 'quiet';
  await run(name, 'true', '--health-interval', '200ms');
  await has(name, ({ Log }) => Log.length === 5);
  const id = await docker('inspect', '-f', '{{.Id}}', name);
  await docker('rm', '-f', name);
  await daemon.terminate();
  const { drift, verified } = replay(join(daemon.dataRoot, 'log.db'), FAMILIES);
  assert.deepEqual(drift, []);
  assert.ok(verified.ok, JSON.stringify(verified));
  const types = allFacts(join(daemon.dataRoot, 'log.db'))
    .filter(({ stream }) => stream === `health/${id}/1`)
    .map(({ type }) => type);
  const whole = ['health.watched', 'health.passed', 'health.ended', 'health.cleaned'];
  assert.deepEqual(types, whole);
  await daemon.restart();
});
