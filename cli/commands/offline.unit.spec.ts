/** Commands on files, without a daemon: what they refuse, and what they leave behind then. */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { tamper } from '../../store/log.fixture.ts';
import { writeLongLog } from '../../test/bench/longLog.ts';
import { shiplogOf } from '../../test/support/shiplogCommand.ts';
import { replay } from './replay.ts';

const directory = mkdtempSync(join(tmpdir(), 'shiplog-offline-'));
after(() => rmSync(directory, { recursive: true }));
const at = (name: string): string => join(directory, name);
const log = at('log.db');
const shiplog = shiplogOf({ socket: at('none') });

before(async () => {
  const image = { id: 'sha256:1', chainId: 'sha256:2' };
  await writeLongLog({ path: log, facts: 30, stopped: 1, nowNs: 10n ** 18n, image });
});

test('import lays a whole log out, readable by its owner alone', async () => {
  const { code, stdout } = await shiplog('import', log, at('whole'));
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^whole: \d+ facts\nhead \d+:/);
  assert.deepEqual(readdirSync(at('whole')), ['log.db']);
  assert.equal(statSync(at('whole/log.db')).mode & 0o777, 0o600);
  assert.equal((await shiplog('verify', at('whole/log.db'))).stdout, stdout);
});

test('import puts nothing in the place of a log that is there', async () => {
  const { ino } = statSync(at('whole/log.db'));
  const { code, stderr } = await shiplog('import', log, at('whole'));
  assert.equal(code, 1);
  assert.match(stderr, /there is a log already: .*whole\/log\.db/);
  assert.equal(statSync(at('whole/log.db')).ino, ino);
});

test('import of a file that was changed says where, and writes nothing', async () => {
  copyFileSync(log, at('changed.db'));
  tamper(at('changed.db'), "UPDATE facts SET caller = '{}' WHERE position = 4");
  const { code, stdout } = await shiplog('import', at('changed.db'), at('target'));
  assert.equal(code, 2);
  assert.match(stdout, /^NOT whole: the first bad row is facts 4: its hash is not that of its/);
  assert.equal(existsSync(at('target')), false);
});

test('import of what its witness contradicts writes nothing either', async () => {
  const { code } = await shiplog('import', log, at('target'), '--expect', `4:${'0'.repeat(64)}`);
  assert.equal(code, 2);
  assert.equal((await shiplog('import', log, at('target'), '--expect', 'x')).code, 1);
  assert.equal(existsSync(at('target')), false);
});

test('what is no log is told as that, by every command that takes one', async () => {
  writeFileSync(at('text'), 'no database at all, but long enough to be looked at\n'.repeat(40));
  for (const name of ['import', 'verify', 'replay']) {
    const more = name === 'import' ? [at('target')] : [];
    const text = await shiplog(name, at('text'), ...more);
    assert.deepEqual([text.code, text.stdout], [1, '']);
    assert.match(text.stderr, /text is no log: it is no database, or its beginning is damaged/);
    const folder = await shiplog(name, directory, ...more);
    assert.match(folder.stderr, /is a directory: name the file log\.db in it/);
    assert.match((await shiplog(name, at('nosuch'), ...more)).stderr, /there is no log at/);
  }
  assert.equal(existsSync(at('target')), false);
});

test('replay --step waits after each transition that it shows', async () => {
  let shown = 0;
  const waits: number[] = [];
  const code = await replay.run([log, '--step', '--until', '6', '--stream', 'container/'], {
    print: () => {
      shown += 1;
    },
    progress: () => undefined,
    pause: async () => void waits.push(shown),
    env: {},
    terminal: false,
  });
  assert.equal(code, 0);
  assert.ok(waits.length > 1);
  assert.deepEqual(
    waits,
    waits.map((_, index) => index + 1),
  );
  // The line that sums up is the last, and nothing is waited for behind it.
  assert.equal(shown, waits.length + 1);
});
