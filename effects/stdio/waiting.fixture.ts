/** Waiting for what becomes so by itself. */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

/** Fails after 10 s. */
export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1000; i += 1) {
    if (await what()) return;
    await pause(10);
  }
  assert.fail(`never: ${what}`);
}
