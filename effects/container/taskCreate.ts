/**
 * `task.create`: everything up to the process that waits to be started.
 *
 * Plan: look, unless there can be nothing (this run's task is there: done; an older run's live
 *   task: refused)
 *   → drop what an earlier run left in containerd → make the root if need be, and mount it → user,
 *   working directory; beside it the files, and the output is opened → spec → fresh record,
 *   labelled with the run → Tasks.Create. Who the user is of a root that is as its image has it,
 *   another container of the image may have told: then the record does not wait for the root.
 *   Beside all that its links are plugged into the namespace that the daemon made for it.
 *
 * The record is fresh for each run, because its label is all that tells runs apart (law 8).
 */
import type { ContainerContext } from '../../machines/container.context.ts';
import type { ProcessIdentity } from '../../machines/task.facts.ts';
import { ContainerdError } from '../containerd/errors.ts';
import type { CallOptions, Stdio, TaskProcess } from '../containerd/types.ts';
import { EffectFailure } from '../failure.ts';
import type { Handler } from '../handler.ts';
import { type CustomSpec, customSpec } from '../spec/custom.ts';
import { ociSpec } from '../spec/spec.ts';
import { InvalidTmpfs } from '../spec/tmpfs.ts';
import type { OciSpec, OciUser, SpecInput } from '../spec/types.ts';
import { lacksReadOnlyBelow, placeMounts } from '../volumes/placeMounts.ts';
import { writeContainerFiles } from './containerFiles.ts';
import { makeWorkingDirectory, userOf } from './containerRoot.ts';
import { defineHandler } from './define.ts';
import type { ContainerDeps } from './deps.ts';
import { deviceAccess } from './deviceAccess.ts';
import { deviceNumbersOf } from './deviceNumbers.ts';
import { type ImageUsers, makeImageUsers } from './imageUsers.ts';
import { initProgram } from './initProgram.ts';
import { checkDonors, sharedMemoryPath } from './joined.ts';
import { runtimeOf } from './lockedRuntime.ts';
import { openOutput } from './output.ts';
import { type ContainerPaths, containerPaths } from './paths.ts';
import { revealedEnv } from './revealedEnv.ts';
import {
  forgetTask,
  lookAtRun,
  orAbsent,
  putRecord,
  type RunSight,
  runLabels,
  runOf,
} from './runRecord.ts';
import { forgetRuntimeState } from './runtimeState.ts';
import { mountSharedMemory } from './sharedMemory.ts';
import { together } from './together.ts';

const ROW = {
  deadlineMs: 60_000,
  lane: 'serial',
  class: 'begin',
  tries: 3,
  undo: 'run.clean',
} as const;
/** dockerd's words before the text of whatever went wrong in containerd. */
const PREFIX = 'failed to create task for container: ';
const NETWORK_PREFIX = 'failed to set up container networking: ';
/**
 * containerd makes the directory of a task before it knows the task, and a call that is given up
 * takes it away again: from under the next one, if that is quick.
 */
const BUNDLE_SHARED =
  /mkdir \S+: file exists|failed to start shim: .*(?:getwd|creating fifo \S+): no such file/;
const LOOK_AGAIN_MS = 50;
/** Two seconds: containerd makes a process in a fraction of that. */
const WHOLE_LOOKS = 40;
/** A third of a second: a call that was given up takes the task that it has made away again. */
const SETTLED_LOOKS = 7;
const NOTHING: RunSight = { record: undefined, task: undefined, own: undefined };

export function taskCreate(deps: ContainerDeps): Handler<'task.create'> {
  const users = makeImageUsers();
  return defineHandler(ROW, async ({ params: { run }, subject, signal }) => {
    const { networkFailure } = subject;
    if (networkFailure !== undefined) throw networkRefused(networkFailure);
    const sandbox = await deps.network.open(subject);
    const pid = await bothDone(
      made(deps, users, subject, run, sandbox?.path ?? null, signal),
      plugged(sandbox?.ready),
    );
    return identity(deps, pid);
  });
}

/** dockerd's words; a network that is missing, and a link, are said as they are. */
function networkRefused(message: string): EffectFailure {
  const plain = /^(?:network \S+ not found$|Cannot link to )/.test(message);
  return new EffectFailure('failed', plain ? message : NETWORK_PREFIX + message);
}

async function plugged(ready: Promise<void> | undefined): Promise<void> {
  try {
    await ready;
  } catch (error) {
    const known = error instanceof EffectFailure && error.kind === 'failed';
    throw known ? networkRefused(error.message) : error;
  }
}

/** Neither is left at work behind the back of whoever looks next; what failed first is told. */
async function bothDone<T>(task: Promise<T>, network: Promise<void>): Promise<T> {
  await Promise.allSettled([network, task]);
  await network;
  return await task;
}

