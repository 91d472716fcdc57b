/** A failed look is no exit: played with a containerd that does not answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerContext } from '../../machines/container.context.ts';
import { UNBORN } from '../../machines/container.context.ts';
import { ContainerdError, type ContainerdErrorCode } from '../containerd/errors.ts';
import type { ContainerDeps } from './deps.ts';
import { taskAwaitExit } from './taskAwaitExit.ts';

const subject: ContainerContext = { ...UNBORN, id: 'c', run: 1 };

/** A record of this run is there; its task is not to be had. */
function refusing(code: ContainerdErrorCode): ContainerDeps {
  const deps: Partial<Record<keyof ContainerDeps, unknown>> = {
    bootId: 'b',
    containerd: {
      containers: { get: async () => ({ id: 'c', labels: { 'shiplog.run': '1' } }) },
      tasks: { get: () => Promise.reject(new ContainerdError(code, 'the shim does not answer')) },
    },
  };
  return deps as ContainerDeps;
}

for (const code of ['deadline', 'unknown', 'internal', 'permission-denied'] as const) {
  test(`a look that ends with ${code} is tried again and never taken for an exit`, async () => {
    const params = { id: 'c', run: 1 };
    const { signal } = new AbortController();
    await assert.rejects(taskAwaitExit(refusing(code)).do({ params, subject, signal }), {
      kind: 'unavailable',
      message: 'the shim does not answer',
    });
  });
}
