/** `docker exec` by the unmodified CLI, and exits that outlive the daemon. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const exec = (...args: readonly string[]) => daemon.docker('exec', ...args);
const sh = (script: string) => exec('box', 'sh', '-c', script);

before(async () => {
  const environment = ['-e', 'OWN=container', '-e', 'BOTH=container'];
  success(
    await daemon.docker('run', '-d', '--name', 'box', ...environment, 'busybox', 'sleep', '600'),
  );
});

/** What the API says to a new exec that was started detached, by its id. */
async function detached(container: string, script: string): Promise<string> {
  const body = { Cmd: ['sh', '-c', script], AttachStdout: true };
  const made = await daemon.request('POST', `/containers/${container}/exec`, body);
  assert.equal(made.status, 201, made.body);
  const id: string = JSON.parse(made.body).Id;
  const started = await daemon.request('POST', `/exec/${id}/start`, { Detach: true });
  assert.equal(started.status, 200, started.body);
  return id;
}

interface Inspected {
  readonly Running: boolean;
  readonly ExitCode: number | null;
  readonly Pid: number;
}

async function inspect(id: string): Promise<Inspected> {
  const { status, body } = await daemon.request('GET', `/exec/${id}/json`);
  assert.equal(status, 200, body);
  return JSON.parse(body);
}

async function over(id: string): Promise<Inspected> {
  const due = Date.now() + 15_000;
  for (;;) {
    const seen = await inspect(id);
    if (!seen.Running) return seen;
    assert.ok(Date.now() < due, `exec ${id} still runs`);
    await sleep(100);
  }
}

test('a command runs beside the container, its streams apart, with its exit code', async () => {
  assert.deepEqual(await exec('box', 'echo', 'hi'), { code: 0, stdout: 'hi\n', stderr: '' });
  const both = await sh('echo out; echo err >&2; exit 3');
  assert.deepEqual(both, { code: 3, stdout: 'out\n', stderr: 'err\n' });
});

test('a program that is missing gives 127, one that can not be executed 126', async () => {
  const missing = await exec('box', 'no-such-program');
  assert.equal(missing.code, 127);
  assert.match(missing.stdout + missing.stderr, /OCI runtime exec failed: .*not found/);
  assert.equal((await exec('box', '/etc')).code, 126);
});

test('a large output arrives whole', async () => {
  const { code, stdout } = await sh('seq 1 100000');
  assert.equal(code, 0);
  assert.ok(stdout.endsWith('\n99999\n100000\n'));
  assert.equal(stdout.split('\n').length, 100_001);
});

test('-i gives it stdin and its end', async () => {
  const input = 'one\ntwo\n'.repeat(10_000);
  const { code, stdout } = await daemon.dockerWith({ input }, 'exec', '-i', 'box', 'cat');
  assert.equal(code, 0);
  assert.equal(stdout, input);
});

test('-e adds to the environment of the container, -w and -u replace', async () => {
  const args = ['-e', 'BOTH=exec', '-e', 'NEW=1', '-w', '/tmp', '-u', '12:34', 'box'];
  const said = await exec(...args, 'sh', '-c', 'echo $OWN $BOTH $NEW; pwd; id -u; id -g');
  assert.equal(success(said), 'container exec 1\n/tmp\n12\n34');
});

test('-d returns at once; inspect tells its end, and its stop leaves the container', async () => {
  success(await exec('-d', 'box', 'sh', '-c', 'echo done > /tmp/detached'));
  const id = await detached('box', 'exit 5');
  assert.equal((await over(id)).ExitCode, 5);
  assert.equal((await sh('cat /tmp/detached')).stdout, 'done\n');
  const again = await daemon.request('POST', `/exec/${id}/start`, { Detach: true });
  assert.equal(again.status, 409);
  assert.match(again.body, /already run/);
});

