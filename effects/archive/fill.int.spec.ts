/** What a volume begins with: all that the image has there, as it is there. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { getXattr, setXattr } from '../system/pinned.ts';
import { fill } from './fill.ts';

const place = fs.mkdtempSync(join(tmpdir(), 'shiplog-fill-'));
after(() => fs.rmSync(place, { recursive: true }));

let count = 0;
/** A root with a directory to copy, and an empty volume. */
function given() {
  count += 1;
  const root = join(place, `root-${count}`);
  const target = join(place, `volume-${count}`);
  const from = join(root, 'data');
  fs.mkdirSync(from, { recursive: true });
  fs.mkdirSync(target);
  const mark = join(place, `mark-${count}`);
  return { from, root, target, mark, path: '/data', mustBeDirectory: false };
}

/** Sets or reads an attribute of what lies at a path, by a descriptor, as the system calls want. */
function withFile<T>(path: string, work: (fd: number) => T): T {
  const fd = fs.openSync(path, 'r');
  try {
    return work(fd);
  } finally {
    fs.closeSync(fd);
  }
}

test('owners, modes, times, attributes and hard links are kept', async () => {
  const { from, ...job } = given();
  fs.writeFileSync(join(from, 'tool'), 'x');
  fs.chownSync(join(from, 'tool'), 1000, 50);
  fs.chmodSync(join(from, 'tool'), 0o4751);
  fs.utimesSync(join(from, 'tool'), 1000, 2000);
  withFile(join(from, 'tool'), (fd) => setXattr(fd, 'user.kind', Buffer.from('sharp')));
  fs.linkSync(join(from, 'tool'), join(from, 'same'));
  fs.symlinkSync('/etc/passwd', join(from, 'away'));
  fs.mkdirSync(join(from, 'private'), { mode: 0o700 });
  fs.chownSync(from, 7, 8);
  fs.chmodSync(from, 0o1750);
  await fill(job, () => undefined);
  const tool = fs.statSync(join(job.target, 'tool'));
  assert.deepEqual([tool.uid, tool.gid, tool.mode & 0o7777], [1000, 50, 0o4751]);
  assert.equal(tool.mtimeMs, 2_000_000);
  assert.deepEqual([tool.nlink, fs.statSync(join(job.target, 'same')).ino], [2, tool.ino]);
  const kind = withFile(join(job.target, 'tool'), (fd) => getXattr(fd, 'user.kind'));
  assert.equal(kind?.toString(), 'sharp');
  assert.equal(fs.readlinkSync(join(job.target, 'away')), '/etc/passwd');
  assert.equal(fs.statSync(join(job.target, 'private')).mode & 0o777, 0o700);
  const own = fs.statSync(job.target);
  assert.deepEqual([own.uid, own.gid, own.mode & 0o7777], [7, 8, 0o1750]);
});

test('a volume that holds anything stays so, unless a copy into it was broken off', async () => {
  const { from, ...job } = given();
  fs.writeFileSync(join(from, 'image'), 'x');
  fs.writeFileSync(join(job.target, 'kept'), 'y');
  await fill(job, () => undefined);
  assert.deepEqual(fs.readdirSync(job.target), ['kept']);
  fs.writeFileSync(job.mark, '');
  await fill(job, () => undefined);
  assert.deepEqual(fs.readdirSync(job.target).sort(), ['image', 'kept']);
  assert.equal(fs.existsSync(job.mark), false);
});

test('a link on the way leads nowhere out of the root', async () => {
  const { from, ...job } = given();
  fs.rmdirSync(from);
  fs.symlinkSync(place, from);
  await fill(job, () => undefined);
  assert.deepEqual(fs.readdirSync(job.target), []);
});

test('a file of the image is no directory for a volume of the container alone', async () => {
  const { from, ...job } = given();
  fs.rmdirSync(from);
  fs.writeFileSync(from, 'x');
  await fill(job, () => undefined);
  const whole = fill({ ...job, mustBeDirectory: true }, () => undefined);
  await assert.rejects(whole, /cannot mount volume over existing file, file exists \/data/);
});
