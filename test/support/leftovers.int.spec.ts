/** What a daemon leaves behind is seen and taken away; needs root, for the mount. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isAlive, mountsOf, processesOf, sweep, within } from './leftovers.ts';

test('a process and a mount under the directory are found and swept away', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'shiplog-left-'));
  const child = spawn('/bin/busybox', ['sh', '-c', 'trap "" TERM; read -r line', dir]);
  try {
    mkdirSync(join(dir, 'mount'));
    execFileSync('mount', ['-t', 'tmpfs', 'none', join(dir, 'mount')]);
    const pids = () => processesOf(dir).map(({ pid }) => pid);
    assert.ok(await within(5_000, () => pids().includes(child.pid ?? 0)));
    assert.deepEqual(mountsOf(dir), [join(dir, 'mount')]);
    assert.deepEqual(await sweep(dir), []);
    assert.deepEqual([pids(), mountsOf(dir)], [[], []]);
    assert.equal(isAlive(child.pid ?? 0), false);
  } finally {
    child.kill('SIGKILL');
    await sweep(dir);
    rmSync(dir, { recursive: true, force: true });
  }
});

test('nothing is found where nothing is', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'shiplog-left-'));
  assert.deepEqual(await sweep(dir), []);
  rmSync(dir, { recursive: true });
});
