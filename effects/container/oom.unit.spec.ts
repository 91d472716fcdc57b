/** Where the OOM counter lies and how it is read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTAINER_ID, plainInput } from '../spec/fixture.ts';
import { killsByNow, oomCounterFile, oomKills, readOomKills } from './oom.ts';

const { container, host } = plainInput();

test('on version 1 the counter lies in the memory hierarchy', () => {
  assert.equal(
    oomCounterFile(container, host, '/cg'),
    `/cg/memory/shiplog/${CONTAINER_ID}/memory.oom_control`,
  );
});

test('on version 2 with systemd it lies in the scope below its slices', () => {
  const input = plainInput({}, { CgroupParent: 'a-b.slice' });
  const systemd = { ...host, cgroup: { version: 2, driver: 'systemd' } } as const;
  assert.equal(
    oomCounterFile(input.container, systemd, '/cg'),
    `/cg/a.slice/a-b.slice/shiplog-${CONTAINER_ID}.scope/memory.events`,
  );
});

test('the counter is the line oom_kill, not the lines that look like it', () => {
  assert.equal(oomKills('oom_kill_disable 0\nunder_oom 0\noom_kill 2\n'), 2);
  assert.equal(oomKills('low 0\noom 3\noom_kill 0\noom_group_kill 1\n'), 0);
  assert.equal(oomKills(''), 0);
});

test('a group that is gone counts nothing, and leaves the hint alone to go by', async () => {
  const system = { files: { readText: async () => undefined } };
  assert.equal(
    await readOomKills({ system, host, cgroupRoot: '/cg' } as never, container),
    undefined,
  );
  assert.equal(killsByNow(0, undefined, true), 1);
  assert.equal(killsByNow(2, undefined, true), 3);
  assert.equal(killsByNow(2, undefined, false), 2, 'whoever looks unasked learns nothing');
  assert.equal(killsByNow(0, 4, true), 4);
});
