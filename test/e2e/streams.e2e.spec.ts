/** Standard input, terminals, attach and logs of the unmodified CLI. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import { run } from '../support/temporaryDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const environment = () => ({
  ...process.env,
  DOCKER_HOST: `unix://${daemon.socket}`,
  DOCKER_CONFIG: `${daemon.dir}/docker`,
});

/** The docker command on a terminal, which `script` of util-linux makes. */
const onTerminal = (command: string, input = '') =>
  run('script', ['-qec', `stty rows 33 cols 77; ${command}`, '/dev/null'], {
    env: { ...environment(), TERM: 'xterm' },
    input,
    timeoutMs: 20_000,
  });

test('-i hands standard input over and closes it at its end', async () => {
  const ran = await daemon.dockerWith({ input: 'hi\n' }, 'run', '--rm', '-i', 'busybox', 'cat');
  assert.deepEqual(ran, { code: 0, stdout: 'hi\n', stderr: '' });
});

test('-i carries megabytes both ways without a byte lost', async () => {
  const input = Buffer.alloc(3 * 1024 * 1024, 'abcdefghijklmno\n');
  const ran = await daemon.dockerWith({ input }, 'run', '--rm', '-i', 'busybox', 'cat');
  assert.equal(ran.code, 0);
  assert.equal(ran.stdout.length, input.length);
  assert.ok(input.equals(Buffer.from(ran.stdout)));
});

for (const at of ['run -i --name deaf busybox', 'exec -i reads']) {
  test(`${at}: a process that has closed its output reads on, to the end`, async () => {
    success(await daemon.docker('run', '-d', '--name', 'reads', 'busybox', 'sleep', '600'));
    const script = 'exec >/dev/null 2>&1; touch /quiet; cat >/got; grep one /got && grep two /got';
    const box = at.startsWith('run') ? 'deaf' : 'reads';
    const wait = `for i in $(seq 200); do docker exec ${box} test -e /quiet && break; done`;
    const piped = `(echo one; ${wait}; echo two) 2>/dev/null | timeout -s KILL 20 docker ${at}`;
    const ran = await run('sh', ['-c', `${piped} sh -c '${script}'`], { env: environment() });
    success(await daemon.docker('rm', '-f', 'reads'));
    assert.deepEqual(ran, { code: 0, stdout: '', stderr: '' });
  });
}

test('without -i the container reads an empty input', async () => {
  const ran = await daemon.dockerWith({ input: 'hi\n' }, 'run', '--rm', 'busybox', 'cat');
  assert.deepEqual(ran, { code: 0, stdout: '', stderr: '' });
});

test("-t gives a terminal with the size of the client's", async () => {
  const script = 'sleep 0.4; tty; stty size; echo err >&2';
  const ran = await onTerminal(`docker run --rm -t busybox sh -c '${script}'`);
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  assert.match(ran.stdout, /\/dev\/pts\/0\r+\n33 77\r+\nerr\r+\n/);
});

test('-it is a session with a shell', async () => {
  const typed = 'echo $((6*7))\nexit 5\n';
  const ran = await onTerminal('docker run --rm -it busybox sh', typed);
  assert.equal(ran.code, 5, ran.stdout);
  assert.match(ran.stdout, /\r\n42\r\n/);
});

test('a terminal needs a client with one', async () => {
  const ran = await daemon.docker('run', '--rm', '-it', 'busybox', 'true');
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /not a TTY/);
});

test('start -a shows the run that it starts and gives its exit code', async () => {
  const script = 'echo out; echo err >&2; exit 4';
  success(await daemon.docker('create', '--name', 'later', 'busybox', 'sh', '-c', script));
  const expected = { code: 4, stdout: 'out\n', stderr: 'err\n' };
  assert.deepEqual(await daemon.docker('start', '-a', 'later'), expected);
  assert.deepEqual(await daemon.docker('start', '-a', 'later'), expected, 'the second run alone');
});

