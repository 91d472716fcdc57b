/**
 * `exec.await-exit`: how an exec ended, read from its process at the shim. When nobody knows the
 * process any more, that is what is said (law 8). A look that fails is `unavailable` and is made
 * again, as with a task.
 */
import type { ExitRecord } from '../../machines/container.facts.ts';
import type { EffectParams } from '../../machines/effects.ts';
import { defineHandler } from '../container/define.ts';
import type { ContainerDeps } from '../container/deps.ts';
import { lookAtRun, orAbsent } from '../container/runRecord.ts';
import { isContainerdError } from '../containerd/errors.ts';
import type { TaskExit } from '../containerd/types.ts';
import { EffectFailure } from '../failure.ts';
import type { ExecSubject, Handler } from '../handler.ts';
import { awaitExecOutputEnd, EXEC_RUN, hasInput, stdioKey } from './execOutput.ts';
import type { ExitReads } from './exitReads.ts';

/** After a wait the process may still show as running for a moment; doubled each time. */
const LOOK_AGAIN_MS = { first: 50, most: 5_000 };
/** One question to the stdio process about the end of input; asked again until the exec ended. */
const ASK_MS = 30_000;
const ASK_AGAIN_MS = 1_000;

type Ref = EffectParams['exec.await-exit'];

export function execAwaitExit(deps: ContainerDeps, reads: ExitReads): Handler<'exec.await-exit'> {
  const undo = { none: 'it only looks' };
  const row = { deadlineMs: null, lane: 'own', class: 'look', tries: 3, undo } as const;
  return defineHandler(row, async ({ params, subject, signal }) => {
    const over = new AbortController();
    reads.begin(params);
    void watchInputEnd(deps, params, subject, over.signal);
    try {
      // Who deleted the task meanwhile has read it.
      const exit =
        reads.kept(params) ?? (await processEnd(deps, params, signal)) ?? reads.kept(params);
      reads.end(params);
      const outputEnded = await restRead(deps, params.exec, signal);
      return record(exit, outputEnded);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new EffectFailure('unavailable', message, { cause: error });
    } finally {
      if (signal.aborted) reads.end(params);
      over.abort();
    }
  });
}

/** The exit can not be read a second time: a stdio process that is away does not cost it. */
async function restRead(deps: ContainerDeps, exec: string, signal: AbortSignal): Promise<boolean> {
  try {
    return await awaitExecOutputEnd(deps, exec);
  } catch (error) {
    if (signal.aborted) throw error;
    deps.warn(error, 'nobody knows whether all of an exec’s output was read');
    return false;
  }
}

function record(exit: TaskExit | undefined, outputEnded: boolean): ExitRecord {
  if (exit === undefined) {
    const evidence = 'no such process in the task any more';
    return { code: null, atNs: null, oomKilled: false, outputEnded, evidence };
  }
  const atNs = exit.exitedAtNs === null ? null : String(exit.exitedAtNs);
  const evidence = 'process status STOPPED';
  return { code: exit.exitStatus, atNs, oomKilled: false, outputEnded, evidence };
}

/** Undefined: the process is gone with its task, and nobody knows how it ended. */
export async function processEnd(
  deps: ContainerDeps,
  { id, run, exec }: Ref,
  signal: AbortSignal,
): Promise<TaskExit | undefined> {
  const ref = { containerId: id, execId: exec };
  let answer: TaskExit | undefined;
  for (let pauseMs = LOOK_AGAIN_MS.first; ; pauseMs = Math.min(pauseMs * 2, LOOK_AGAIN_MS.most)) {
    const [{ own }, process] = await Promise.all([
      lookAtRun(deps.containerd, id, run, { signal }),
      orAbsent(deps.containerd.tasks.get(ref, { signal })),
    ]);
    if (own === undefined || process === undefined) return answer;
    if (process.status === 'stopped') return process;
    if (answer !== undefined) await deps.system.sleep(pauseMs, signal);
    answer = await waited(deps, ref, signal);
    if (answer === undefined) await deps.system.sleep(pauseMs, signal);
  }
}

/** The answer of Tasks.Wait; undefined when it broke off, which says nothing about the exit. */
async function waited(
  deps: ContainerDeps,
  ref: { readonly containerId: string; readonly execId: string },
  signal: AbortSignal,
): Promise<TaskExit | undefined> {
  try {
    return await deps.containerd.tasks.wait(ref, { signal });
  } catch (error) {
    if (isContainerdError(error, 'unknown', 'not-found', 'internal')) return undefined;
    throw error;
  }
}

/** Passes the end of the client's input on to the process. Never throws. */
async function watchInputEnd(
  deps: ContainerDeps,
  { id, exec }: Ref,
  subject: ExecSubject,
  over: AbortSignal,
): Promise<void> {
  if (!hasInput(subject.exec)) return;
  while (!over.aborted) {
    try {
      if (!(await deps.stdio.awaitStdinClosed(stdioKey(exec), EXEC_RUN, ASK_MS))) continue;
      if (over.aborted) return;
      await deps.containerd.tasks.closeIO({ containerId: id, execId: exec }, { signal: over });
      return;
    } catch (error) {
      if (over.aborted || isContainerdError(error, 'not-found')) return;
      deps.warn(error, 'the end of an exec’s stdin could not be passed on yet');
      await deps.system.sleep(ASK_AGAIN_MS);
    }
  }
}
