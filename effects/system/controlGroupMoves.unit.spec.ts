/** Where this process is listed, by what the kernel says of its groups. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { controlGroupMoves } from './controlGroupMoves.ts';
import { ownProcesses } from './ownGroup.ts';

const ROOT = '/sys/fs/cgroup';

test('the list of the group is found in either version, or not at all', () => {
  const places: readonly (readonly [string, string | undefined])[] = [
    ['0::/system.slice/a.service\n', `${ROOT}/system.slice/a.service/cgroup.procs`],
    ['0::/\n', `${ROOT}/cgroup.procs`],
    ['9:name=systemd:/x\n6:freezer:/y\n4:memory:/z\n0::/x\n', `${ROOT}/freezer/y/cgroup.procs`],
    ['8:pids:/p:q\n1:cpu,cpuacct:/\n', `${ROOT}/pids/p:q/cgroup.procs`],
    ['6:freezer:/../other\n', undefined],
    ['1:cpu,cpuacct:/\n', undefined],
    ['', undefined],
  ];
  for (const [membership, file] of places) assert.equal(ownProcesses(membership, ROOT), file);
});

test('it is moved again for as long as a start is expected, and not after', async () => {
  const root = mkdtempSync(join(tmpdir(), 'shiplog-moves-'));
  const file = ownProcesses(readFileSync('/proc/self/cgroup', 'utf8'), root);
  assert.ok(file !== undefined);
  mkdirSync(dirname(file), { recursive: true });
  const moved = async (patienceMs: number): Promise<boolean> => {
    writeFileSync(file, '');
    for (let waited = 0; waited < patienceMs; waited += 5) {
      await setTimeout(5);
      if (readFileSync(file, 'utf8') === String(process.pid)) return true;
    }
    return false;
  };
  writeFileSync(file, '');
  const expect = controlGroupMoves();
  const ends = [expect(root), expect(root)];
  for (const end of ends) {
    assert.ok(await moved(5_000));
    assert.ok(await moved(5_000));
    end();
  }
  await moved(50);
  assert.equal(await moved(100), false);
  rmSync(root, { recursive: true });
});

test('expecting moves moves nothing, and what can not be done is told once', async () => {
  const groups = () => readFileSync('/proc/self/cgroup', 'utf8');
  const before = groups();
  const warnings: string[] = [];
  const told = (warning: Error) => warnings.push(warning.message);
  process.on('warning', told);
  const expect = controlGroupMoves();
  const ends = [expect(ROOT), expect(ROOT)];
  await setTimeout(50);
  for (const end of ends) end();
  assert.equal(groups(), before);
  const nowhere = controlGroupMoves();
  const failed = () => warnings.filter((text) => text.includes('/proc/nothing')).length;
  const tried = async (): Promise<void> => {
    const end = nowhere('/proc/nothing');
    await setTimeout(20);
    end();
  };
  for (let times = 0; failed() === 0 && times < 500; times += 1) await tried();
  for (let times = 0; times < 3; times += 1) await tried();
  process.off('warning', told);
  assert.equal(failed(), 1);
});
