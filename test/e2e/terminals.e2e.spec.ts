/** Sessions on a terminal by the unmodified CLI: typed into, resized, left and joined again. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import { Terminal } from '../support/terminal.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

function docker(...args: readonly string[]): Terminal {
  const own = { DOCKER_HOST: `unix://${daemon.socket}`, DOCKER_CONFIG: `${daemon.dir}/docker` };
  return new Terminal(['docker', ...args], { ...process.env, ...own });
}

const CTRL_C = '\x03';
const DETACH = '\x10\x11';
const PROMPT = /# /;

before(async () => {
  success(await daemon.docker('run', '-dit', '--name', 'box', 'busybox', 'sh'));
});

/** A shell that tells each size it is given. */
const SIZES = 'trap "stty size" WINCH; echo ready; while :; do read -t 1 line; done';

/** The CLI listens for changes only some time after the first output: it is told until then. */
async function resized(terminal: Terminal, rows: number, columns: number): Promise<void> {
  const again = setInterval(() => {
    terminal.resize({ rows, columns: columns + 1 });
    terminal.resize({ rows, columns });
  }, 1_000);
  terminal.resize({ rows, columns });
  await terminal.shows(new RegExp(`${rows} ${columns}\\r`)).finally(() => clearInterval(again));
}

for (const [how, ...args] of [
  ['run', 'run', '--rm', '-it', 'busybox', 'sh'],
  ['exec', 'exec', '-it', 'box', 'sh'],
] as const) {
  test(`${how} -it is a shell that is typed into, and gives its exit code`, async () => {
    const terminal = docker(...args);
    await terminal.shows(PROMPT);
    terminal.type('echo $((6*7)) $TERM; stty size; tty\n');
    await terminal.shows(/42 xterm\r+\n33 77\r+\n\/dev\/pts\/\d+\r+\n/);
    // The shell throws away what is typed while it changes the terminal's mode.
    terminal.type('echo $((20+1)); sleep 100\n');
    await terminal.shows(/21\r+\n/);
    terminal.type(CTRL_C);
    await terminal.shows(/\^C\r+\n[^#]*# /);
    terminal.type('exit 5\n');
    assert.equal(await terminal.end(), 5);
  });

  test(`${how} -it passes a change of size on`, async () => {
    const terminal = docker(...args, '-c', SIZES);
    await terminal.shows(/ready/);
    await resized(terminal, 40, 100);
    await resized(terminal, 20, 60);
    terminal.type(CTRL_C);
    assert.notEqual(await terminal.end(), 0);
  });
}

test('the detach keys leave a container running, and attach joins it again', async () => {
  const terminal = docker('run', '-it', '--name', 'left', 'busybox', 'sh');
  await terminal.shows(PROMPT);
  terminal.type('KEPT=here\n');
  await terminal.shows(PROMPT);
  terminal.type(DETACH);
  assert.equal(await terminal.end(), 0);
  const again = docker('attach', 'left');
  again.type('echo $KEPT again\n');
  await again.shows(/here again/);
  again.type(DETACH);
  await again.end();
  const third = docker('attach', '--detach-keys', 'ctrl-a,x', 'left');
  third.type('echo more-$((1+1))\n');
  await third.shows(/more-2\r+\n[^#]*# /);
  third.type('\x01x');
  await third.end();
  success(await daemon.docker('rm', '-f', 'left'));
});

test('two on one terminal see the same', async () => {
  const first = docker('attach', 'box');
  const second = docker('attach', 'box');
  // What is written before one of them is attached, it does not see.
  await Promise.all([first.shows(PROMPT), second.shows(PROMPT)]);
  first.type('echo from-$((40+1))\n');
  await Promise.all([first.shows(/from-41/), second.shows(/from-41/)]);
  second.type('echo from-$((40+2))\n');
  await Promise.all([first.shows(/from-42/), second.shows(/from-42/)]);
  for (const terminal of [first, second]) terminal.type(DETACH);
  await Promise.all([first.end(), second.end()]);
});

test('a container goes on when the daemon is killed under its client', async () => {
  const terminal = docker('attach', 'box');
  terminal.type('STILL=there\n');
  await terminal.shows(PROMPT);
  const shell = docker('exec', '-it', 'box', 'sh');
  await shell.shows(PROMPT);
  await daemon.kill9();
  await Promise.all([terminal.end(), shell.end()]);
  await daemon.restart();
  const again = docker('attach', 'box');
  again.type('echo $STILL still\n');
  await again.shows(/there still/);
  again.kill();
  await again.end();
});

test('events tell who came, who left by the keys, and each size', async () => {
  const since = (Date.now() / 1_000).toFixed(3);
  // The CLI looks for the keys itself; these are the daemon's alone to see.
  const attached = await daemon.request('POST', '/containers/box/resize?h=12&w=34');
  assert.equal(attached.status, 200);
  const terminal = docker('attach', 'box');
  // Its own echo would show the words before it is attached.
  terminal.type('echo seen-$((3+4))\n');
  await terminal.shows(/seen-7/);
  const told = async (): Promise<readonly string[]> => {
    const until = (Date.now() / 1_000).toFixed(3);
    const attributes = '{{index .Actor.Attributes "height"}}x{{index .Actor.Attributes "width"}}';
    const range = ['--since', since, '--until', until, '--format', `{{.Action}} ${attributes}`];
    return success(await daemon.docker('events', ...range)).split('\n');
  };
  // The client sets the size after it is attached, twice: the first one is a wrong one.
  assert.ok(await within(10_000, async () => (await told()).includes('resize 33x77')));
  terminal.kill();
  await terminal.end();
  const lines = await told();
  assert.deepEqual(lines.slice(0, 2), ['resize 12x34', 'attach x']);
  assert.ok(lines.includes('resize 34x78'), lines.join());
});
