/** Where the OOM counter lies and how it is read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTAINER_ID, plainInput } from '../spec/fixture.ts';
import { oomCounterFile, oomKills } from './oom.ts';

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
