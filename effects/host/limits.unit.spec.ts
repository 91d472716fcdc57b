import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { kernelLimits, limitWarnings } from './limits.ts';

function withFiles<T>(files: Readonly<Record<string, string>>, use: (root: string) => T): T {
  const root = mkdtempSync(join(tmpdir(), 'shiplog-limits-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return use(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('version 1: a controller that is mounted offers what its files say', () => {
  const files = { 'memory/memory.limit_in_bytes': '', 'cpu/cpu.shares': '', 'pids/x': '' };
  withFiles(files, (root) => {
    const limits = kernelLimits(1, root, () => '1\n');
    assert.deepEqual([limits.memory, limits.swap, limits.cpuShares], [true, false, true]);
    assert.deepEqual([limits.pids, limits.cpuQuota, limits.ipv4Forwarding], [true, false, true]);
    assert.deepEqual(limitWarnings(limits, 1).slice(0, 4), [
      'WARNING: No swap limit support',
      'WARNING: No kernel memory TCP limit support',
      'WARNING: No oom kill disable support',
      'WARNING: No cpu cfs quota support',
    ]);
    assert.ok(
      limitWarnings(limits, 1).includes('WARNING: No blkio throttle.read_bps_device support'),
    );
  });
});

test('version 2: the root names the controllers, swap is seen in a group below', () => {
  const files = { 'cgroup.controllers': 'cpu memory pids\n', 'system/memory.swap.max': 'max' };
  withFiles(files, (root) => {
    const limits = kernelLimits(2, root, () => '0');
    assert.deepEqual([limits.memory, limits.swap, limits.cpuset], [true, true, false]);
    const said = limitWarnings(limits, 2);
    assert.deepEqual(
      [said[0], said[1], said.at(-1)],
      [
        'WARNING: No cpuset support',
        'WARNING: No io.weight support',
        'WARNING: IPv4 forwarding is disabled',
      ],
    );
  });
});

test('forwarding that is switched on later is seen', () => {
  withFiles({ 'cgroup.controllers': '' }, (root) => {
    let now = '0';
    const limits = kernelLimits(2, root, () => now);
    now = '1';
    assert.equal(limits.ipv4Forwarding, true);
    assert.doesNotMatch(limitWarnings(limits, 2).join(), /forwarding/);
  });
});
