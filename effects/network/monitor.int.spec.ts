/** Commands that tell of changes, end, and lose some. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { monotonicMs } from '../system/clock.ts';
import { Monitor } from './monitor.ts';

const DEADLINE_MS = 20_000;

async function until(done: () => boolean): Promise<void> {
  const due = monotonicMs() + DEADLINE_MS;
  while (!done()) {
    assert.ok(monotonicMs() < due, `waited ${DEADLINE_MS} ms`);
    await pause(10);
  }
}

/** What a shell script tells a monitor. */
function listening(script: string) {
  const told = { heard: [] as string[], missed: 0 };
  const monitor = new Monitor({
    command: 'sh',
    args: ['-c', script],
    heard: (line) => told.heard.push(line),
    missed: () => {
      told.missed += 1;
    },
  });
  return { told, monitor };
}

test('what it says is heard, and what it complains of was missed, a crowd together', async () => {
  const script = 'echo one; for each in 1 2 3 4; do echo lost >&2; done; echo two; exec sleep 60';
  const { told, monitor } = listening(script);
  await until(() => told.missed > 0 && told.heard.length === 2);
  assert.deepEqual(told.heard, ['one', 'two']);
  assert.ok(told.missed < 4);
  monitor.close();
});

test('one that ends is started again, and what was missed meanwhile is looked for', async () => {
  const { told, monitor } = listening('echo here');
  await until(() => told.missed > 0);
  monitor.close();
  assert.ok(told.heard.length >= 2);
});
