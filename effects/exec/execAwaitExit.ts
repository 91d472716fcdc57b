/**
 * `exec.await-exit`: how an exec ended, read from its process at the shim. When nobody knows the
 * process any more, that is what is said (law 8). A look that fails is `unavailable` and is made
 * again, as with a task.
 *
 * An exec id is never used twice, so whatever is found under it is the exec: neither record nor
 * task need be asked whose they are.
 */
import type { ExitRecord } from '../../machines/container.facts.ts';
import type { EffectParams } from '../../machines/effects.ts';
import { defineHandler } from '../container/define.ts';
import type { ContainerDeps } from '../container/deps.ts';
import { orAbsent } from '../container/runRecord.ts';
import { isContainerdError } from '../containerd/errors.ts';
import type { ProcessRef, TaskExit } from '../containerd/types.ts';
import { EffectFailure } from '../failure.ts';
import type { ExecSubject, Handler } from '../handler.ts';
import {
  awaitExecOutputEnd,
  EXEC_RUN,
  hasInput,
  stdioKey,
  untilExecOutputEnd,
} from './execOutput.ts';
import type { ExecEnd, ExitReads } from './exitReads.ts';

/** For a shim that answers no wait; doubled each time. */
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
    const givenUp = (): void => reads.end(params);
    signal.addEventListener('abort', givenUp, { once: true });
    void watchInputEnd(deps, params, subject, over.signal);
    try {
      // Who deleted the task meanwhile has read it.
      const end = reads.kept(params) === undefined ? await reads.awaited(params) : undefined;
      if (end !== undefined) {
        reads.end(params);
        return exitRecord(end.exit, end.outputEnded);
      }
      const exit =
        reads.kept(params) ?? (await processEnd(deps, params, signal)) ?? reads.kept(params);
      reads.end(params);
      return exitRecord(exit, await restRead(deps, params.exec, signal));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new EffectFailure('unavailable', message, { cause: error });
    } finally {
      signal.removeEventListener('abort', givenUp);
      over.abort();
    }
  });
}

interface Started {
  /** Whether somebody may send it input. */
  readonly input: boolean;
  /** Called when it has exited; its output may not have ended. */
  exited(): void;
}

/** How a process ends that is about to be started; undefined: the wait for it broke off. */
export async function processEnded(
  deps: ContainerDeps,
  ref: ProcessRef & { readonly execId: string },
  { input, exited }: Started,
  signal: AbortSignal,
): Promise<ExecEnd | undefined> {
  // Who may still send input is let go by the question that comes after the exit.
  const all = input ? undefined : allRead(deps, ref.execId);
  const exit = await processWait(deps, ref, signal);
  if (exit === undefined) return undefined;
  exited();
  if (all?.known) return { exit, outputEnded: true };
  const rest = restRead(deps, ref.execId, signal);
  return {
    exit,
    outputEnded: await (all === undefined ? rest : Promise.race([rest, all.promise])),
  };
}

/** Becomes known once its output has ended, if ever; what goes wrong is not the exec's. */
function allRead(deps: ContainerDeps, exec: string) {
  const { promise, resolve } = Promise.withResolvers<true>();
  const all = { known: false, promise };
  untilExecOutputEnd(deps, exec).then(
    (ended) => {
      if (ended) resolve(true);
      all.known = ended;
    },
    (error: unknown) => deps.warn(error, 'nobody tells of the end of an exec’s output'),
  );
  return all;
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

export function exitRecord(exit: TaskExit | undefined, outputEnded: boolean): ExitRecord {
  if (exit === undefined) {
    const evidence = 'no such process in the task any more';
    return { code: null, atNs: null, oomKilled: false, outputEnded, evidence };
  }
  const atNs = exit.exitedAtNs === null ? null : String(exit.exitedAtNs);
  const evidence = 'process ended';
  return { code: exit.exitStatus, atNs, oomKilled: false, outputEnded, evidence };
}

/** Undefined: the process is gone with its task, and nobody knows how it ended. */
export async function processEnd(
  deps: ContainerDeps,
  { id, exec }: Ref,
  signal: AbortSignal,
): Promise<TaskExit | undefined> {
  const ref = { containerId: id, execId: exec };
  for (let pauseMs = LOOK_AGAIN_MS.first; ; pauseMs = Math.min(pauseMs * 2, LOOK_AGAIN_MS.most)) {
    const answer = await processWait(deps, ref, signal);
    if (answer !== undefined) return answer;
    const process = await orAbsent(deps.containerd.tasks.get(ref, { signal }));
    if (process === undefined || process.status === 'stopped') return process;
    await deps.system.sleep(pauseMs, signal);
  }
}

/**
 * The answer of Tasks.Wait, which comes at once for what has ended; undefined when it broke off,
 * which says nothing about the exit.
 */
export async function processWait(
  deps: ContainerDeps,
  ref: ProcessRef,
  signal: AbortSignal,
): Promise<TaskExit | undefined> {
  try {
    const exit = await deps.containerd.tasks.wait(ref, { signal });
    return exit.exitedAtNs === null ? undefined : exit;
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
