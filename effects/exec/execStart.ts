/**
 * `exec.start`: one more process in the container's task, running.
 * Plan: look, unless this daemon runs the container and tries for the first time (begun, or even
 *   ended: done; added by an earlier try: taken away again) → open the output, Tasks.Exec beside it
 *   → Tasks.Start. Its end is waited for beside that.
 *
 * A process that was added is never started a second time: a shim whose exec failed to start dies
 * of it, and takes the container with it. Nobody knows whether the earlier try came that far.
 */
import type { EffectParams } from '../../machines/effects.ts';
import { defineHandler } from '../container/define.ts';
import type { ContainerDeps } from '../container/deps.ts';
import { lookAtRun, orAbsent } from '../container/runRecord.ts';
import { together } from '../container/together.ts';
import { isContainerdError } from '../containerd/errors.ts';
import type { CallOptions, TaskProcess } from '../containerd/types.ts';
import { EffectFailure } from '../failure.ts';
import type { ExecSubject, Handler } from '../handler.ts';
import { nextTurn } from '../system/clock.ts';
import { exitRecord, processEnded } from './execAwaitExit.ts';
import { execStdio, hasInput, openExecOutput } from './execOutput.ts';
import { execProcess } from './execProcess.ts';
import type { ExitReads } from './exitReads.ts';

const ROW = {
  deadlineMs: 30_000,
  lane: 'serial',
  class: 'exec',
  tries: 3,
  undo: 'exec.clean',
} as const;

/** How long the start of what has ended already waits for the end of its output. */
const REST_MS = 5;

/** Of a container that has just ended. */
const ENDED = /cannot exec in a (stopped|deleted) state/;

interface Ref {
  readonly containerId: string;
  readonly execId: string;
}

export function execStart(deps: ContainerDeps, reads: ExitReads): Handler<'exec.start'> {
  return defineHandler(ROW, async ({ params, subject, signal }) => {
    // The container may end before it is on record, and its task is not to go unread then.
    const first = reads.begin(params);
    const known = first && deps.runs.is(params.id, params.run, 'started');
    try {
      const { pid, over } = await running(deps, reads, params, subject, known, signal);
      // Of what has ended already the rest comes in a moment: one append instead of two.
      const end = over ? await reads.early(params, deps.system.sleep(REST_MS)) : undefined;
      if (end === undefined) return { pid };
      reads.keep(params, end.exit);
      return { pid, exit: exitRecord(end.exit, end.outputEnded) };
    } catch (error) {
      reads.notBegun(params);
      throw error;
    }
  });
}

/**
 * @param known nothing was tried, and the container runs or has just ended
 * @returns the process's pid, and whether it has ended already
 */
async function running(
  deps: ContainerDeps,
  reads: ExitReads,
  params: EffectParams['exec.start'],
  subject: ExecSubject,
  known: boolean,
  signal: AbortSignal,
): Promise<{ readonly pid: number; readonly over?: boolean }> {
  const { tasks } = deps.containerd;
  const { id, run, exec } = params;
  const options = { signal };
  const ref = { containerId: id, execId: exec };
  if (!known) {
    const begun = await earlierTry(deps, ref, run, options);
    if (begun !== undefined) return begun;
  }
  const process = { ...ref, ...execStdio(deps, subject.exec), spec: execProcess(deps, subject) };
  // First of all what takes longest: each call leaves before the next is prepared.
  const adding = added(tasks.exec(process, options), id);
  const ready = together(
    adding,
    nextTurn().then(() => openExecOutput(deps, subject.exec)),
  );
  const moved = deps.system.controlGroups.expectMoves(deps.cgroupRoot);
  try {
    await ready;
    let over = false;
    const exited = (): void => {
      over = true;
    };
    const input = hasInput(subject.exec);
    const started = tasks.start(ref, { ...options, deadlineMs: ROW.deadlineMs });
    reads.await(params, async (lost) => {
      await nextTurn();
      return await processEnded(deps, ref, { input, exited }, lost);
    });
    const { pid } = await started;
    return { pid, over };
  } finally {
    moved();
  }
}

/**
 * A killed daemon's call may still be at work: what comes of it is seen at the next look. Without a
 * task there is nothing to add to.
 */
async function added(answer: Promise<void>, id: string): Promise<void> {
  try {
    await answer;
  } catch (error) {
    const gone = isContainerdError(error, 'not-found');
    const ended = isContainerdError(error, 'unknown') && ENDED.test(error.message);
    if (gone || ended) throw notRunning(id, error);
    if (!isContainerdError(error, 'already-exists')) throw error;
    throw new EffectFailure('deadline', error.message, { cause: error });
  }
}

function notRunning(id: string, cause?: unknown): EffectFailure {
  return new EffectFailure('failed', `container ${id} is not running`, { cause });
}

/** What an earlier try has begun; what it has only added is taken away. */
async function earlierTry(
  deps: ContainerDeps,
  ref: Ref,
  run: number,
  options: CallOptions,
): Promise<TaskProcess | undefined> {
  const { tasks } = deps.containerd;
  // An exec id is never used twice: the process under it belongs to this run.
  const [{ own }, known] = await Promise.all([
    lookAtRun(deps.containerd, ref.containerId, run, options),
    orAbsent(tasks.get(ref, options)),
  ]);
  if (own === undefined || own.status === 'stopped') throw notRunning(ref.containerId);
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
