/**
 * Four containers that do not run, each for another reason, and what `shiplog why` says of them to
 * somebody who was not there.
 */
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { after, test } from 'node:test';
import { BOOT_LABEL } from '../../effects/container/runRecord.ts';
import { ctrOf } from '../support/ctr.ts';
import { isAlive, processesOf, signal, within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import { shiplogOf } from '../support/shiplogCommand.ts';
import { run } from '../support/temporaryDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));
const docker = async (...args: readonly string[]) => success(await daemon.docker(...args));

const shiplog = shiplogOf(daemon);

/** The answer as one line, and the sentences of the chain. */
async function why(ref: string) {
  const { answer, chain } = JSON.parse(success(await shiplog('why', ref, '--format', 'json')));
  return { answer, chain: chain.map((link: { sentence: string }) => link.sentence).join('\n') };
}

test('one that used too much memory', async () => {
  const eat = 'x=aaaaaaaa; while :; do x=$x$x; done';
  const ran = await daemon.docker(
    'run',
    '--name',
    'eater',
    '-m',
    '16m',
    'busybox',
    'sh',
    '-c',
    eat,
  );
  assert.equal(ran.code, 137, ran.stderr);
  const { answer, chain } = await why('eater');
  assert.match(
    answer,
    /^eater ran out of memory: it wanted more than it may use, 16 MiB, and the ker/,
  );
  assert.match(chain, /^root \(uid 0\) with .*docker.* asked for the container eater of busybox$/m);
  assert.match(chain, /^the kernel ended its process for lack of memory: exit code 137$/m);
});

test('one that another user has stopped', async () => {
  await docker(
    'run',
    '-d',
    '--name',
    'web',
    'busybox',
    'sh',
    '-c',
    'trap "exit 3" TERM; while :; do sleep .1; done',
  );
  chmodSync(daemon.execRoot, 0o755);
  chmodSync(daemon.dir, 0o755);
  chmodSync(daemon.socket, 0o666);
  const stop = `require('node:http').request({socketPath:'${daemon.socket}',method:'POST',
    path:'/containers/web/stop?t=20',headers:{'User-Agent':'nightly-job'}},(r)=>r.resume()).end()`;
  const other = ['--reuid', '65534', '--regid', '65534', '--clear-groups'];
  success(await run('setpriv', [...other, process.execPath, '-e', stop]));
  const { answer, chain } = await why('web');
  assert.match(
    answer,
    /^web ended with exit code 3, because nobody \(uid 65534\) with .*node.* asked/,
  );
  assert.match(answer, /asked to stop it at .* UTC\. It was sent SIGTERM\.$/);
  assert.match(chain, /\(uid 65534\) .* asked to stop it: SIGTERM, and SIGKILL if .* after 20 s$/m);
});

test('one whose command does not exist', async () => {
  const { code } = await daemon.docker('run', '--name', 'typo', 'busybox', 'slep', '1');
  assert.equal(code, 127);
  const { answer } = await why('typo');
  assert.match(
    answer,
    /^typo has never run: root \(uid 0\) .* but there is no program "slep" in its/,
  );
  assert.match(answer, /What was said: .*executable file not found/);
});

test('one whose host lost power', async () => {
  const id = await docker('run', '-d', '--name', 'victim', 'busybox', 'sleep', '600');
  const { ctr } = await ctrOf(daemon);
  // As all of it is found after a power loss: nothing runs, and the record is of another boot.
  await ctr('containers', 'label', id, `${BOOT_LABEL}=another`);
  await daemon.kill9();
  for (const { pid } of processesOf(daemon.dir)) signal(pid, 'SIGKILL');
  const gone = () => processesOf(daemon.dir).every(({ pid }) => !isAlive(pid));
  assert.ok(await within(5_000, gone));
  assert.ok(await daemon.boot());
  const ended = async () =>
    (await docker('inspect', '-f', '{{.State.Status}}', 'victim')) === 'exited';
  assert.ok(await within(10_000, ended));
  const { answer, chain } = await why('victim');
  assert.match(answer, /^victim ended with its host: the host lost power or crashed, for not even/);
  assert.match(answer, /Its exit code is unknown, and nobody can find it out any more/);
  assert.match(
    chain,
    /nobody can know its exit code \(record of run 1, no task, boot id differs\)$/m,
  );
});

test('one that runs: its health, its execs, and its networks by name', async () => {
  const check = ['--health-cmd', 'exit 7', '--health-interval', '1s', '--health-retries', '1'];
  await docker('run', '-d', '--name', 'sick', ...check, 'busybox', 'sleep', '600');
  await docker('network', 'create', 'back');
  await docker('network', 'connect', 'back', 'sick');
  await docker('network', 'disconnect', 'back', 'sick');
  await docker('network', 'rm', 'back');
  assert.equal((await daemon.docker('exec', 'sick', 'sh', '-c', 'exit 5')).code, 5);
  const unhealthy = async () => /has been unhealthy since/.test((await why('sick')).answer);
  assert.ok(await within(15_000, unhealthy));
  const { answer, chain } = await why('sick');
  assert.match(answer, /: its health check failed once, the last time at .* \(exit code 7\)\./);
  assert.match(chain, /^its health is checked every 1 s: \/bin\/sh -c "exit 7"$/m);
  assert.match(chain, /^a health check failed \(exit code 7\), 1 in a row: it is unhealthy$/m);
  assert.match(chain, /asked to connect it to the network back\n(.*\n)*it was connected to the/);
  assert.match(chain, /asked to disconnect it from the network back\n(.*\n)*it was disconnected/);
  assert.match(chain, /asked to run sh -c "exit 5" in it \(exec (\w+)\)\n(.*\n)*exec \1 ended:/);
});

test('for people it is text, also of one that is gone', async () => {
  const id = await docker('inspect', '-f', '{{.Id}}', 'typo');
  await docker('rm', 'typo');
  const told = success(await shiplog('why', id));
  assert.match(told, /^typo \([0-9a-f]{12}\): removed\ntypo is removed: root \(uid 0\) with /);
  assert.match(told, /^how it came to that$/m);
  assert.match(told, /^ +\d+ {2}\d{4}-.* asked to remove it$/m);
  for (const command of ['why', 'history', 'inspect']) {
    assert.equal((await shiplog(command, id.slice(0, 12))).code, 0, command);
    const { code, stderr } = await shiplog(command, 'typo');
    assert.equal(code, 1);
    assert.match(stderr, /: typo\n.*its id; 'docker events --since TIME --filter container=typo'/);
  }
  const past = ['--since', '1h', '--until', '0s', '--filter', 'container=typo'];
  assert.ok((await docker('events', ...past)).includes(id));
});
