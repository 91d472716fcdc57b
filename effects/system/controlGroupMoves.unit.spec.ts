/** Where this process is listed, by what the kernel says of its groups. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { controlGroupMoves, ownProcesses } from './controlGroupMoves.ts';

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
