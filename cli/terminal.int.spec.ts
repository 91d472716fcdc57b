/** The command on a terminal, and in a pipe: colours, progress and pauses are for people alone. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { writeLongLog } from '../test/bench/longLog.ts';
import { run } from '../test/support/temporaryDaemon.ts';
import { Terminal } from '../test/support/terminal.ts';
import { ROOT } from '../test/tidy/project.ts';

const directory = mkdtempSync(join(tmpdir(), 'shiplog-terminal-'));
after(() => rmSync(directory, { recursive: true }));
const log = join(directory, 'log.db');
const COMMAND = join(ROOT, 'cli/shiplog.sh');
const { PATH } = process.env;

before(async () => {
  const image = { id: 'sha256:1', chainId: 'sha256:2' };
  await writeLongLog({ path: log, facts: 1_200, stopped: 1, nowNs: 10n ** 18n, image });
});

async function onTerminal(env: Readonly<Record<string, string>>, args: readonly string[]) {
  const terminal = new Terminal([COMMAND, ...args], { PATH, ...env });
  assert.equal(await terminal.end(), 0, terminal.shown);
  return terminal.shown;
}

const ESCAPE = '\x1b';
const GREEN = `${ESCAPE}[32m`;

test('states have colours on a terminal, but not with NO_COLOR, and none in a pipe', async () => {
  const args = ['replay', log, '--until', '20'];
  assert.ok((await onTerminal({}, args)).includes(`${GREEN}running`));
  assert.ok(!(await onTerminal({ NO_COLOR: '1' }, args)).includes(ESCAPE));
  const { stdout, stderr } = await run(COMMAND, args);
  assert.match(stdout, /-> running$/m);
  assert.deepEqual([stdout.includes(ESCAPE), stderr], [false, '']);
});

const LONG: readonly (readonly [name: string, bar: RegExp, result: RegExp])[] = [
  ['verify', /verifying \[#+\.*\] \d+% \(\d+ of \d+\)/, /whole: \d+ facts/],
  ['replay --check', /replaying \[#+\.*\] \d+%/, /all fold to what was recorded/],
  ['import', /verifying \[#+.*copying/s, /whole: \d+ facts/],
];

for (const [name, bar, result] of LONG) {
  test(`${name} shows how far it is on a terminal, and takes that away at its end`, async () => {
    const args = (target: string): readonly string[] =>
      name === 'import' ? [name, log, join(directory, target)] : [...name.split(' '), log];
    const shown = await onTerminal({}, args('one'));
    assert.match(shown, bar);
    const last = shown.split(`\r${ESCAPE}[K`).at(-1) ?? '';
    assert.match(last, result);
    assert.doesNotMatch(last, /\[#/);
    const { stdout, stderr } = await run(COMMAND, args('other'));
    assert.match(stdout, result);
    assert.equal(stderr, '', 'nothing but the result in a pipe');
  });
}

test('replay --step goes on with each press of the return key', async () => {
  const terminal = new Terminal([COMMAND, 'replay', log, '--step', '--until', '2'], { PATH });
  await terminal.shows(/ 1 {2}.*create-requested/);
  assert.doesNotMatch(terminal.shown, /^ +2 {2}/m);
  terminal.type('\r');
  await terminal.shows(/ 2 {2}/);
  terminal.type('\r');
  await terminal.shows(/2 facts of/);
  assert.equal(await terminal.end(), 0);
});
