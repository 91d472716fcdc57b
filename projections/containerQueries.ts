/**
 * Answers about containers, read from the tables of containers.ts on a reader connection.
 * Statements are prepared once and never stay open: each answer is read whole before it is
 * returned. A parameter is written `(SELECT ?)` where SQLite would otherwise look at its value, and
 * prepare the statement anew with each.
 */
import type { Database } from 'better-sqlite3';
import type { MountPoint } from '../machines/container.mounts.ts';
import type { HealthStatus } from '../machines/health.facts.ts';
import { containersProjection } from './containers.ts';
import { healthProjection } from './health.ts';
import type {
  ContainerDetails,
  ContainerQueries,
  ContainerStatus,
  ContainerSummary,
  Resolution,
} from './views.ts';

/** What the types of those facts begin with that change an answer about a container. */
export const CONTAINER_ANSWERS_FOLD: readonly string[] = [
  ...containersProjection.folds,
  ...healthProjection.folds,
];

const HEALTH = 'h.status AS health, h.streak AS health_streak, h.run AS health_run';

/** Prepares all statements; the tables must exist. `db` may be read-only. */
export function openContainerQueries(db: Database): ContainerQueries {
  const resolve = openResolve(db);
  const list = db
    .prepare<[], SummaryRow>(
      `SELECT c.*, ${HEALTH} FROM p_containers c LEFT JOIN p_health h USING (id)
        WHERE stage = 'created' ORDER BY created_position DESC`,
    )
    .safeIntegers();
  const get = db
    .prepare<[string], DetailsRow>(
      `SELECT c.*, d.*, m.mounts, ${HEALTH}
        FROM p_containers c JOIN p_container_documents d USING (id)
        LEFT JOIN p_container_mounts m USING (id)
        LEFT JOIN p_health h USING (id) WHERE c.id = (SELECT ?) AND stage <> 'failed'`,
    )
    .safeIntegers();
  const mounts = db
    .prepare<[string], string>('SELECT mounts FROM p_container_mounts WHERE id = ?')
    .pluck();
  const status = db
    .prepare<[string], ContainerStatus>(
      `SELECT status FROM p_containers WHERE id = ? AND stage NOT IN ('failed', 'removed')`,
    )
    .pluck();
  const counts = db.prepare<[], { status: ContainerStatus; count: number }>(
    `SELECT status, count(*) AS count FROM p_containers WHERE stage = 'created' GROUP BY status`,
  );
  return {
    list: () => list.all().map(toSummary),
    get: (id) => {
      const row = get.get(id);
      return row === undefined ? undefined : toDetails(row);
    },
    statusOf: (id) => status.get(id),
    mountsOf: (id) => parsedOr<readonly MountPoint[]>(mounts.get(id) ?? '[]', []),
    resolve,
    resolveEver: openResolveEver(db, resolve),
    counts: () => {
      const total = { running: 0, paused: 0, stopped: 0 };
      for (const { status, count } of counts.all()) total[groupOf(status)] += count;
      return total;
    },
  };
}

function groupOf(status: ContainerStatus): 'running' | 'paused' | 'stopped' {
  if (status === 'paused') return 'paused';
  return status === 'running' || status === 'restarting' ? 'running' : 'stopped';
}

/** Full id, exact name, unique prefix of the id: the order that clients rely on. */
function openResolve(db: Database): (ref: string) => Resolution {
  const byId = db
    .prepare<[string], string>(
      `SELECT id FROM p_containers WHERE id = ? AND stage IN ('creating', 'created')`,
    )
    .pluck();
  // A name is free once a removal is asked for: its present holder goes before one on its way out.
  const byName = db
    .prepare<[string], string>(
      `SELECT id FROM p_containers WHERE name = (SELECT ?) AND stage = 'created'
        ORDER BY phase LIKE 'removing%', created_position DESC LIMIT 1`,
    )
    .pluck();
  // 'g' comes after all hexadecimal digits, so this is the range of ids that start with the prefix.
  const byPrefix = db
    .prepare<[string, string], string>(
      `SELECT id FROM p_containers WHERE id >= ? AND id < ? || 'g' AND stage = 'created' LIMIT 2`,
    )
    .pluck();
  return (ref) => {
    const exact = byId.get(ref) ?? byName.get(ref.startsWith('/') ? ref.slice(1) : ref);
    if (exact !== undefined) return { kind: 'found', id: exact };
    if (!/^[0-9a-f]+$/.test(ref)) return { kind: 'none' };
    const [first, second] = byPrefix.all(ref, ref);
    if (first === undefined) return { kind: 'none' };
    return second === undefined ? { kind: 'found', id: first } : { kind: 'ambiguous' };
  };
}

