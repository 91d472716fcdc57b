/**
 * `task.update`: brings changed limits into the control group of the run.
 * Plan: look (no task, or ended: done, the next run begins with them) → Tasks.Update.
 *
 * Done twice it writes the same values again.
 */
import type { Handler } from '../handler.ts';
import { resourcesOf } from '../spec/resources.ts';
import { defineHandler } from './define.ts';
import type { ContainerDeps } from './deps.ts';
import { deviceNumbersOf } from './deviceNumbers.ts';
import { lookAtRun } from './runRecord.ts';

const ROW = {
  deadlineMs: 30_000,
  lane: 'serial',
  class: 'signal',
  tries: 3,
  undo: { none: 'the former values are in the log, and an update may bring them back' },
} as const;

export function taskUpdate(deps: ContainerDeps): Handler<'task.update'> {
  return defineHandler(ROW, async ({ params: { id, run, changes }, signal }) => {
    const { own } = await lookAtRun(deps.containerd, id, run, { signal });
    if (own === undefined || own.status === 'stopped') return {};
    const resources = resourcesOf(changes.resources ?? {}, deviceNumbersOf(deps.system));
    await deps.containerd.tasks.update(id, resources, { signal });
    return {};
  });
}