test('start -ai hands standard input over', async () => {
  success(await daemon.docker('create', '-i', '--name', 'reader', 'busybox', 'cat'));
  const ran = await daemon.dockerWith({ input: 'typed\n' }, 'start', '-ai', 'reader');
  assert.deepEqual(ran, { code: 0, stdout: 'typed\n', stderr: '' });
});

test('attach to a running container shows what comes and gives the exit code', async () => {
  const script = 'until [ -e /tmp/go ]; do sleep 0.05; done; echo seen; exit 6';
  const loop = `(sleep 0.7; touch /tmp/go) & ${script}`;
  success(await daemon.docker('run', '-d', '--name', 'watched', 'busybox', 'sh', '-c', loop));
  const ran = await daemon.docker('attach', 'watched');
  assert.deepEqual(ran, { code: 6, stdout: 'seen\n', stderr: '' });
});

test('logs has what was written, on the stream it was written to', async () => {
  const script = 'echo out; echo err >&2; printf tail';
  await daemon.docker('run', '--name', 'logged', 'busybox', 'sh', '-c', script);
  const logs = await daemon.docker('logs', 'logged');
  assert.deepEqual(logs, { code: 0, stdout: 'out\ntail', stderr: 'err\n' });
  const stamped = await daemon.docker('logs', '-t', 'logged');
  assert.match(stamped.stdout, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z out\n/);
});

test('logs -n gives the last records', async () => {
  await daemon.docker('run', '--name', 'counted', 'busybox', 'seq', '5');
  assert.equal(success(await daemon.docker('logs', '-n', '2', 'counted')), '4\n5');
  assert.equal(success(await daemon.docker('logs', '-n', '0', 'counted')), '');
});

test('logs of two runs follow each other', async () => {
  success(await daemon.docker('run', '--name', 'twice', 'busybox', 'echo', 'run'));
  success(await daemon.docker('start', '-a', 'twice'));
  assert.equal(success(await daemon.docker('logs', 'twice')), 'run\nrun');
});

test('logs -f follows to the end of the run, without a line lost or doubled', async () => {
  const script = 'for i in $(seq 300); do echo line $i; [ $((i % 50)) = 0 ] && sleep 0.05; done';
  const at = ['run', '-d', '--name', 'followed', 'busybox', 'sh', '-c', script];
  success(await daemon.docker(...at));
  const followed = await daemon.docker('logs', '-f', 'followed');
  const lines = Array.from({ length: 300 }, (_, index) => `line ${index + 1}`);
  assert.deepEqual(success(followed).split('\n'), lines);
  assert.equal((await daemon.docker('logs', 'followed')).stdout, followed.stdout);
});

test('logs -f of an ended container ends at once', async () => {
  const started = performance.now();
  const ran = await daemon.docker('logs', '-f', 'logged');
  assert.equal(ran.stdout, 'out\ntail');
  assert.ok(performance.now() - started < 5_000);
});

test('a client that goes away leaves the container running', async () => {
  const script = 'while :; do echo tick; sleep 0.02; done';
  const at = ['run', '--name', 'left', 'busybox', 'sh', '-c', script];
  await daemon.dockerWith({ timeoutMs: 1_500 }, ...at);
  const format = '{{.State.Running}}';
  assert.equal(success(await daemon.docker('inspect', '-f', format, 'left')), 'true');
  success(await daemon.docker('rm', '-f', 'left'));
});

test('output after a client went away is in the logs', async () => {
  const script = 'trap "echo ended; exit 0" TERM; echo begun; while :; do sleep 0.05; done';
  const at = ['run', '--name', 'unseen', 'busybox', 'sh', '-c', script];
  await daemon.dockerWith({ timeoutMs: 1_500 }, ...at);
  success(await daemon.docker('stop', 'unseen'));
  assert.equal(success(await daemon.docker('logs', 'unseen')), 'begun\nended');
});