/** The task, with the network being set up beside. @returns its pid */
async function made(
  deps: ContainerDeps,
  users: ImageUsers,
  subject: ContainerContext,
  run: number,
  namespace: string | null,
  signal: AbortSignal,
): Promise<number> {
  const options = { signal };
  const cleaned = deps.runs.take(subject.id, run - 1, 'cleaned');
  const untouched = deps.rootMaker.untouched(subject.id);
  const fresh = cleaned || untouched;
  const sight = fresh ? NOTHING : await lookAtWhole(deps, subject.id, run, signal);
  if (sight.own !== undefined) return sight.own.pid;
  checkDonors(deps.system, subject);
  await dropEarlierRun(deps, subject, sight, signal);
  const known = untouched ? users.known(subject) : undefined;
  const root = readyRoot(deps, subject, untouched ? users : undefined, options);
  const files = writeContainerFiles(deps, subject);
  const spec = prepareSpec(deps, subject, namespace, files, known ?? root);
  // Its log lies beside the files.
  const opened = files.then(() => openOutput(deps, subject, run));
  await together(
    root,
    opened,
    spec.then((made) => writeRecord(deps, subject, run, made, options)),
  );
  const { pid, looks } = await createdTask(deps, subject, run, await opened, signal);
  checkDonors(deps.system, subject);
  if (fresh && looks === 0) deps.runs.note(subject.id, run, 'created');
  return pid;
}

/**
 * While an earlier try's call is still at work, its task is listed without a process. One that
 * stays so was left half made by a containerd that died: it is forgotten, and the run has none.
 * A created one is believed when it stays: the call that made it may have been given up.
 */
async function lookAtWhole(
  deps: ContainerDeps,
  id: string,
  run: number,
  signal: AbortSignal,
): Promise<RunSight> {
  const pids: number[] = [];
  while (pids.length <= WHOLE_LOOKS) {
    const sight = await lookAtRun(deps.containerd, id, run, { signal });
    const { own } = sight;
    if (own === undefined || started(own)) return sight;
    pids.push(own.pid);
    if (own.pid !== 0 && settled(pids)) return sight;
    await deps.system.sleep(LOOK_AGAIN_MS, signal);
  }
  const sight = await lookAtRun(deps.containerd, id, run, { signal });
  if (sight.own === undefined || sight.own.pid !== 0) return sight;
  await forgetTask(deps.containerd, id, true, { signal });
  return { ...sight, task: undefined, own: undefined };
}

function started({ pid, status }: TaskProcess): boolean {
  return pid !== 0 && status !== 'created';
}

function settled(pids: readonly number[]): boolean {
  const last = pids.slice(-SETTLED_LOOKS);
  return last.length === SETTLED_LOOKS && new Set(last).size === 1;
}

function identity(deps: ContainerDeps, pid: number): ProcessIdentity {
  return { pid, startTime: deps.system.processes.startTime(pid) ?? '', bootId: deps.bootId };
}

/**
 * Leaves containerd without a record under this id. A live task of another run is never touched.
 */
async function dropEarlierRun(
  deps: ContainerDeps,
  subject: ContainerContext,
  { record, task }: RunSight,
  signal: AbortSignal,
): Promise<void> {
  if (record === undefined) return;
  if (task !== undefined) refuseIfAlive(task, runOf(record));
  const { id } = subject;
  const options = { signal };
  await forgetTask(deps.containerd, id, task !== undefined, options);
  await forgetRuntimeState(deps, subject, signal);
  await orAbsent(deps.containerd.containers.delete(id, options));
}

function refuseIfAlive(task: TaskProcess, owner: number | undefined): void {
  if (task.status === 'stopped') return;
  const whose = owner === undefined ? 'somebody else' : `run ${owner}`;
  throw new EffectFailure('failed', `task ${task.id} of ${whose} is still ${task.status}`);
}

/**
 * The root with the directory that the process starts in.
 * @param users told who it is, where the root is as its image has it
 * @returns who it runs as; of one with a spec of its own, nobody
 */
async function readyRoot(
  deps: ContainerDeps,
  subject: ContainerContext,
  users: ImageUsers | undefined,
  options: CallOptions,
): Promise<OciUser> {
  const root = await deps.rootMounts.forRun(subject.id, options);
  // That says both, and nothing of the image.
  if (subject.custom?.spec !== undefined) return { uid: 0, gid: 0, additionalGids: [] };
  const user = userOf(deps.system, subject, root);
  users?.note(subject, user);
  makeWorkingDirectory(deps.system, subject, root);
  return user;
}

