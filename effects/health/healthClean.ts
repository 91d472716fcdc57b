/**
 * `health.clean`: nothing of the run's last probe is left, whatever became of it. It is asked for
 * when the run has ended, which has taken the process with it but not what it wrote to.
 */
import { defineHandler } from '../container/define.ts';
import type { ContainerDeps } from '../container/deps.ts';
import { lookAtRun } from '../container/runRecord.ts';
import { forgetProcess } from '../exec/execClean.ts';
import { closeExecOutput } from '../exec/execOutput.ts';
import type { Handler } from '../handler.ts';
import { ProbeJournal } from './probeJournal.ts';

const ROW = {
  deadlineMs: 30_000,
  lane: 'own',
  class: 'end',
  tries: 5,
  undo: { none: 'a process that has ended can not be brought back' },
} as const;

export function healthClean(deps: ContainerDeps): Handler<'health.clean'> {
  return defineHandler(ROW, async ({ params, signal }) => {
    const journal = new ProbeJournal(deps.side, params);
    const exec = journal.underWay();
    if (exec === undefined) return {};
    const { own } = await lookAtRun(deps.containerd, params.id, params.run, { signal });
    if (own !== undefined) await forgetProcess(deps, params.id, exec, signal);
    await closeExecOutput(deps, exec);
    journal.end(exec);
    return {};
  });
}

/** For a removal that comes first: the processes of its probes went with the task. */
export async function forgetProbe(deps: ContainerDeps, id: string, run: number): Promise<void> {
  const journal = new ProbeJournal(deps.side, { id, run });
  const exec = journal.leftover();
  if (exec === undefined) return;
  await closeExecOutput(deps, exec);
  journal.end(exec);
}
