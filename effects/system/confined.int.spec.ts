import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { makeDirectoriesIn, readFileIn, statIn, writeFileIn } from './confined.ts';
import { mkfifo } from './fifo.ts';

let base = '';
let root = '';
beforeEach(() => {
  base = fs.mkdtempSync(join(tmpdir(), 'shiplog-confined-'));
  root = join(base, 'root');
  fs.mkdirSync(join(root, 'etc'), { recursive: true });
  fs.writeFileSync(join(base, 'secret'), 'outside');
  fs.writeFileSync(join(root, 'etc/passwd'), 'inside');
});
afterEach(() => fs.rmSync(base, { recursive: true }));

test('a file is read within the root, whatever the links and dots say', () => {
  assert.equal(readFileIn(root, '/etc/passwd', 100)?.toString(), 'inside');
  assert.equal(readFileIn(root, '../../../etc/passwd', 100)?.toString(), 'inside');
  fs.symlinkSync('/etc/passwd', join(root, 'absolute'));
  assert.equal(readFileIn(root, 'absolute', 100)?.toString(), 'inside');
  fs.symlinkSync('../secret', join(root, 'escape'));
  assert.equal(readFileIn(root, 'escape', 100), undefined);
  fs.symlinkSync(join(base, 'secret'), join(root, 'escape2'));
  assert.equal(readFileIn(root, 'escape2', 100), undefined);
});

test('what is no regular file reads as absent and a FIFO does not block', () => {
  mkfifo(join(root, 'fifo'), 0o600);
  assert.equal(readFileIn(root, 'fifo', 100), undefined);
  assert.equal(readFileIn(root, 'etc', 100), undefined);
  assert.equal(readFileIn(root, 'etc/none', 100), undefined);
  assert.equal(readFileIn(root, 'etc/passwd/none', 100), undefined);
  fs.symlinkSync('loop', join(root, 'loop'));
  assert.equal(readFileIn(root, 'loop', 100), undefined);
});

test('a file beyond the bound is refused, one at the bound is not', () => {
  assert.equal(readFileIn(root, 'etc/passwd', 6)?.length, 6);
  assert.throws(() => readFileIn(root, 'etc/passwd', 5), { code: 'EFBIG' });
  assert.throws(() => readFileIn(root, 'etc/passwd', 0), { code: 'EFBIG' });
});

test('missing directories get mode and owner, present ones keep theirs', () => {
  fs.chmodSync(join(root, 'etc'), 0o711);
  const before = process.umask(0o077);
  makeDirectoriesIn(root, '/etc/a/./b', { mode: 0o755, uid: 12, gid: 34 });
  process.umask(before);
  makeDirectoriesIn(root, '/etc/a/b', { mode: 0o700, uid: 0, gid: 0 });
  assert.equal(fs.statSync(join(root, 'etc')).mode & 0o777, 0o711);
  for (const path of ['etc/a', 'etc/a/b']) {
    const stat = fs.statSync(join(root, path));
    assert.deepEqual([stat.mode & 0o777, stat.uid, stat.gid], [0o755, 12, 34]);
  }
});

test('directories are made behind links, but never outside', () => {
  fs.mkdirSync(join(base, 'out'));
  fs.mkdirSync(join(root, 'run'));
  fs.symlinkSync('/run', join(root, 'var'));
  makeDirectoriesIn(root, 'var/lock', { mode: 0o755, uid: 0, gid: 0 });
  assert.ok(fs.statSync(join(root, 'run/lock')).isDirectory());
  fs.symlinkSync('../out', join(root, 'out'));
  assert.throws(() => makeDirectoriesIn(root, 'out/x', { mode: 0o755, uid: 0, gid: 0 }));
  assert.deepEqual(fs.readdirSync(join(base, 'out')), []);
  assert.throws(() => makeDirectoriesIn(root, 'etc/passwd/x', { mode: 0o755, uid: 0, gid: 0 }), {
    code: 'ENOTDIR',
  });
});

test('a file is written with its mode, within the root', () => {
  const before = process.umask(0o077);
  writeFileIn(root, 'etc/hosts', 'localhost', 0o644);
  process.umask(before);
  writeFileIn(root, 'etc/hosts', 'host', 0o644);
  assert.equal(fs.readFileSync(join(root, 'etc/hosts'), 'utf8'), 'host');
  assert.equal(fs.statSync(join(root, 'etc/hosts')).mode & 0o777, 0o644);
  fs.symlinkSync('/../secret', join(root, 'link'));
  writeFileIn(root, 'link', 'mine', 0o600);
  assert.equal(fs.readFileSync(join(base, 'secret'), 'utf8'), 'outside');
  assert.equal(fs.readFileSync(join(root, 'secret'), 'utf8'), 'mine');
  assert.throws(() => writeFileIn(root, 'none/file', '', 0o600), { code: 'ENOENT' });
});

test('stat follows links within the root and says undefined for nothing', () => {
  fs.symlinkSync('/etc', join(root, 'conf'));
  assert.ok(statIn(root, 'conf')?.isDirectory());
  assert.ok(statIn(root, '')?.isDirectory());
  assert.equal(statIn(root, 'conf/passwd')?.size, 6);
  assert.equal(statIn(root, 'conf/none'), undefined);
});
