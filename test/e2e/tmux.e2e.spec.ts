/** The docker command in a real terminal, as somebody works with it all day. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import { Tmux } from '../support/tmux.ts';

const daemon = await startLoadedDaemon();
const own = { DOCKER_HOST: `unix://${daemon.socket}`, DOCKER_CONFIG: `${daemon.dir}/docker` };
const terminal = await Tmux.start(daemon.dir, own, { rows: 24, columns: 80 });
after(async () => {
  await terminal.end();
  await finish(daemon);
});

const PROMPT = /# *$/;
const OUTER = /outer> *$/;

before(async () => {
  success(await daemon.docker('run', '-dit', '--name', 'box', 'busybox', 'sh'));
  await terminal.ends(OUTER);
});

const size = (rows: number, columns: number) => (screen: readonly string[]) =>
  screen.some((row) => row.trim() === `${rows} ${columns}`);

test('run -it: typed into, resized, interrupted, left, joined again, ended', async () => {
  await terminal.line('docker run -it --name mine busybox sh');
  await terminal.ends(PROMPT);
  await terminal.line('clear; stty size');
  await terminal.shows(size(24, 80));
  await terminal.line("clear; trap 'stty size' WINCH");
  // The command listens for changes only some time after the first output: it is told until then.
  const passedOn = await within(20_000, async () => {
    await terminal.resize({ rows: 30, columns: 101 });
    await terminal.resize({ rows: 30, columns: 100 });
    await terminal.line('sleep 0.3');
    return size(30, 100)(await terminal.screen());
  });
  assert.ok(passedOn, 'a change of size is a SIGWINCH to the shell');
  await terminal.line('trap - WINCH; KEPT=here; clear; echo $((20+1)); sleep 1000');
  await terminal.shows((screen) => screen.some((row) => row.trim() === '21'));
  await terminal.press('C-c');
  await terminal.ends(PROMPT);
  await terminal.press('C-p', 'C-q');
  await terminal.ends(OUTER);
  await terminal.resize({ rows: 24, columns: 80 });
  await terminal.line('clear; docker attach mine');
  // It throws away what is typed until it has the terminal for itself.
  await within(20_000, async () => {
    await terminal.press('Enter');
    return PROMPT.test(await terminal.last());
  });
  await terminal.line('clear; echo $KEPT $((2+3)); stty size');
  await terminal.shows((screen) => screen.some((row) => row.trim() === 'here 5'));
  await terminal.shows(size(24, 80));
  await terminal.line('exit 7');
  await terminal.ends(OUTER);
  await terminal.line('echo code-$?');
  await terminal.shows((screen) => screen.some((row) => row.trim() === 'code-7'));
});

test('exec -it: an editor draws its screen, and draws it anew when its size changes', async () => {
  await terminal.line('clear; docker exec -it box busybox vi /tmp/text');
  /** What it shows of an empty rest of a file, from one row to another; its status below. */
  const drawn = (first: string, rows: number) => (screen: readonly string[]) =>
    screen.length === rows &&
    screen[0]?.trim() === first &&
    screen.slice(1, rows - 1).every((row) => row.trim() === '~') &&
    /\/tmp\/text/.test(screen[rows - 1] ?? '');
  await terminal.shows(drawn('', 24));
  await terminal.type('ihello there');
  await terminal.press('Escape');
  await terminal.shows(drawn('hello there', 24));
  // What comes with an escape in the same moment is taken for the rest of a key.
  await terminal.shows((screen) => /^- .*Modified/.test(screen[23] ?? ''));
  await terminal.resize({ rows: 15, columns: 60 });
  await terminal.press('C-l');
  await terminal.shows(drawn('hello there', 15));
  await terminal.line(':wq');
  await terminal.ends(OUTER);
  assert.equal(success(await daemon.docker('exec', 'box', 'cat', '/tmp/text')), 'hello there');
  await terminal.resize({ rows: 24, columns: 80 });
});

test('exec -it: top fills the screen, and q gives it back', async () => {
  await terminal.line('clear; docker exec -it box busybox top -d 1');
  const screen = await terminal.shows(
    (rows) => /^Mem: \d+K used/.test(rows[0] ?? '') && rows.some((row) => /busybox top/.test(row)),
  );
  assert.match(screen[1] ?? '', /^CPU: /);
  assert.match(screen[3] ?? '', /^ +PID +PPID +USER/);
  assert.ok(
    screen.every((row) => row.length <= 80),
    'nothing is broken into a further row',
  );
  await terminal.type('q');
  await terminal.ends(OUTER);
});
