/** The record proves itself: on a live daemon, as a copy, against its witness, after a forgery. */
import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import Sqlite from 'better-sqlite3';
import { tamper } from '../../store/log.fixture.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import { shiplogOf } from '../support/shiplogCommand.ts';
import { run } from '../support/temporaryDaemon.ts';
import { ROOT } from '../tidy/project.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));
const log = join(daemon.dataRoot, 'log.db');
const witness = join(daemon.execRoot, 'head-witness');
const copyPath = join(daemon.dir, 'copy.db');
/** The log as it was before its end. */
const earlier = join(daemon.dir, 'earlier.db');

const shiplog = shiplogOf(daemon);

function copied(forge: (path: string) => void): void {
  copyFileSync(log, copyPath);
  forge(copyPath);
}

test('a live daemon is verified, and an expectation that it does not meet is told', async () => {
  success(await daemon.docker('run', '--rm', 'busybox', 'true'));
  const database = new Sqlite(log, { readonly: true });
  database.exec(`VACUUM INTO '${earlier}'`);
  database.close();
  const live = await shiplog('verify', '--format', 'json');
  assert.equal(live.code, 0, live.stdout + live.stderr);
  const { facts, hash } = JSON.parse(live.stdout);
  assert.equal((await shiplog('verify', '--expect', `${facts}:${hash}`)).code, 0);
  const wrong = await shiplog('verify', '--quick', '--expect', `${facts}:${'0'.repeat(64)}`);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stdout, /^NOT whole: .*facts \d+: its hash is not the one that the witness/);
  assert.equal((await shiplog('verify', '--expect', 'x')).code, 1);
});

test('copies: a backup is all of it, an export leaves values behind, and both verify', async () => {
  const file = (name: string) => join(daemon.dir, name);
  success(
    await daemon.docker('run', '--name', 'gone', '-e', 'TOKEN=hidden-value', 'busybox', 'true'),
  );
  const id = success(await daemon.docker('inspect', '-f', '{{.Id}}', 'gone'));
  success(await shiplog('backup', file('backup.db')));
  const again = await shiplog('backup', file('backup.db'));
  assert.match(again.stderr, /backup\.db can not be made: there is one already$/m);
  success(await shiplog('export', file('export.db')));
  success(await shiplog('export', file('token.db'), '--reveal', 'TOKEN'));
  success(await shiplog('export', file('part.db'), '--container', 'gone'));
  const holds = (name: string) => readFileSync(file(name)).includes('hidden-value');
  const hidden = ['backup.db', 'export.db', 'token.db', 'part.db'].map(holds);
  assert.deepEqual(hidden, [true, false, true, false]);
  for (const name of ['backup.db', 'export.db', 'token.db', 'part.db']) {
    const { code, stdout } = await shiplog('verify', file(name));
    assert.equal(code, 0, `${name}: ${stdout}`);
  }
  assert.match(success(await shiplog('replay', file('part.db'))), /container\.exited/);
  const head = /^head (\d+:\w+)$/m.exec((await shiplog('verify', file('part.db'))).stdout)?.[1];
  const bound = await shiplog('verify', file('backup.db'), '--expect', head ?? '');
  assert.equal(bound.code, 0, `the part is of this log: ${head}`);
  tamper(file('part.db'), "UPDATE facts SET caller = '{}' WHERE type = 'container.started'");
  assert.match((await shiplog('verify', file('part.db'))).stdout, /its hash is not that of its/);
  success(await shiplog('import', file('export.db'), file('imported')));
  assert.equal((await shiplog('verify', join(file('imported'), 'log.db'))).code, 0);
  assert.equal((await shiplog('import', file('part.db'), file('other'))).code, 2);
  assert.equal((await shiplog('export', file('x.db'), '--container', 'nosuch')).code, 1);
  success(await daemon.docker('rm', 'gone'));
  success(await shiplog('export', file('removed.db'), '--container', id));
  const left = readdirSync(daemon.dataRoot).filter((name) => name.startsWith('copy-'));
  assert.deepEqual(left, []);
});

test('at its end the daemon prints the witness that lies outside of its data root', async () => {
  await daemon.terminate();
  const [, printed = ''] = /^head witness (\d+:[0-9a-f]{64})$/m.exec(daemon.output()) ?? [];
  assert.ok(readFileSync(witness, 'utf8').startsWith(`${printed} `));
  assert.equal(
    success(await shiplog('verify', log, '--witness', witness)).split('\n')[1],
    `head ${printed}`,
  );
});

test('a witness that can not be read is told in a sentence, and nothing is started', async () => {
  const { dir, dataRoot, execRoot } = daemon;
  const config = ['--config-file', join(dir, 'daemon.json')];
  const roots = ['--data-root', dataRoot, '--exec-root', execRoot];
  const flags = [...config, ...roots, '--head-witness', dir];
  const { code, stderr } = await run(process.execPath, [join(ROOT, 'main.ts'), ...flags]);
  assert.equal(code, 1);
  assert.match(stderr, /^shiplog: can not read the head witness .*EISDIR/);
});

test('a row that was edited is found from the file alone', async () => {
  copied((path) => tamper(path, "UPDATE facts SET caller = '{}' WHERE position = 4"));
  const { code, stdout } = await shiplog('verify', copyPath);
  assert.equal(code, 2, stdout);
  assert.match(stdout, /facts 4: its hash is not that of its content/);
});

test('a log that lacks its end is whole in itself, and is found by the witness', async () => {
  assert.equal((await shiplog('verify', earlier)).code, 0, 'consistent in itself');
  const { code, stdout } = await shiplog('verify', earlier, '--witness', witness);
  assert.equal(code, 2);
  assert.match(stdout, /facts \d+: is missing: the witness saw \d+/);
});

test('a daemon that is started on such a log says so, and keeps the evidence', async () => {
  rmSync(log);
  copyFileSync(earlier, log);
  assert.ok(await daemon.boot());
  const warnings = success(await daemon.docker('info', '--format', '{{json .Warnings}}'));
  assert.match(
    warnings,
    /the log ends at \d+, and its witness saw \d+: it was cut, or is a backup/,
  );
  assert.match(daemon.output(), /head-witness\.contradicted-\d+/);
});
