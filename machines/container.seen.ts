/**
 * What containerd shows beside what the log says: every difference as a sentence, and what to tell
 * the actors about it. Pure: both pictures come in. Nothing here is an order; a difference that the
 * open agenda settles by itself (an exit that is being read) is said as well, for it is so now.
 */
import { containerStream, taskStream } from './container.decide.ts';
import type { Observation } from './decision.ts';
import type { ContainerId, StreamName } from './words.ts';

/** A container that is not removed, as the log has it. */
export interface LoggedContainer {
  readonly id: ContainerId;
  readonly name: string;
  /** Its state in words, e.g. `running`, `exited.clean`. */
  readonly phase: string;
  readonly run: number;
  /** Its root is a directory of the host, not a snapshot. */
  readonly externalRoot?: boolean;
}

/** containerd's word of a task. */
export interface SeenTask {
  readonly id: string;
  readonly status: string;
  readonly pid: number;
}

export interface SeenRecord {
  readonly id: string;
  /** The run that wrote it, if it is labelled as ours. */
  readonly run: number | null;
  readonly snapshotKey: string;
}

/** All that lies in our namespace, as of one look. */
export interface Sight {
  readonly tasks: readonly SeenTask[];
  readonly records: readonly SeenRecord[];
  /** Keys of the snapshots that somebody can write to; those of layers are left out. */
  readonly snapshots: readonly string[];
  /** What images lack: id of the image, and what is missing. */
  readonly images: readonly { readonly id: string; readonly missing: string }[];
  /** Names of the volumes whose directory is not there; absent: nobody looked. */
  readonly volumesGone?: readonly string[];
}

export type DifferenceKind =
  | 'task-gone'
  | 'task-ended'
  | 'record-gone'
  | 'record-of-another-run'
  | 'paused'
  | 'resumed'
  | 'task-left-over'
  | 'removed-left-over'
  | 'root-gone'
  | 'image-incomplete'
  | 'volume-gone'
  | 'task-unknown'
  | 'record-unknown'
  | 'snapshot-unknown';

export interface Difference {
  readonly kind: DifferenceKind;
  /** Id of the container, record, snapshot or image. */
  readonly subject: string;
  /** For people and for the log. */
  readonly sentence: string;
  /** What its actor is told; null: nobody is. */
  readonly observation: Observation | null;
}

/** Those that the actors settle once they are told; all others last until somebody acts. */
const SETTLED: ReadonlySet<DifferenceKind> = new Set([
  'task-gone',
  'task-ended',
  'record-gone',
  'paused',
  'resumed',
]);

export const isLasting = ({ kind }: Pick<Difference, 'kind'>): boolean => !SETTLED.has(kind);

/** The log's word for the state, and how it is told from what a client sees. */
const wordOf = (phase: string): string => phase.split('.')[0] ?? phase;
const shortOf = (id: string): string => (/^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id);
const called = ({ name, id }: LoggedContainer): string => `container ${name} (${shortOf(id)})`;

/**
 * @param logged read before the look: who has changed since is not judged by it
 * @param knows whether the log has ever had a container of that id, asked after the look
 * @param gone whether it had been removed when the look began
 */
export function differencesOf(
  logged: readonly LoggedContainer[],
  sight: Sight,
  knows: (id: string) => boolean,
  gone: (id: string) => boolean,
): readonly Difference[] {
  const tasks = new Map(sight.tasks.map((task) => [task.id, task]));
  const records = new Map(sight.records.map((record) => [record.id, record]));
  const snapshots = new Set(sight.snapshots);
  const own = logged.flatMap((container) => [
    ...differenceOf(container, tasks.get(container.id), records.get(container.id)),
    ...(snapshots.has(container.id) || container.externalRoot === true ? [] : rootGone(container)),
  ]);
  const images = sight.images.map(({ id, missing }) =>
    said('image-incomplete', id, `image ${id}: containerd has no ${missing}`),
  );
  const volumes = (sight.volumesGone ?? []).map((name) =>
    said(
      'volume-gone',
      name,
      `volume ${name}: its directory is gone: what has it can not start; it can be removed`,
    ),
  );
  const others = [...strangers(sight, knows), ...leftOfRemoved(sight, gone)];
  return [...own, ...images, ...volumes, ...others];
}

function said(
  kind: DifferenceKind,
  subject: string,
  sentence: string,
  observation: Observation | null = null,
): Difference {
  return { kind, subject, sentence, observation };
}

/** Only states that nothing is under way in: the others are about to be what they were asked. */
function differenceOf(
  container: LoggedContainer,
  task: SeenTask | undefined,
  record: SeenRecord | undefined,
): readonly Difference[] {
  switch (container.phase) {
    case 'running':
    case 'paused':
      return ofLiving(container, task, record);
    case 'created.clean':
    case 'exited.clean':
    case 'restarting.waiting':
      return task === undefined ? [] : [leftOver(container, task)];
    default:
      return [];
  }
}

