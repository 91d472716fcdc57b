/**
 * `exec.start`: one more process in the container's task, running.
 * Plan: look (begun, or even ended: done; added by an earlier try: taken away again) → process
 *   → open the output → Tasks.Exec → Tasks.Start.
 *
 * A process that was added is never started a second time: a shim whose exec failed to start dies
 * of it, and takes the container with it. Nobody knows whether the earlier try came that far.
 */
import type { EffectParams } from '../../machines/effects.ts';
import { defineHandler } from '../container/define.ts';
import type { ContainerDeps } from '../container/deps.ts';
import { lookAtRun, orAbsent } from '../container/runRecord.ts';
import { isContainerdError } from '../containerd/errors.ts';
import type { CallOptions, TaskProcess } from '../containerd/types.ts';
import { EffectFailure } from '../failure.ts';
import type { ExecSubject, Handler } from '../handler.ts';
import { openExecOutput } from './execOutput.ts';
import { execProcess } from './execProcess.ts';
import type { ExitReads } from './exitReads.ts';

const ROW = {
  deadlineMs: 30_000,
  lane: 'serial',
  class: 'exec',
  tries: 3,
  undo: 'exec.clean',
} as const;

interface Ref {
  readonly containerId: string;
  readonly execId: string;
}

export function execStart(deps: ContainerDeps, reads: ExitReads): Handler<'exec.start'> {
  return defineHandler(ROW, async ({ params, subject, signal }) => {
    const pid = await running(deps, params, subject, signal);
    // The container may end before this is on record, and its task is not to go unread then.
    reads.begin(params);
    return { pid };
  });
}

/** @returns the process's pid */
async function running(
  deps: ContainerDeps,
  { id, run, exec }: EffectParams['exec.start'],
  subject: ExecSubject,
  signal: AbortSignal,
): Promise<number> {
  const { tasks } = deps.containerd;
  const options = { signal };
  const ref = { containerId: id, execId: exec };
  // An exec id is never used twice: the process under it belongs to this run.
  const [{ own }, known] = await Promise.all([
    lookAtRun(deps.containerd, id, run, options),
    orAbsent(tasks.get(ref, options)),
  ]);
  if (own === undefined || own.status === 'stopped') {
    throw new EffectFailure('failed', `container ${id} is not running`);
  }
  const begun = await earlierTry(deps, ref, known, options);
  if (begun !== undefined) return begun.pid;
  const stdio = await openExecOutput(deps, subject.exec);
  const spec = execProcess(deps, subject);
  await added(tasks.exec({ ...ref, ...stdio, spec }, options));
  return (await tasks.start(ref, { ...options, deadlineMs: ROW.deadlineMs })).pid;
}

/** A killed daemon's call may still be at work: what comes of it is seen at the next look. */
async function added(answer: Promise<void>): Promise<void> {
  try {
    await answer;
  } catch (error) {
    if (!isContainerdError(error, 'already-exists')) throw error;
    throw new EffectFailure('deadline', error.message, { cause: error });
  }
}

/** What an earlier try has begun; what it has only added is taken away. */
async function earlierTry(
  deps: ContainerDeps,
  ref: Ref,
  known: TaskProcess | undefined,
  options: CallOptions,
): Promise<TaskProcess | undefined> {
  const { tasks } = deps.containerd;
  if (known === undefined || known.status !== 'created') return known;
  try {
    await orAbsent(tasks.deleteProcess(ref, options));
    return undefined;
  } catch (error) {
    if (!isContainerdError(error, 'unknown', 'failed-precondition')) throw error;
    // The earlier try is still at it, and has come further since it was looked at.
    throw new EffectFailure('deadline', error.message, { cause: error });
  }
}
