/**
 * What a fact makes of a container's row and of its document. Pure. Task facts are not read: each
 * that matters to a client comes with a container fact of the same append.
 */
import type { ContainerChanges } from '../machines/container.config.ts';
import type { ContainerFact } from '../machines/container.facts.ts';
import type { JsonValue } from '../machines/words.ts';
import { mergePatch } from './mergePatch.ts';
import { type FoldedFact, phaseOf } from './projection.ts';
import type { RowOf } from './table.ts';

export const CONTAINER_COLUMNS = {
  id: 'text',
  position: 'integer',
  created_position: 'integer',
  stage: 'text',
  name: 'text',
  status: 'text',
  phase: 'text',
  image: 'text',
  image_id: 'text',
  argv: 'text',
  labels: 'text',
  network_mode: 'text',
  snapshotter: 'text',
  created_ns: 'ns',
  started_ns: 'ns?',
  finished_ns: 'ns?',
  exit_code: 'integer?',
  exit_known: 'integer',
  oom_killed: 'integer',
  pid: 'integer',
  run: 'integer',
  error: 'text',
  restart_count: 'integer',
} as const;

export const DOCUMENT_COLUMNS = {
  id: 'text',
  config: 'text',
  host_config: 'text',
  image_ref: 'text',
  env: 'text',
  platform: 'text',
  warnings: 'text',
} as const;

type ContainerRow = RowOf<typeof CONTAINER_COLUMNS>;
type DocumentRow = RowOf<typeof DOCUMENT_COLUMNS>;
type CreateData = Extract<
  ContainerFact,
  { type: 'container.create-requested' | 'container.adopt-requested' }
>['data'];

export function rowOf(id: string, stored: FoldedFact, data: CreateData): ContainerRow {
  const { name, image, config, hostConfig } = data;
  return {
    id,
    position: stored.position,
    created_position: stored.position,
    stage: 'creating',
    name,
    status: 'created',
    phase: phaseOf(stored.state),
    image: config.Image,
    image_id: image.id,
    argv: JSON.stringify([...(config.Entrypoint ?? []), ...(config.Cmd ?? [])]),
    labels: JSON.stringify(config.Labels),
    network_mode: hostConfig.NetworkMode,
    snapshotter: '',
    created_ns: stored.atNs,
    started_ns: null,
    finished_ns: null,
    exit_code: null,
    exit_known: 1,
    oom_killed: 0,
    pid: 0,
    run: 0,
    error: '',
    restart_count: 0,
  };
}

export function documentOf(id: string, data: CreateData): DocumentRow {
  const { config, hostConfig, image, platform } = data;
  const { env = [], warnings = [] } = 'env' in data ? data : {};
  return {
    id,
    config: JSON.stringify(config),
    host_config: JSON.stringify(hostConfig),
    image_ref: JSON.stringify(image),
    env: JSON.stringify(env),
    platform,
    warnings: JSON.stringify(warnings),
  };
}

/** Of any fact but those that begin a row. */
export function containerAfter(
  before: ContainerRow,
  stored: FoldedFact,
  fact: ContainerFact,
): ContainerRow {
  const row = { ...before, position: stored.position, phase: phaseOf(stored.state) };
  const { status } = row;
  switch (fact.type) {
    case 'container.created':
      return { ...row, stage: 'created', snapshotter: fact.data.snapshotter };
    case 'container.adopted':
      return {
        ...row,
        stage: 'created',
        ...adopted(fact.data),
        status: fact.data.alive ? 'running' : status,
      };
    case 'container.oom-killed':
      return { ...row, oom_killed: 1 };
    case 'container.adopt-failed':
    case 'container.create-failed':
      return { ...row, stage: 'failed' };
    case 'container.start-requested': {
      const { run, policy } = fact.data;
      return { ...row, run, restart_count: policy ? row.restart_count : 0 };
    }
    case 'container.started':
      return started(row, stored, fact.data);
    case 'container.start-failed':
    case 'container.start-refused':
      return startFailed(row, fact.data);
    case 'container.paused':
      return { ...row, status: status === 'running' ? 'paused' : status };
    case 'container.unpaused':
      return { ...row, status: status === 'paused' ? 'running' : status };
    case 'container.exited':
      return exited(row, stored, fact.data);
    case 'container.remove-requested':
      // dockerd shows `removing` only for containers that do not run.
      return { ...row, status: status === 'running' || status === 'paused' ? status : 'removing' };
    case 'container.clean-failed':
    case 'container.remove-failed':
      if (row.phase !== 'removing.stuck') return row;
      return { ...row, status: 'dead', error: fact.data.message };
    case 'container.removed':
      return { ...row, stage: row.stage === 'created' ? 'removed' : 'failed', pid: 0 };
    case 'container.restart-cancelled':
      return { ...row, status: 'exited' };
    case 'container.renamed':
      return { ...row, name: fact.data.name };
    default:
      return row;
  }
}

type DataOf<T extends ContainerFact['type']> = Extract<ContainerFact, { type: T }>['data'];

function adopted({ run, pid, atNs }: DataOf<'container.adopted'>) {
  return { run, pid, started_ns: atNs === null ? null : BigInt(atNs) };
}

function started(
  row: ContainerRow,
  stored: FoldedFact,
  { pid, run, atNs }: DataOf<'container.started'>,
): ContainerRow {
  return {
    ...row,
    status: 'running',
    pid,
    run,
    started_ns: atNs ? BigInt(atNs) : stored.atNs,
    exit_code: null,
    exit_known: 1,
    oom_killed: 0,
    error: '',
  };
}

/** After a restart by policy it shows the exit before, as dockerd does, and why no more came. */
function startFailed(
  row: ContainerRow,
  { message, exitCode }: DataOf<'container.start-failed' | 'container.start-refused'>,
): ContainerRow {
  const restarting = row.status === 'restarting';
  return {
    ...row,
    error: message,
    exit_known: 1,
    pid: 0,
    exit_code: restarting ? row.exit_code : exitCode,
    status: restarting ? 'exited' : row.status,
  };
}

function exited(
  row: ContainerRow,
  stored: FoldedFact,
  exit: DataOf<'container.exited'>,
): ContainerRow {
  return {
    ...row,
    status: statusAfterExit(row.phase),
    restart_count: exit.next?.count ?? row.restart_count,
    pid: 0,
    finished_ns: exit.atNs === null ? stored.atNs : BigInt(exit.atNs),
    exit_code: exit.code,
    exit_known: exit.code === null ? 0 : 1,
    oom_killed: exit.oomKilled ? 1 : 0,
  };
}

function statusAfterExit(phase: string): string {
  if (phase.startsWith('removing')) return 'removing';
  return phase.startsWith('restarting') ? 'restarting' : 'exited';
}

type Labels = NonNullable<ContainerChanges['labels']>;

export const relabelled = (row: ContainerRow, labels: Labels): ContainerRow => ({
  ...row,
  labels: patched(row.labels, labels),
});

export function changedDocument(before: DocumentRow, changes: ContainerChanges): DocumentRow {
  const { labels, restartPolicy, resources } = changes;
  const policy = restartPolicy === undefined ? {} : { RestartPolicy: restartPolicy };
  return {
    ...before,
    config: labels === undefined ? before.config : patched(before.config, { Labels: labels }),
    host_config: patched(before.host_config, { ...resources, ...policy }),
  };
}

const patched = (text: string, patch: JsonValue): string =>
  JSON.stringify(mergePatch(JSON.parse(text), patch));