function ofLiving(
  container: LoggedContainer,
  task: SeenTask | undefined,
  record: SeenRecord | undefined,
): readonly Difference[] {
  const { id, phase, run } = container;
  const says = `${called(container)}: the log says ${phase}, containerd has`;
  const seen = (status: 'running' | 'paused' | 'unrecorded'): Observation => ({
    type: 'task-seen',
    container: id,
    run,
    status,
  });
  if (record === undefined && task !== undefined) {
    const sentence = `${says} its task (process ${task.pid}) and no record of it`;
    return [said('record-gone', id, sentence, seen('unrecorded'))];
  }
  if (task === undefined) {
    const beside = record === undefined ? 'neither a record nor a task' : 'no task';
    return [said('task-gone', id, `${says} ${beside}: its exit is unknown, unless it was read`)];
  }
  if (record?.run !== run) {
    const whose = record?.run === null ? 'nobody of ours' : `run ${record?.run}`;
    return [said('record-of-another-run', id, `${says} a task of ${whose}, not of run ${run}`)];
  }
  if (task.status === 'stopped') {
    return [said('task-ended', id, `${says} a task that has ended: its exit is being read`)];
  }
  if (phase === 'running' && task.status === 'paused') {
    return [said('paused', id, `${says} a task that somebody paused`, seen('paused'))];
  }
  if (phase === 'paused' && task.status === 'running') {
    return [said('resumed', id, `${says} a task that somebody resumed`, seen('running'))];
  }
  return [];
}

function leftOver(container: LoggedContainer, task: SeenTask): Difference {
  const { id, phase } = container;
  const has = `a task of its id (${task.status}, process ${task.pid})`;
  const sentence = `${called(container)}: the log says ${wordOf(phase)}, containerd has ${has}`;
  return said('task-left-over', id, sentence);
}

function rootGone(container: LoggedContainer): readonly Difference[] {
  const { id, phase, run } = container;
  // Before its first start it may have none yet.
  if (run === 0 || phase.startsWith('removing')) return [];
  const gone = `its file system is gone, there is no snapshot ${shortOf(id)}`;
  const left = 'it can be inspected and removed';
  return [said('root-gone', id, `${called(container)}: ${gone}; ${left}`)];
}

/** Of one that was removed, or whose adoption failed, nothing should be there. */
function leftOfRemoved(sight: Sight, gone: (id: string) => boolean): readonly Difference[] {
  const left = (what: string, id: string): Difference => {
    const sentence = `${what} ${id}: the log says that it is removed, and it is left alone`;
    return said('removed-left-over', id, sentence);
  };
  return [
    ...sight.tasks.filter(({ id }) => gone(id)).map(({ id }) => left('task', id)),
    ...sight.records.filter(({ id }) => gone(id)).map(({ id }) => left('record', id)),
    ...sight.snapshots.filter(gone).map((key) => left('snapshot', key)),
  ];
}

/** Never touched by us: somebody else's, or of a log that was set back. */
function strangers(sight: Sight, knows: (id: string) => boolean): readonly Difference[] {
  const recorded = new Set(sight.records.map(({ id }) => id));
  const tasks = sight.tasks.filter(({ id }) => !knows(id));
  const working = new Set(tasks.map(({ id }) => id));
  const records = sight.records.filter(({ id }) => !knows(id));
  const used = new Set(records.map(({ snapshotKey }) => snapshotKey));
  return [
    ...tasks.map(({ id, status, pid }) => {
      const record = recorded.has(id) ? '' : ', without a record';
      return said(
        'task-unknown',
        id,
        `task ${id} (${status}, process ${pid}${record}): ${UNKNOWN}`,
      );
    }),
    ...records
      .filter(({ id }) => !working.has(id))
      .map(({ id }) => said('record-unknown', id, `record ${id} (without a task): ${UNKNOWN}`)),
    ...sight.snapshots
      .filter((key) => !knows(key) && !used.has(key) && !isPassing(key))
      .map((key) => said('snapshot-unknown', key, `snapshot ${key}: ${UNKNOWN}`)),
  ];
}

const UNKNOWN = 'the log does not know it, and it is left alone';

/** Made while an image is unpacked or a container is created, and gone after that. */
const isPassing = (key: string): boolean => key.startsWith('extract-') || key.endsWith('-init-key');

/**
 * Streams of the tasks that live, as far as anybody can tell; all others have ended. A task without
 * a record is of nobody knows which run: its container's stream stands for all of them.
 */
export function livingTasks({ tasks, records }: Sight): ReadonlySet<StreamName> {
  const runs = new Map(records.map(({ id, run }) => [id, run]));
  const living = tasks.filter(({ status }) => status !== 'stopped');
  return new Set(
    living.map(({ id }) => {
      const run = runs.get(id);
      return run === undefined ? containerStream(id) : taskStream(id, run ?? 0);
    }),
  );
}

/** The stream that an observation is for. */
export const observedStream = ({ container }: Observation): StreamName =>
  containerStream(container);
