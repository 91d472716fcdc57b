/**
 * `run.clean`: nothing of the run is left but the container's files, whatever state it was in.
 *
 * Plan: this run's task: SIGKILL and wait, if it lives; delete → the runtime's state → this run's
 *   record, output and mount. Before the delete, exits of its execs are read that nobody has read.
 *   Of a run whose end this daemon has seen, output and mount are given back beside the delete.
 * A record of another run is never touched, and then the root stays mounted: that run uses it.
 */
import type { ContainerContext } from '../../machines/container.context.ts';
import { isContainerdError } from '../containerd/errors.ts';
import type { CallOptions, TaskStatus } from '../containerd/types.ts';
import type { ExitReads } from '../exec/exitReads.ts';
import type { Handler } from '../handler.ts';
import { displaceMounts } from '../volumes/placeMounts.ts';
import { defineHandler } from './define.ts';
import type { ContainerDeps } from './deps.ts';
import { closeOutput } from './output.ts';
import { containerPaths } from './paths.ts';
import { unmountAll } from './rootMount.ts';
import { dropInitLayer } from './rootSnapshots.ts';
import { forgetTask, lookAtRun, orAbsent, runOf } from './runRecord.ts';
import { forgetRuntimeState } from './runtimeState.ts';
import { together } from './together.ts';

const SIGKILL = 9;
const ROW = {
  deadlineMs: 30_000,
  lane: 'serial',
  class: 'end',
  tries: 3,
  undo: { none: 'a process that was ended can not be brought back' },
} as const;

/** What containerd has under the container's id. */
interface Left {
  readonly record: 'none' | 'own' | 'another';
  readonly task: TaskStatus | 'none';
}

const ENDED: Left = { record: 'own', task: 'stopped' };
const DEAD: readonly Left['task'][] = ['none', 'stopped'];

/** An exec may outlive the container's process where they share the host's processes. */
const READS_MS = 5_000;

export function runClean(deps: ContainerDeps, reads: ExitReads): Handler<'run.clean'> {
  return defineHandler(ROW, async ({ params: { run }, subject, signal }) => {
    await cleanRun(deps, subject, run, signal, reads);
    return {};
  });
}

/**
 * Each step finds out for itself whether there is anything to do, but for what this daemon has just
 * seen of the run.
 */
export async function cleanRun(
  deps: ContainerDeps,
  subject: ContainerContext,
  run: number,
  signal: AbortSignal,
  reads?: ExitReads,
): Promise<void> {
  const { id } = subject;
  const options = { signal };
  const ended = deps.runs.take(id, run, 'ended');
  const { record, task } = ended ? ENDED : await leftOf(deps, id, run, options);
  if (record === 'another') {
    await together(closeOutput(deps, id, run), deps.network.close(subject, run));
    return;
  }
  const forget = async (): Promise<void> => {
    if (task !== 'none' && !DEAD.includes(task)) await endTask(deps, id, task, options);
    if (record === 'own') {
      if (reads !== undefined) await readExits(deps, reads, { id, run }, options);
      await forgetTask(deps.containerd, id, task !== 'none', options);
    }
    await forgetRuntimeState(deps, subject, signal);
  };
  const forgetRecord = async (): Promise<void> => {
    if (record === 'own') await orAbsent(deps.containerd.containers.delete(id, options));
  };
  const giveBack = (): Promise<void> =>
    together(
      closeOutput(deps, id, run),
      deps.rootMounts.runEnded(id),
      deps.network.close(subject, run),
      unmountAll(deps.system, containerPaths(deps.roots, id).shm),
    );
  // Nobody uses what a run had whose process has ended and whose output was read.
  if (ended) await together(forget().then(forgetRecord), giveBack());
  else {
    await forget();
    await together(forgetRecord(), giveBack());
  }
  await displaceMounts(deps, subject);
  // A first start that failed may have been broken off in the middle of it.
  if (!subject.everStarted) await dropInitLayer(deps, id, options);
  if (ended) deps.runs.note(id, run, 'cleaned');
}

async function leftOf(
  deps: ContainerDeps,
  id: string,
  run: number,
  options: CallOptions,
): Promise<Left> {
  const { record, task } = await lookAtRun(deps.containerd, id, run, options);
  if (record === undefined) return { record: 'none', task: 'none' };
  return { record: runOf(record) === run ? 'own' : 'another', task: task?.status ?? 'none' };
}

/** Kills what still lives, and waits for its end. */
async function endTask(
  deps: ContainerDeps,
  id: string,
  status: TaskStatus,
  options: CallOptions,
): Promise<void> {
  const { tasks } = deps.containerd;
  await orAbsent(tasks.kill({ containerId: id, signal: SIGKILL }, options));
  // Its shim waits for the end of its output before it deletes it, two seconds if need be.
  if (status === 'created') return;
  // A frozen process dies when it is thawed (cgroup v1).
  if (status === 'paused') await resumed(deps, id, options);
  await orAbsent(tasks.wait({ containerId: id }, { ...options, deadlineMs: ROW.deadlineMs }));
}

/** For those who have not come to it: they may be between two tries. */
async function readExits(
  { containerd: { tasks } }: ContainerDeps,
  reads: ExitReads,
  of: { readonly id: string; readonly run: number },
  options: CallOptions,
): Promise<void> {
  const pending = reads.pending(of.id, of.run);
  const read = async (exec: (typeof pending)[number]): Promise<void> => {
    const ref = { containerId: exec.id, execId: exec.exec };
    try {
      const process = await tasks.get(ref, options);
      // Added only, and never to end.
      if (process.status === 'created') return;
      const wait = { ...options, deadlineMs: READS_MS };
      reads.keep(exec, process.status === 'stopped' ? process : await tasks.wait(ref, wait));
    } catch (error) {
      // It is gone, it outlives its container, or its shim does not answer: nobody knows its exit.
      if (!isContainerdError(error, 'not-found', 'deadline', 'unknown', 'internal')) throw error;
    }
  };
  await together(...pending.map(read));
}

/** On cgroup v2 the kill has worked already, and there is nothing left to resume. */
async function resumed(deps: ContainerDeps, id: string, options: CallOptions): Promise<void> {
  try {
    await orAbsent(deps.containerd.tasks.resume(id, options));
  } catch (error) {
    if (!isContainerdError(error, 'unknown', 'failed-precondition')) throw error;
  }
}
