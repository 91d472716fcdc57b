/** The life of a container as a list of requests, for crashes at any moment of it. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../support/leftovers.ts';
import type { TemporaryDaemon } from '../support/temporaryDaemon.ts';
import { act, createWith, exec, load, remove } from './asks.ts';

type Step = (daemon: TemporaryDaemon, name: string) => Promise<void>;

const SCENARIO: readonly Step[] = [
  load,
  createWith(),
  act('start'),
  exec,
  act('pause'),
  act('unpause'),
  act('restart'),
  act('stop'),
  act('start'),
  // SIGINT is ignored, so that the timer of the stop falls due.
  act('stop?signal=INT&t=1'),
  remove(),
];

/** Asks step by step until the daemon dies or the end; a refusal on the way is no failure. */
export async function untilDeath(daemon: TemporaryDaemon, name: string): Promise<void> {
  for (const step of SCENARIO) {
    try {
      await step(daemon, name);
    } catch (error) {
      if (error instanceof assert.AssertionError) return;
      await sleep(20);
      if (isAlive(daemon.pid())) throw error;
    }
    if (!isAlive(daemon.pid())) return;
  }
}