/** A name that a removed container had is no reference to it: another one may have it now. */
function openResolveEver(
  db: Database,
  resolve: (ref: string) => Resolution,
): (ref: string) => Resolution {
  const byPrefix = db
    .prepare<[string, string], string>(
      `SELECT id FROM p_containers WHERE id >= ? AND id < ? || '~' AND stage = 'removed'
        ORDER BY id LIMIT 2`,
    )
    .pluck();
  return (ref) => {
    const living = resolve(ref);
    if (living.kind !== 'none' || !/^[a-zA-Z0-9][\w.-]*$/.test(ref)) return living;
    const [first, second] = byPrefix.all(ref, ref);
    if (first === undefined) return living;
    // Exactly this id, however many longer ones begin with it.
    if (first === ref || second === undefined) return { kind: 'found', id: first };
    return { kind: 'ambiguous' };
  };
}

/** Integers come as BigInt: times do not fit a number. */
interface SummaryRow {
  readonly id: string;
  readonly stage: string;
  readonly name: string;
  readonly status: ContainerStatus;
  readonly phase: string;
  readonly image: string;
  readonly image_id: string;
  readonly argv: string;
  readonly labels: string;
  readonly network_mode: string;
  readonly snapshotter: string;
  readonly created_ns: bigint;
  readonly started_ns: bigint | null;
  readonly finished_ns: bigint | null;
  readonly exit_code: bigint | null;
  readonly exit_known: bigint;
  readonly oom_killed: bigint;
  readonly restart_count: bigint;
  readonly pid: bigint;
  readonly run: bigint;
  readonly health: HealthStatus | null;
  readonly health_streak: bigint | null;
  readonly health_run: bigint | null;
  readonly error: string;
}

interface DetailsRow extends SummaryRow {
  readonly config: string;
  readonly host_config: string;
  readonly image_ref: string;
  readonly env: string;
  readonly platform: string;
  readonly warnings: string;
  readonly mounts: string | null;
}

/** A damaged row must not take the list of all the others with it. */
function parsedOr<T>(text: string, otherwise: T): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    return otherwise;
  }
}

function toSummary(row: SummaryRow): ContainerSummary {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    phase: row.phase,
    removed: row.stage === 'removed',
    image: row.image,
    imageId: row.image_id,
    argv: parsedOr<readonly string[]>(row.argv, []),
    labels: parsedOr<Readonly<Record<string, string>>>(row.labels, {}),
    networkMode: row.network_mode,
    createdNs: row.created_ns,
    startedNs: row.started_ns,
    finishedNs: row.finished_ns,
    exitCode: row.exit_code === null ? null : Number(row.exit_code),
    exitKnown: row.exit_known === 1n,
    pid: Number(row.pid),
    run: Number(row.run),
    health: toHealth(row),
  };
}

function toHealth({ health, health_streak, health_run }: SummaryRow): ContainerSummary['health'] {
  if (health === null) return null;
  return { status: health, streak: Number(health_streak), run: Number(health_run) };
}

function toDetails(row: DetailsRow): ContainerDetails {
  return {
    ...toSummary(row),
    config: JSON.parse(row.config) as ContainerDetails['config'],
    hostConfig: JSON.parse(row.host_config) as ContainerDetails['hostConfig'],
    imageRef: JSON.parse(row.image_ref) as ContainerDetails['imageRef'],
    env: JSON.parse(row.env) as ContainerDetails['env'],
    platform: row.platform,
    snapshotter: row.snapshotter,
    error: row.error,
    oomKilled: row.oom_killed === 1n,
    restartCount: Number(row.restart_count),
    warnings: JSON.parse(row.warnings) as readonly string[],
    mounts: JSON.parse(row.mounts ?? '[]') as ContainerDetails['mounts'],
  };
}
