/**
 * `task.await-exit`: how the run ended. The exit is read from the task itself; an event is only a
 * hint to look, and containerd's 137 and 255 for a shim that vanished are its inventions, so they
 * are never asked for: what nobody knows is said to be unknown, with what was seen (law 8).
 *
 * Plan: look → wait, if it lives → look again → OOM counter → end of the output. A task that this
 *   daemon itself has just started is waited for without a look: it can be of no other run.
 *
 * A look that fails says nothing about the process, however often it does: a shim that does not
 * answer may have a healthy container, which an exit told too early would get killed. So whatever
 * goes wrong here is `unavailable`, and the agenda looks again for as long as it takes.
 */
import type { ContainerContext } from '../../machines/container.context.ts';
import type { ExitRecord } from '../../machines/container.facts.ts';
import { isContainerdError } from '../containerd/errors.ts';
import type { CallOptions, ContainerRecord, TaskExit } from '../containerd/types.ts';
import { EffectFailure } from '../failure.ts';
import type { Handler } from '../handler.ts';
import { defineHandler } from './define.ts';
import type { ContainerDeps } from './deps.ts';
import { readOomKills } from './oom.ts';
import { awaitOutputEnd } from './output.ts';
import { BOOT_LABEL, lookAtRun, type RunSight, runOf } from './runRecord.ts';
import { livesWithoutRecord } from './runRecordAgain.ts';
import { watchStdinEnd } from './stdinEnd.ts';

/**
 * After the end of a wait the task may still show as running for a moment; doubled each time, for
 * a shim that answers no wait at all.
 */
const LOOK_AGAIN_MS = { first: 50, most: 5_000 };

type Seen =
  | {
      readonly known: true;
      readonly exit: TaskExit;
      readonly evidence: string;
      /** Its task is still there. */
      readonly stopped: boolean;
    }
  | { readonly known: false; readonly evidence: string };

export function taskAwaitExit(deps: ContainerDeps): Handler<'task.await-exit'> {
  const row = {
    deadlineMs: null,
    lane: 'own',
    class: 'look',
    tries: 3,
    undo: { none: 'it only looks' },
  } as const;
  return defineHandler(row, async ({ params: { id, run }, subject, signal }) => {
    const over = new AbortController();
    void watchStdinEnd(deps, subject, run, over.signal);
    try {
      const seen = await ended(deps, id, run, signal);
      if (!seen.known) await refuseIfAlive(deps, subject, { signal });
      const record = await exitRecord(deps, subject, run, seen);
      const known = deps.runs.take(id, run, 'started');
      if (known && seen.known && seen.stopped && record.outputEnded)
        deps.runs.note(id, run, 'ended');
      return record;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new EffectFailure('unavailable', message, { cause: error });
    } finally {
      over.abort();
    }
  });
}

/** Somebody deleted the record alone: `run.record` writes it again, and then there is an answer. */
async function refuseIfAlive(
  deps: ContainerDeps,
  subject: ContainerContext,
  options: CallOptions,
): Promise<void> {
  if (!(await livesWithoutRecord(deps, subject, options))) return;
  const { id, run } = subject;
  const { record } = await lookAtRun(deps.containerd, id, run, options);
  if (record !== undefined && runOf(record) !== run) return;
  throw new EffectFailure('unavailable', 'its record is gone and its task is not');
}

/** Waits until the run's process has ended or nobody knows it any more. */
async function ended(
  deps: ContainerDeps,
  id: string,
  run: number,
  signal: AbortSignal,
): Promise<Seen> {
  const started = deps.runs.is(id, run, 'started');
  if (started) {
    const exit = await waited(deps, id, signal);
    if (typeof exit?.exitedAtNs === 'bigint') {
      return { known: true, exit, evidence: 'task ended', stopped: true };
    }
  }
  const first = await lookAtRun(deps.containerd, id, run, { signal });
  if (first.own === undefined && !started) {
    return { known: false, evidence: absence(deps, first, run) };
  }
  let pauseMs = LOOK_AGAIN_MS.first;
  for (let sight = first; ; ) {
    const { own } = sight;
    if (own === undefined) return { known: false, evidence: vanished(deps, sight, run) };
    if (own.status === 'stopped') {
      return { known: true, exit: own, evidence: 'task status STOPPED', stopped: true };
    }
    const answer = await waited(deps, id, signal);
    sight = await lookAtRun(deps.containerd, id, run, { signal });
    if (answer !== undefined && sight.own === undefined) {
      const evidence = 'wait answered, task deleted since';
      return { known: true, exit: answer, evidence, stopped: false };
    }
    if (sight.own !== undefined && sight.own.status !== 'stopped') {
      await deps.system.sleep(pauseMs, signal);
      pauseMs = Math.min(pauseMs * 2, LOOK_AGAIN_MS.most);
    }
  }
}

/**
 * The answer of Tasks.Wait; undefined when it broke off because the shim is gone (`ttrpc:
 * closed`), which says nothing about the exit.
 */
async function waited(
  deps: ContainerDeps,
  id: string,
  signal: AbortSignal,
): Promise<TaskExit | undefined> {
  try {
    return await deps.containerd.tasks.wait({ containerId: id }, { signal });
  } catch (error) {
    if (isContainerdError(error, 'unknown', 'not-found', 'internal')) return undefined;
    throw error;
  }
}

/** Why there is no task of this run to ask. */
function absence(deps: ContainerDeps, { record }: RunSight, run: number): string {
  if (record === undefined) return 'no record, no task';
  const owner = runOf(record);
  if (owner !== run) return `record is of run ${owner ?? 'nobody of ours'}`;
  return `record of run ${run}, no task, ${bootOf(deps, record)}`;
}

/** The task was there a moment ago and no exit was ever shown. */
function vanished(deps: ContainerDeps, sight: RunSight, run: number): string {
  return `shim gone: ${absence(deps, sight, run)}`;
}

function bootOf(deps: ContainerDeps, record: ContainerRecord): string {
  return record.labels[BOOT_LABEL] === deps.bootId ? 'same boot' : 'boot id differs';
}

async function exitRecord(
  deps: ContainerDeps,
  subject: ContainerContext,
  run: number,
  seen: Seen,
): Promise<ExitRecord> {
  // Before the output: the counter goes with the cgroup. Without a task it may be another run's.
  const oomKills = (seen.known ? await readOomKills(deps, subject) : undefined) ?? 0;
  const killed = { oomKilled: oomKills > 0, oomKills };
  const outputEnded = await awaitOutputEnd(deps, subject.id, run);
  const { evidence } = seen;
  if (!seen.known) return { code: null, atNs: null, ...killed, outputEnded, evidence };
  const atNs = seen.exit.exitedAtNs === null ? null : String(seen.exit.exitedAtNs);
  return { code: seen.exit.exitStatus, atNs, ...killed, outputEnded, evidence };
}