async function prepareSpec(
  deps: ContainerDeps,
  subject: ContainerContext,
  networkNamespace: string | null,
  written: Promise<ContainerPaths>,
  known: OciUser | Promise<OciUser>,
): Promise<OciSpec | CustomSpec> {
  const { root } = containerPaths(deps.roots, subject.id);
  const env = revealedEnv(deps, subject.env);
  const deviceNumbers = deviceNumbersOf(deps.system);
  const { host } = deps;
  // Also with a spec of one's own: for its log, and for who copies from it.
  const [files, user] = await Promise.all([written, known]);
  if (subject.custom?.spec !== undefined) {
    const { spec } = subject.custom;
    const own = { container: subject, spec, rootPath: root, env, host };
    return customSpec({ ...own, networkNamespace, deviceNumbers });
  }
  const placed = await placeMounts(deps, subject);
  await mountSharedMemory(deps.system, deps.roots, subject);
  const sharedMemory = sharedMemoryPath(deps.roots, subject);
  const { donors = {} } = subject;
  refuseShares(subject);
  const devices = deviceAccess(deps.system, subject.hostConfig);
  const defaults = deps.defaults();
  const init = initProgram(deps.system, subject.hostConfig, defaults);
  const paths = {
    rootPath: root,
    files,
    sharedMemory,
    placed,
    readOnlyBelow: lacksReadOnlyBelow(deps, subject) === undefined,
  };
  const asked = { devices, init, defaults, donors, deviceNumbers };
  return specOf({ container: subject, env, user, host, networkNamespace, ...asked, ...paths });
}

function specOf(input: SpecInput): OciSpec {
  try {
    return ociSpec(input);
  } catch (error) {
    if (!(error instanceof InvalidTmpfs)) throw error;
    throw new EffectFailure('failed', error.message, { cause: error });
  }
}

/** The kernel would take it for a very large number. */
function refuseShares({ hostConfig }: ContainerContext): void {
  const shares = hostConfig['CpuShares'];
  if (typeof shares !== 'number' || shares >= 0) return;
  throw new EffectFailure('failed', 'shares: invalid argument');
}

async function writeRecord(
  deps: ContainerDeps,
  subject: ContainerContext,
  run: number,
  spec: OciSpec | CustomSpec,
  options: CallOptions,
): Promise<void> {
  if (subject.runtime === null) throw new EffectFailure('failed', 'no runtime was locked in');
  const { snapshotter, containerd } = deps;
  const record = {
    id: subject.id,
    labels: runLabels(subject.id, run, deps.bootId),
    image: '',
    runtime: runtimeOf(subject.runtime),
    spec,
    snapshotter,
    snapshotKey: subject.id,
  };
  await putRecord(containerd, record, run, options);
}

/**
 * A killed daemon's call may still be at work in containerd: then its task is waited for, or made
 * as soon as that call has failed. What is in the way for longer was left by a containerd that
 * died.
 */
async function createdTask(
  deps: ContainerDeps,
  subject: ContainerContext,
  run: number,
  opened: Stdio,
  signal: AbortSignal,
): Promise<{ readonly pid: number; readonly looks: number }> {
  const { id } = subject;
  let stdio = opened;
  for (let looks = 0; ; looks += 1) {
    const pid = await createTask(deps, id, stdio, { signal });
    if (pid !== undefined) return { pid, looks };
    await deps.system.sleep(LOOK_AGAIN_MS, signal);
    const { own } = await lookAtWhole(deps, id, run, signal);
    if (own !== undefined) return { pid: own.pid, looks: looks + 1 };
    if ((looks + 1) % WHOLE_LOOKS === 0) await forgetRest(deps, id, { signal });
    // Anew: the call that failed meanwhile has closed its ends.
    stdio = await openOutput(deps, subject, run);
  }
}

/** A task that has come in the same moment can not be forgotten: it is seen at the next look. */
async function forgetRest(deps: ContainerDeps, id: string, options: CallOptions): Promise<void> {
  try {
    await forgetTask(deps.containerd, id, false, options);
  } catch (error) {
    if (!(error instanceof ContainerdError) || error.code !== 'failed-precondition') throw error;
  }
}

/**
 * The root is mounted already, so containerd is given no mounts of its own.
 * @returns pid; undefined: an earlier call is still at it
 * @throws EffectFailure, ContainerdError
 */
async function createTask(
  deps: ContainerDeps,
  id: string,
  stdio: Stdio,
  options: CallOptions,
): Promise<number | undefined> {
  const moved = deps.system.controlGroups.expectMoves(deps.cgroupRoot);
  try {
    const task = { containerId: id, rootfs: [], ...stdio };
    const call = { ...options, deadlineMs: ROW.deadlineMs };
    return (await deps.containerd.tasks.create(task, call)).pid;
  } catch (error) {
    if (!(error instanceof ContainerdError)) throw error;
    if (error.code === 'already-exists' || BUNDLE_SHARED.test(error.message)) return undefined;
    // The code stays: it says whether to look again. Only the text is dockerd's.
    throw new ContainerdError(error.code, PREFIX + error.message, { cause: error });
  } finally {
    moved();
  }
}
