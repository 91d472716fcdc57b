import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { padding, type TarEntry } from '../tar/entry.ts';
import { encodeHeader, tarEnd } from '../tar/header.ts';
import { readTar } from '../tar/reader.ts';
import { copyIn } from './copyIn.ts';
import { copyOut, statPath } from './copyOut.ts';
import { RootView } from './rootView.ts';

const directory = fs.mkdtempSync(join(tmpdir(), 'sha-'));
after(() => fs.rmSync(directory, { recursive: true, force: true }));
const tick = (): void => undefined;
const OUTSIDE = 'what is outside';

let next = 0;
/** A root, and beside it a directory that nothing of it may reach. */
function makeRoot(): { root: string; outside: string; view: RootView } {
  next += 1;
  const root = join(directory, `${next}`, 'root');
  const outside = join(directory, `${next}`, 'outside');
  for (const path of [join(root, 'etc'), join(root, 'tmp'), outside]) {
    fs.mkdirSync(path, { recursive: true });
  }
  fs.writeFileSync(join(outside, 'secret'), OUTSIDE);
  return { root, outside, view: new RootView(root, []) };
}

const openFiles = (): number => fs.readdirSync('/proc/self/fd').length;

type Given = Partial<TarEntry> & { readonly content?: string };

function tar(entries: readonly Given[]): Buffer {
  const blocks = entries.flatMap(({ content = '', ...entry }) => [
    encodeHeader({
      kind: 'file',
      name: 'a',
      linkName: '',
      mode: 0o644,
      uid: 0,
      gid: 0,
      size: content.length,
      mtime: 1_600_000_000,
      xattrs: new Map(),
      device: { major: 0, minor: 0 },
      ...entry,
    }),
    Buffer.from(content),
    Buffer.alloc(padding(content.length)),
  ]);
  return Buffer.concat([...blocks, tarEnd()]);
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

const put = (
  view: RootView,
  path: string,
  entries: readonly Given[] | Buffer,
  options: { noOverwriteDirNonDir?: boolean; owner?: { uid: number; gid: number } } = {},
): Promise<void> =>
  copyIn(
    view,
    { path, noOverwriteDirNonDir: false, rootReadOnly: false, owner: null, ...options },
    once(Buffer.isBuffer(entries) ? entries : tar(entries)),
    tick,
  );

const get = (view: RootView, path: string): Buffer =>
  Buffer.concat([...copyOut(view, path, tick).chunks]);

async function namesIn(bytes: Buffer): Promise<string[]> {
  const names: string[] = [];
  for await (const { entry } of readTar(once(bytes))) names.push(entry.name);
  return names;
}

test('a tree of everything comes back as it went in, read by tar itself', async () => {
  const { root, view } = makeRoot();
  const before = openFiles();
  const source = join(directory, 'source');
  fs.mkdirSync(join(source, 'sub'), { recursive: true });
  fs.writeFileSync(join(source, 'plain'), 'x'.repeat(100_000));
  fs.linkSync(join(source, 'plain'), join(source, 'sub/hard'));
  fs.symlinkSync('../plain', join(source, 'sub/soft'));
  execFileSync('mkfifo', [join(source, 'fifo')]);
  fs.writeFileSync(join(source, 'owned'), '');
  fs.chownSync(join(source, 'owned'), 1234, 4321);
  fs.chmodSync(join(source, 'owned'), 0o4751);
  fs.writeFileSync(Buffer.from(`${source}/n\xff`, 'latin1'), 'bytes');
  fs.truncateSync(join(source, 'plain'), 90_000);
  const packed = execFileSync('tar', ['-C', directory, '-c', 'source'], { maxBuffer: 2 ** 24 });
  await put(view, '/tmp', packed);
  const back = join(directory, 'back');
  fs.mkdirSync(back);
  execFileSync('tar', ['-C', back, '-xp'], { input: get(view, '/tmp/source') });
  const shown = (where: string): string =>
    execFileSync('sh', [
      '-c',
      `cd ${where} && find . -printf '%P %y %m %U %G %s %T@ %l %n\\n' | grep -v ' d ' | sort;
       find . -type f -exec sha256sum {} + | sort; find . -type d -printf '%P %m %T@\\n' | sort`,
    ]).toString('latin1');
  const rounded = (text: string): string => text.replace(/(\d{10})\.\d+/g, '$1');
  assert.equal(rounded(shown(join(back, 'source'))), rounded(shown(source)));
  assert.equal(rounded(shown(join(root, 'tmp/source'))), rounded(shown(source)));
  assert.equal(openFiles(), before);
});

test('holes stay holes, and the sparse forms of tar are understood', async () => {
  const { root, view } = makeRoot();
  const source = join(directory, 'holes');
  const fd = fs.openSync(source, 'w');
  fs.writeSync(fd, 'begin', 0);
  fs.writeSync(fd, 'end', 50_000_000);
  fs.closeSync(fd);
  for (const form of ['gnu', 'posix', 'posix --sparse-version=0.1', 'posix --sparse-version=0.0']) {
    const args = ['-C', directory, '-S', ...`-c --format=${form}`.split(' '), 'holes'];
    await put(view, '/tmp', execFileSync('tar', args, { maxBuffer: 2 ** 26 }));
    const copy = fs.statSync(join(root, 'tmp/holes'));
    assert.equal(copy.size, 50_000_003, form);
    assert.ok(copy.blocks * 512 < 1_000_000, form);
    execFileSync('cmp', [source, join(root, 'tmp/holes')]);
  }
  await put(
    view,
    '/tmp',
    execFileSync('tar', ['-C', directory, '-c', 'holes'], {
      maxBuffer: 2 ** 27,
    }),
  );
  assert.ok(fs.statSync(join(root, 'tmp/holes')).blocks * 512 < 1_000_000);
});

test('attributes are kept, those of overlayfs are not taken', async () => {
  const { root, view } = makeRoot();
  const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex');
  const xattrs = new Map([
    ['user.origin', Buffer.from('here')],
    ['security.capability', capability],
    ['trusted.overlay.opaque', Buffer.from('y')],
  ]);
  await put(view, '/tmp', [{ name: 'x', mode: 0o755, xattrs }]);
  const [found] = await Array.fromAsync(entriesOf(get(view, '/tmp/x')));
  assert.deepEqual(
    [...(found?.xattrs ?? [])].sort(),
    [...xattrs].filter(([name]) => !name.startsWith('trusted')).sort(),
  );
  fs.rmSync(join(root, 'tmp/x'));
});

async function* entriesOf(bytes: Buffer): AsyncGenerator<TarEntry> {
  for await (const { entry } of readTar(once(bytes))) yield entry;
}

test('names in the tar follow the path as it was asked for', async () => {
  const { root, view } = makeRoot();
  fs.writeFileSync(join(root, 'etc/f'), '');
  fs.symlinkSync('/etc', join(root, 'link'));
  fs.symlinkSync('/nowhere', join(root, 'broken'));
  assert.deepEqual(await namesIn(get(view, '/etc')), ['etc/', 'etc/f']);
  assert.deepEqual(await namesIn(get(view, 'etc/')), ['etc/', 'etc/f']);
  assert.deepEqual(await namesIn(get(view, '/etc/.')), ['./', './f']);
  assert.deepEqual(await namesIn(get(view, '/etc/f')), ['f']);
  assert.deepEqual(await namesIn(get(view, '/link')), ['link']);
  assert.deepEqual(await namesIn(get(view, '/link/')), ['link/', 'link/f']);
  assert.deepEqual(await namesIn(get(view, '/link/.')), ['./', './f']);
  assert.deepEqual((await namesIn(get(view, '/'))).slice(0, 3), ['/', '/broken', '/etc/']);
  assert.deepEqual(await namesIn(get(view, '/../../etc/f')), ['f']);
  const shown = statPath(view, '/link');
  assert.deepEqual([shown.name, shown.linkTarget, shown.mode], ['link', '/etc', 2 ** 27 + 0o777]);
  assert.equal(statPath(view, '/broken').linkTarget, '/nowhere');
  assert.equal(statPath(view, '/etc').mode, 2 ** 31 + 0o755);
  assert.throws(() => statPath(view, '/none'), { kind: 'not-found' });
  assert.throws(() => statPath(view, '/etc/f/'), { code: 'ENOTDIR' });
});

test('links in the root lead nowhere out of it, neither out nor in', async () => {
  const { root, outside, view } = makeRoot();
  fs.symlinkSync(outside, join(root, 'absolute'));
  fs.symlinkSync('../../../../../..', join(root, 'up'));
  fs.symlinkSync('loop', join(root, 'loop'));
  const before = openFiles();
  assert.throws(() => get(view, '/absolute/secret'), { kind: 'not-found' });
  assert.throws(() => get(view, `/up${outside}/secret`), { kind: 'not-found' });
  assert.throws(() => get(view, '/loop/x'), { code: 'ELOOP' });
  await assert.rejects(put(view, '/absolute', [{ name: 'x' }]), { kind: 'not-found' });
  await put(view, '/up', [{ name: 'top', content: 'in' }]);
  assert.equal(fs.readFileSync(join(root, 'top'), 'utf8'), 'in');
  assert.deepEqual(fs.readdirSync(outside), ['secret']);
  assert.equal(openFiles(), before);
});

test('a tar can not write through a link that it has brought itself', async () => {
  const { root, outside, view } = makeRoot();
  // An absolute target passes dockerd's check: it is meant within the root.
  const link = { name: 'd', kind: 'symlink', linkName: outside } as const;
  const through = { name: 'd/secret', content: 'overwritten' };
  await assert.rejects(put(view, '/tmp', [link, through]));
  assert.equal(fs.readFileSync(join(outside, 'secret'), 'utf8'), OUTSIDE);
  const hard = { name: 'h', kind: 'link', linkName: 'd/secret' } as const;
  await assert.rejects(put(view, '/tmp', [link, hard]));
  assert.equal(fs.existsSync(join(root, 'tmp/h')), false);
});

test('names and links that lead out are refused with the texts of dockerd', async () => {
  const { view } = makeRoot();
  const refused = (entry: Given, message: RegExp) =>
    assert.rejects(put(view, '/tmp', [entry]), { kind: 'invalid', message });
  await refused({ name: '../x' }, /"..\/x" is outside of "\/tmp"/);
  await refused({ name: 'a/../../x' }, /is outside of/);
  await refused(
    { name: 'l', kind: 'symlink', linkName: '../etc/passwd' },
    /invalid symlink "\/tmp\/l" -> "..\/etc\/passwd"/,
  );
  await refused(
    { name: 'l', kind: 'link', linkName: '../etc/f' },
    /invalid hardlink "\/etc\/f" -> "..\/etc\/f"/,
  );
});

test('devices are refused', async () => {
  const { root, view } = makeRoot();
  for (const kind of ['char', 'block'] as const) {
    const device = { major: 1, minor: 3 };
    await assert.rejects(put(view, '/tmp', [{ name: 'null', kind, device }]), { kind: 'refused' });
  }
  assert.deepEqual(fs.readdirSync(join(root, 'tmp')), []);
});

test('directories and others replace each other only if that is wanted', async () => {
  const { root, view } = makeRoot();
  fs.mkdirSync(join(root, 'tmp/d/sub'), { recursive: true });
  fs.writeFileSync(join(root, 'tmp/f'), 'old');
  const strict = { noOverwriteDirNonDir: true };
  const onto = { name: 'f', kind: 'directory' } as const;
  await assert.rejects(put(view, '/tmp', [{ name: 'd' }], strict), {
    message: 'cannot overwrite directory "/tmp/d" with non-directory "/tmp"',
  });
  await assert.rejects(put(view, '/tmp', [onto], strict), {
    message: 'cannot overwrite non-directory "/tmp/f" with directory "/tmp"',
  });
  await put(view, '/tmp', [{ name: 'd', content: 'now a file' }, onto]);
  assert.equal(fs.readFileSync(join(root, 'tmp/d'), 'utf8'), 'now a file');
  assert.ok(fs.statSync(join(root, 'tmp/f')).isDirectory());
});

test('a directory is merged, gets its own time last, and missing ones above are made', async () => {
  const { root, view } = makeRoot();
  fs.mkdirSync(join(root, 'tmp/d'));
  fs.writeFileSync(join(root, 'tmp/d/kept'), '');
  await put(view, '/tmp', [
    { name: 'd', kind: 'directory', mode: 0o700, mtime: 1_500_000_000 },
    { name: 'd/new' },
    { name: 'x/y/z', content: 'deep' },
  ]);
  const now = fs.statSync(join(root, 'tmp/d'));
  assert.equal(now.mode & 0o7777, 0o700);
  assert.equal(now.mtimeMs, 1_500_000_000_000);
  assert.deepEqual(fs.readdirSync(join(root, 'tmp/d')).sort(), ['kept', 'new']);
  assert.equal(fs.readFileSync(join(root, 'tmp/x/y/z'), 'utf8'), 'deep');
});

test('owner of all can be given; set-user-id survives the change of owner', async () => {
  const { root, view } = makeRoot();
  const owner = { uid: 99, gid: 98 };
  await put(view, '/tmp', [{ name: 's', mode: 0o6755, uid: 5 }], { owner });
  const made = fs.statSync(join(root, 'tmp/s'));
  assert.deepEqual([made.uid, made.gid, made.mode & 0o7777], [99, 98, 0o6755]);
});

test('a file that is cut off is not left half', async () => {
  const { root, view } = makeRoot();
  const before = openFiles();
  const whole = tar([{ name: 'first' }, { name: 'second', content: 'x'.repeat(10_000) }]);
  await assert.rejects(put(view, '/tmp', whole.subarray(0, 5000)), { message: 'unexpected EOF' });
  assert.deepEqual(fs.readdirSync(join(root, 'tmp')), ['first']);
  assert.equal(openFiles(), before);
});

/**
 * Swaps a directory for a link to what is outside, and back, as fast as it can. Files that are
 * copied into the directory while it is away make it anew; that one goes.
 */
const RACER = `
const fs = require('node:fs');
const { workerData } = require('node:worker_threads');
const { root, outside, stop } = workerData;
const flag = new Int32Array(stop);
const tried = (step) => { try { step(); return true; } catch { return false; } };
const anew = () => fs.rmSync(root + '/d', { recursive: true, force: true });
while (Atomics.load(flag, 0) === 0) {
  for (let left = Math.random() * 100; left > 0; left -= 1) fs.lstatSync(root + '/d');
  fs.renameSync(root + '/d', root + '/hidden');
  while (!tried(() => fs.symlinkSync(outside, root + '/d'))) tried(anew);
  fs.unlinkSync(root + '/d');
  while (!tried(() => fs.renameSync(root + '/hidden', root + '/d'))) tried(anew);
}`;

/** Of each kind. */
const MEETINGS = 400;

/** What a look by the path alone would give. */
function naively(root: string): string {
  try {
    return fs.readFileSync(join(root, 'd/secret'), 'utf8');
  } catch (error) {
    return String(error);
  }
}

test('a racer that swaps a directory for a link gains nothing', async () => {
  const { root, outside, view } = makeRoot();
  fs.mkdirSync(join(root, 'd'));
  fs.writeFileSync(join(root, 'd/secret'), 'inside');
  const before = openFiles();
  const stop = new SharedArrayBuffer(4);
  const racer = new Worker(RACER, { eval: true, workerData: { root, outside, stop } });
  await new Promise((resolve) => racer.once('online', resolve));
  const broken = new Promise<never>((_, reject) => racer.once('error', reject));
  broken.catch(() => undefined);
  let read = 0;
  let fooled = 0;
  // It counts how often the two meet: beside other load that is seldom.
  const due = performance.now() + 60_000;
  while ((read < MEETINGS || fooled < MEETINGS) && performance.now() < due) {
    if (naively(root) === OUTSIDE) fooled += 1;
    try {
      assert.ok(!get(view, '/d/secret').includes(OUTSIDE));
      assert.ok(!get(view, '/').includes(OUTSIDE));
      read += 1;
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
    }
    try {
      await put(view, '/d', [{ name: 'secret', content: 'written' }, { name: 'more/x' }]);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
    }
  }
  Atomics.store(new Int32Array(stop), 0, 1);
  await Promise.race([broken, new Promise((resolve) => racer.once('exit', resolve))]);
  const met = `${read} reads of what is inside, ${fooled} plain looks that saw what is outside`;
  assert.ok(read >= MEETINGS && fooled >= MEETINGS, met);
  assert.deepEqual(fs.readdirSync(outside), ['secret']);
  assert.equal(fs.readFileSync(join(outside, 'secret'), 'utf8'), OUTSIDE);
  assert.ok(openFiles() <= before);
});
