/** A failed look is no exit: played with a containerd that does not answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerContext } from '../../machines/container.context.ts';
import { UNBORN } from '../../machines/container.context.ts';
import { ContainerdError, type ContainerdErrorCode } from '../containerd/errors.ts';
import type { ContainerDeps } from './deps.ts';
import { makeRunMemory } from './runMemory.ts';
import { taskAwaitExit } from './taskAwaitExit.ts';

const subject: ContainerContext = { ...UNBORN, id: 'c', run: 1 };

/**
 * A record of this run is there; its task is not to be had.
 * @param known this daemon has started it
 */
function refusing(code: ContainerdErrorCode, known: boolean): ContainerDeps {
  const runs = makeRunMemory();
  if (known) runs.note('c', 1, 'started');
  const refused = () => Promise.reject(new ContainerdError(code, 'the shim does not answer'));
  const deps: Partial<Record<keyof ContainerDeps, unknown>> = {
    bootId: 'b',
    runs,
    containerd: {
      containers: { get: async () => ({ id: 'c', labels: { 'shiplog.run': '1' } }) },
      tasks: { get: refused, wait: refused },
    },
  };
  return deps as ContainerDeps;
}

for (const known of [false, true]) {
  for (const code of ['deadline', 'unknown', 'internal', 'permission-denied'] as const) {
    const whose = known ? 'of our own task' : 'of any task';
    test(`a look ${whose} that ends with ${code} is tried again, and is no exit`, async () => {
      const params = { id: 'c', run: 1 };
      const { signal } = new AbortController();
      const handler = taskAwaitExit(refusing(code, known));
      await assert.rejects(handler.do({ params, subject, signal }), {
        kind: 'unavailable',
        message: 'the shim does not answer',
      });
    });
  }
}
