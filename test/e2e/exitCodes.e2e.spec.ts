/** What `docker run` exits with: the daemon refuses, the program can not start, or is killed. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const files = { 'etc/notes': 'text\n' };
const daemon = await startLoadedDaemon({}, { files });
after(() => finish(daemon));

interface Row {
  readonly title: string;
  readonly flags?: readonly string[];
  readonly command: readonly string[];
  readonly code: number;
  readonly message: RegExp;
}

const rows: readonly Row[] = [
  {
    title: 'a missing command in the path is 127',
    command: ['nosuchcommand'],
    code: 127,
    message: /exec: "nosuchcommand": executable file not found in \$PATH/,
  },
  {
    title: 'a missing absolute command is 127',
    command: ['/bin/nosuch'],
    code: 127,
    message: /exec: "\/bin\/nosuch": .*no such file or directory/,
  },
  {
    title: 'a file that is not executable is 126',
    command: ['/etc/notes'],
    code: 126,
    message: /permission denied/,
  },
  {
    title: 'a directory is 126',
    command: ['/etc'],
    code: 126,
    message: /permission denied|is a directory/,
  },
  {
    title: 'a relative working directory is 125',
    flags: ['-w', 'here'],
    command: ['true'],
    code: 125,
    message: /the working directory 'here' is invalid, it needs to be an absolute path/,
  },
  {
    title: 'a bad name is 125',
    flags: ['--name', '-x'],
    command: ['true'],
    code: 125,
    message: /Invalid container name \(-x\), only \[a-zA-Z0-9\]\[a-zA-Z0-9_.-\] are allowed/,
  },
  {
    title: 'a missing user is 125',
    flags: ['-u', 'missing'],
    command: ['id'],
    code: 125,
    message: /unable to find user missing: no matching entries in passwd file/,
  },
  {
    title: 'a missing group is 125',
    flags: ['-u', 'web:missing'],
    command: ['id'],
    code: 125,
    message: /unable to find group missing: no matching entries in group file/,
  },
];

for (const { title, flags = [], command, code, message } of rows) {
  test(title, async () => {
    const ran = await daemon.docker('run', ...flags, 'busybox', ...command);
    assert.equal(ran.code, code, ran.stderr);
    assert.match(ran.stderr, /Error response from daemon/);
    assert.match(ran.stderr, message);
  });
}

test('a failed start leaves a created container that says why', async () => {
  await daemon.docker('run', '--name', 'failed', 'busybox', 'nosuchcommand');
  const format = '{{.State.Status}} {{.State.ExitCode}} {{.State.Pid}} {{.State.Error}}';
  const state = success(await daemon.docker('inspect', '-f', format, 'failed'));
  assert.match(state, /^created 127 0 .*executable file not found/);
  const listed = success(await daemon.docker('ps', '-a', '--format', '{{.Names}} {{.Status}}'));
  assert.match(listed, /^failed Created$/m);
});

test('a failed start is 400 for what can not be run and 500 for the rest', async () => {
  for (const [user, command, status] of [
    ['', 'nosuchcommand', 400],
    ['', '/etc', 400],
    ['missing', 'true', 500],
  ] as const) {
    const body = { Image: 'busybox', Cmd: [command], User: user };
    const made = await daemon.request('POST', '/containers/create', body);
    const { Id: id } = JSON.parse(made.body);
    const started = await daemon.request('POST', `/containers/${id}/start`);
    assert.equal(started.status, status, `${command}: ${started.body}`);
  }
});

test('with --rm a failed start removes the container before the CLI is told', async () => {
  const ran = await daemon.docker('run', '--rm', '--name', 'brief', 'busybox', 'nosuchcommand');
  assert.equal(ran.code, 127);
  assert.equal((await daemon.docker('inspect', 'brief')).code, 1);
});

test('a start that fails again says the same again, and the container can be removed', async () => {
  const body = { Image: 'busybox', Cmd: ['true'], User: 'missing' };
  const made = await daemon.request('POST', '/containers/create?name=again', body);
  assert.equal(made.status, 201);
  const starts = [await daemon.docker('start', 'again'), await daemon.docker('start', 'again')];
  for (const { code, stderr } of starts) {
    assert.equal(code, 1);
    assert.match(stderr, /unable to find user missing/);
  }
  success(await daemon.docker('rm', 'again'));
});

for (const [signal, code] of [
  ['KILL', 137],
  ['TERM', 143],
  ['SEGV', 139],
  ['HUP', 129],
] as const) {
  test(`a process that ${signal} ends gives ${code}`, async () => {
    const script = `sh -c 'kill -${signal} $$'; exit $?`;
    assert.equal((await daemon.docker('run', '--rm', 'busybox', 'sh', '-c', script)).code, code);
  });
}

test('the first process killed from outside gives 128 and the signal', async () => {
  success(await daemon.docker('run', '-d', '--name', 'shot', 'busybox', 'sleep', '60'));
  success(await daemon.docker('kill', 'shot'));
  assert.equal(success(await daemon.docker('wait', 'shot')), '137');
});

test("every exit code from 0 to 255 is the container's own", async () => {
  for (const code of [0, 1, 2, 125, 126, 127, 128, 254, 255]) {
    const ran = await daemon.docker('run', '--rm', 'busybox', 'sh', '-c', `exit ${code}`);
    assert.deepEqual(ran, { code, stdout: '', stderr: '' });
  }
});