test('what can not be is refused in docker’s words', async () => {
  const unknown = await daemon.request('GET', `/exec/${'0'.repeat(64)}/json`);
  assert.equal(unknown.status, 404);
  assert.match(unknown.body, /No such exec instance: 0{64}/);
  const none = await daemon.request('POST', '/containers/box/exec', { Cmd: [] });
  assert.equal(none.status, 400);
  assert.match(none.body, /No exec command specified/);
  assert.match((await exec('nobody', 'true')).stderr, /No such container: nobody/);
  success(await daemon.docker('pause', 'box'));
  const paused = await exec('box', 'true');
  success(await daemon.docker('unpause', 'box'));
  assert.match(paused.stderr, /is paused, unpause the container before exec/);
  success(await daemon.docker('create', '--name', 'still', 'busybox', 'true'));
  const stopped = await exec('still', 'true');
  assert.equal(stopped.code, 1);
  assert.match(stopped.stderr, /container [0-9a-f]{64} is not running/);
  const keys = { Cmd: ['sh'], Tty: true, DetachKeys: 'ctrl-!' };
  const refused = await daemon.request('POST', '/containers/box/exec', keys);
  assert.match(refused.body, /Invalid escape keys \(ctrl-!\) provided/);
});

test('events tell its making, its start and its end', async () => {
  const since = String(Math.floor(Date.now() / 1000) - 1);
  await exec('box', 'sh', '-c', 'exit 4');
  const until = String(Math.floor(Date.now() / 1000) + 1);
  const format = '{{.Action}}|{{index .Actor.Attributes "exitCode"}}';
  const range = ['--since', since, '--until', until, '--format', format];
  const lines = success(await daemon.docker('events', ...range)).split('\n');
  const wanted = ['exec_create: sh -c exit 4|', 'exec_start: sh -c exit 4|', 'exec_die|4'];
  assert.deepEqual(lines.slice(-3), wanted);
});

test('an exec whose container ends is over too', async () => {
  success(await daemon.docker('run', '-d', '--name', 'short', 'busybox', 'sleep', '600'));
  const id = await detached('short', 'sleep 500');
  const attached = exec('short', 'sleep', '500');
  await sleep(500);
  const listed = success(await daemon.docker('inspect', '-f', '{{len .ExecIDs}}', 'short'));
  assert.equal(listed, '2');
  success(await daemon.docker('kill', 'short'));
  assert.ok([137, 255].includes((await over(id)).ExitCode ?? -1));
  assert.notEqual((await attached).code, 0);
  success(await daemon.docker('rm', 'short'));
  assert.equal((await daemon.request('GET', `/exec/${id}/json`)).status, 404);
});

test('what an exec leaves behind runs on, is seen by top, ends with the container', async () => {
  success(await daemon.docker('run', '-d', '--name', 'host', 'busybox', 'sleep', '600'));
  const id = await detached('host', 'sleep 500 >/dev/null 2>&1 & exit 6');
  assert.equal((await over(id)).ExitCode, 6);
  // Its output is held open by what is left, and it is over all the same.
  const held = await detached('host', 'sleep 501 & exit 7');
  assert.equal((await over(held)).ExitCode, 7);
  const processes = success(await daemon.docker('top', 'host', '-o', 'pid,args'));
  assert.match(processes, /sleep 500\n.*sleep 501$/s);
  const pids = [...processes.matchAll(/^(\d+)/gm)].map(([, pid]) => Number(pid));
  assert.equal(pids.length, 3);
  success(await daemon.docker('stop', '-t', '0', 'host'));
  assert.ok(await within(10_000, () => pids.every((pid) => !isAlive(pid))));
  success(await daemon.docker('rm', 'host'));
});

test('an exec runs on while the daemon is away, and its exit code is known after', async () => {
  const away = await detached('box', 'sleep 1; exit 9');
  const later = await detached('box', 'sleep 6; exit 8');
  await daemon.kill9();
  await sleep(1_500);
  await daemon.restart();
  assert.equal((await over(away)).ExitCode, 9);
  assert.equal((await over(later)).ExitCode, 8);
  assert.deepEqual(await exec('box', 'echo', 'again'), { code: 0, stdout: 'again\n', stderr: '' });
});

test('execs leave nothing behind', async () => {
  // Its exit is on record before it is cleaned up, and the CLI only waits for the former.
  const listed = async () =>
    success(await daemon.docker('inspect', '-f', '{{json .ExecIDs}}', 'box'));
  for (let tries = 0; tries < 50 && (await listed()) !== 'null'; tries += 1) await sleep(100);
  assert.equal(await listed(), 'null');
  success(await daemon.docker('rm', '-f', 'box', 'still'));
});
