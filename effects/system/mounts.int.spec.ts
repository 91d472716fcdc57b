import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { EffectFailure } from '../failure.ts';
import { isMounted, mount, mountPoints, unmount } from './mounts.ts';

let dir = '';
beforeEach(() => {
  dir = fs.mkdtempSync(join(tmpdir(), 'shiplog-mounts-'));
});
afterEach(async () => {
  const mine = mountPoints().filter((path) => path.startsWith(`${dir}/`));
  for (const path of mine.reverse()) await unmount(path, { detach: true });
  fs.rmSync(dir, { recursive: true });
});

function directory(name: string): string {
  fs.mkdirSync(join(dir, name), { recursive: true });
  return join(dir, name);
}

function optionsOf(target: string): string {
  const lines = fs.readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return lines.find((line) => line.split(' ')[4] === target) ?? '';
}

test('a tmpfs is mounted, seen, and unmounted once or more often', async () => {
  const target = directory('with blank\\ and ü');
  assert.equal(isMounted(target), false);
  await mount({
    type: 'tmpfs',
    source: 'tmpfs',
    target,
    options: ['nosuid', 'noexec', 'size=64k'],
  });
  assert.equal(isMounted(target), true);
  assert.equal(isMounted(`${target}/`), true);
  await unmount(target, { detach: false });
  assert.equal(isMounted(target), false);
  await unmount(target, { detach: false });
  await unmount(join(dir, 'nowhere'), { detach: true });
});

test('a bind mount is read-only and private when asked', async () => {
  const source = directory('source');
  const target = directory('target');
  await mount({ type: 'bind', source, target, options: ['rbind', 'ro', 'nodev', 'rprivate'] });
  assert.match(optionsOf(target), / ro,nodev/);
  assert.doesNotMatch(optionsOf(target), /shared:/);
  assert.throws(() => fs.writeFileSync(join(target, 'x'), ''), { code: 'EROFS' });
  fs.writeFileSync(join(source, 'x'), '');
});

test('an overlay with more layers than fit in a page is mounted', async () => {
  const layers = Array.from({ length: 90 }, (_, i) =>
    directory(`snapshots/${i}/${'n'.repeat(20)}/fs`),
  );
  layers.forEach((layer, i) => {
    fs.writeFileSync(join(layer, `file${i}`), '');
  });
  const cwd = process.cwd();
  const target = directory('merged');
  const upper = directory('upper');
  const work = directory('work');
  const options = [`lowerdir=${layers.join(':')}`, `upperdir=${upper}`, `workdir=${work}`];
  await mount({ type: 'overlay', source: 'overlay', target, options });
  assert.equal(fs.readdirSync(target).length, 90);
  assert.equal(process.cwd(), cwd);
  assert.equal(fs.readlinkSync('/proc/self/cwd'), cwd);
});

test('what the kernel refuses comes back with its code', async () => {
  const source = join(dir, 'none');
  const target = directory('target');
  await assert.rejects(mount({ type: 'bind', source, target, options: ['bind'] }), {
    code: 'ENOENT',
    syscall: 'mount',
  });
  await mount({ type: 'tmpfs', source: 'tmpfs', target, options: [] });
  const fd = fs.openSync(join(target, 'busy'), 'w');
  await assert.rejects(unmount(target, { detach: false }), { code: 'EBUSY' });
  await unmount(target, { detach: true });
  assert.equal(isMounted(target), false);
  fs.closeSync(fd);
});

// A FUSE file system whose server never answers: any look at what lies in it blocks.
test('a mount that hangs misses its deadline and the next one goes on', async () => {
  const hung = directory('hung');
  const fuse = fs.openSync('/dev/fuse', fs.constants.O_RDWR);
  try {
    const options = [`fd=${fuse}`, 'rootmode=40000', 'user_id=0', 'group_id=0'];
    await mount({ type: 'fuse', source: 'fuse', target: hung, options });
    const stuck = {
      type: 'bind',
      source: join(hung, 'x'),
      target: directory('b'),
      options: ['bind'],
    };
    const behind = unmount(directory('c'), { detach: false });
    await behind;
    const first = mount(stuck, 200);
    const second = unmount(directory('c'), { detach: false });
    const isDeadline = (e: unknown): boolean => e instanceof EffectFailure && e.kind === 'deadline';
    await assert.rejects(first, isDeadline);
    await assert.rejects(second, isDeadline);
    const target = directory('next');
    await mount({ type: 'tmpfs', source: 'tmpfs', target, options: [] }, 10_000);
    assert.equal(isMounted(target), true);
    await unmount(hung, { detach: true });
  } finally {
    fs.closeSync(fuse);
  }
});
