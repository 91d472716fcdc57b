/**
 * The containers as list and inspect show them. `p_containers` has the row that list needs;
 * `p_container_documents` has what create was given, with what was changed of it since;
 * `p_container_labels` the labels of before each change, up to its position.
 * Task facts are not read: each
 * that matters to a client comes with a container fact of the same append.
 *
 * A row is never deleted. `stage` says who may see it: `creating` is found by its full id only (so
 * that a create that hangs can be removed), `created` by all, `removed` by `get` alone, and
 * `failed`, a create that came to nothing, by nobody.
 */
import type { Database } from 'better-sqlite3';
import type { ContainerChanges } from '../machines/container.config.ts';
import type { ContainerFact } from '../machines/container.facts.ts';
import {
  asContainerFact,
  type FoldedFact,
  idOfStream,
  type Projection,
  phaseOf,
} from './projection.ts';

const schema = [
  `CREATE TABLE p_containers (
    id TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    created_position INTEGER NOT NULL,
    stage TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    phase TEXT NOT NULL,
    image TEXT NOT NULL,
    image_id TEXT NOT NULL,
    argv TEXT NOT NULL,
    labels TEXT NOT NULL,
    network_mode TEXT NOT NULL,
    snapshotter TEXT NOT NULL DEFAULT '',
    created_ns INTEGER NOT NULL,
    started_ns INTEGER,
    finished_ns INTEGER,
    exit_code INTEGER,
    exit_known INTEGER NOT NULL DEFAULT 1,
    oom_killed INTEGER NOT NULL DEFAULT 0,
    pid INTEGER NOT NULL DEFAULT 0,
    run INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    restart_count INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID`,
  `CREATE INDEX p_containers_listed ON p_containers (created_position) WHERE stage = 'created'`,
  `CREATE INDEX p_containers_prefix ON p_containers (id) WHERE stage = 'created'`,
  `CREATE INDEX p_containers_name ON p_containers (name) WHERE stage = 'created'`,
  `CREATE TABLE p_container_labels (
    id TEXT NOT NULL,
    until INTEGER NOT NULL,
    labels TEXT NOT NULL,
    PRIMARY KEY (id, until)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE p_container_documents (
    id TEXT PRIMARY KEY,
    config TEXT NOT NULL,
    host_config TEXT NOT NULL,
    image_ref TEXT NOT NULL,
    env TEXT NOT NULL,
    platform TEXT NOT NULL,
    warnings TEXT NOT NULL
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE p_container_mounts (
    id TEXT PRIMARY KEY,
    mounts TEXT NOT NULL
  ) STRICT, WITHOUT ROWID`,
];

export const containersProjection: Projection = {
  name: 'containers',
  version: 5,
  schema,
  drop: [
    'DROP TABLE IF EXISTS p_containers',
    'DROP TABLE IF EXISTS p_container_documents',
    'DROP TABLE IF EXISTS p_container_mounts',
    'DROP TABLE IF EXISTS p_container_labels',
  ],
  folds: ['container.'],
  prepare(db) {
    const create = prepareCreate(db);
    const update = prepareUpdates(db);
    return (stored) => {
      const fact = asContainerFact(stored);
      if (fact === undefined) return;
      if (fact.type === 'container.create-requested') create(stored, fact.data);
      else if (fact.type === 'container.adopt-requested') {
        create(stored, { ...fact.data, env: [], warnings: [] });
      } else update(stored, fact);
    };
  },
};

type CreateData = Extract<ContainerFact, { type: 'container.create-requested' }>['data'];

function prepareCreate(db: Database): (stored: FoldedFact, data: CreateData) => void {
  const summary = db.prepare(`INSERT INTO p_containers (id, position, created_position, stage, name,
      status, phase, image, image_id, argv, labels, network_mode, created_ns)
    VALUES (:id, :position, :position, 'creating', :name, 'created', :phase, :image, :imageId,
      :argv, :labels, :networkMode, :atNs)
    ON CONFLICT (id) DO NOTHING`);
  const documents = db.prepare(`INSERT INTO p_container_documents
      (id, config, host_config, image_ref, env, platform, warnings)
    VALUES (:id, :config, :hostConfig, :imageRef, :env, :platform, :warnings)
    ON CONFLICT (id) DO NOTHING`);
  const mounts = db.prepare(
    'INSERT INTO p_container_mounts (id, mounts) VALUES (?, ?) ON CONFLICT (id) DO NOTHING',
  );
  return (stored, data) => {
    const { config, hostConfig } = data;
    const id = idOfStream(stored.stream);
    summary.run({
      id,
      position: stored.position,
      name: data.name,
      phase: phaseOf(stored.state),
      image: config.Image,
      imageId: data.image.id,
      argv: JSON.stringify([...(config.Entrypoint ?? []), ...(config.Cmd ?? [])]),
      labels: JSON.stringify(config.Labels),
      networkMode: hostConfig.NetworkMode,
      atNs: stored.atNs,
    });
    documents.run({
      id,
      config: JSON.stringify(config),
      hostConfig: JSON.stringify(hostConfig),
      imageRef: JSON.stringify(data.image),
      env: JSON.stringify(data.env),
      platform: data.platform,
      warnings: JSON.stringify(data.warnings),
    });
    if (data.mounts !== undefined) mounts.run(id, JSON.stringify(data.mounts));
  };
}

/**
 * One statement a kind of change; `position` keeps a fact that comes again from being folded again.
 */
function prepareStatements(db: Database) {
  const set = (columns: string) =>
    db.prepare(`UPDATE p_containers SET position = :position, phase = :phase${columns}
      WHERE id = :id AND position < :position`);
  return {
    phase: set(''),
    created: set(`, stage = 'created', snapshotter = :snapshotter`),
    adopted: set(`, stage = 'created', run = :run, pid = :pid, started_ns = :startedNs,
      status = iif(:alive, 'running', status)`),
    createFailed: set(`, stage = 'failed'`),
    startRequested: set(', run = :run, restart_count = iif(:policy, restart_count, 0)'),
    started: set(`, status = 'running', pid = :pid, run = :run, started_ns = :atNs,
      exit_code = NULL, exit_known = 1, oom_killed = 0, error = ''`),
    // After a restart by policy it shows the exit before, as dockerd does, and why no more came.
    startFailed: set(`, error = :message, exit_known = 1, pid = 0,
      exit_code = iif(status = 'restarting', exit_code, :exitCode),
      status = iif(status = 'restarting', 'exited', status)`),
    oomKilled: set(', oom_killed = 1'),
    restartCancelled: set(`, status = 'exited'`),
    paused: set(`, status = iif(status = 'running', 'paused', status)`),
    unpaused: set(`, status = iif(status = 'paused', 'running', status)`),
    exited: set(`, status = :status, restart_count = coalesce(:restarts, restart_count), pid = 0,
      finished_ns = :endNs,
      exit_code = :code, exit_known = :known, oom_killed = :oomKilled`),
    // dockerd shows `removing` only for containers that do not run.
    removeRequested: set(`, status = iif(status IN ('running', 'paused'), status, 'removing')`),
    stuck: set(`, status = 'dead', error = :message`),
    removed: set(`, stage = iif(stage = 'created', 'removed', 'failed'), pid = 0`),
    renamed: set(', name = :name'),
    labelsBefore: db.prepare(`INSERT INTO p_container_labels (id, until, labels)
      SELECT id, :position, labels FROM p_containers WHERE id = :id AND position < :position
      ON CONFLICT DO NOTHING`),
    // RFC 7396: what is absent stays, what is null goes.
    labels: set(', labels = json_patch(labels, :labels)'),
    configLabels: db.prepare(`UPDATE p_container_documents
      SET config = json_patch(config, json_object('Labels', json(:labels))) WHERE id = :id`),
    // RFC 7396: what is absent stays.
    changes: db.prepare(`UPDATE p_container_documents
      SET host_config = json_patch(host_config, json(:changes)) WHERE id = :id`),
  };
}

function prepareUpdates(db: Database): (stored: FoldedFact, fact: ContainerFact) => void {
  const statements = prepareStatements(db);
  return (stored, fact) => {
    const phase = phaseOf(stored.state);
    const key = { id: idOfStream(stored.stream), position: stored.position, phase };
    switch (fact.type) {
      case 'container.created':
        return void statements.created.run({ ...key, snapshotter: fact.data.snapshotter });
      case 'container.adopted': {
        const { run, pid, alive, atNs } = fact.data;
        const startedNs = atNs === null ? null : BigInt(atNs);
        return void statements.adopted.run({ ...key, run, pid, alive: alive ? 1 : 0, startedNs });
      }
      case 'container.oom-killed':
        return void statements.oomKilled.run(key);
      case 'container.adopt-failed':
      case 'container.create-failed':
        return void statements.createFailed.run(key);
      case 'container.start-requested':
        return void statements.startRequested.run({
          ...key,
          run: fact.data.run,
          policy: fact.data.policy ? 1 : 0,
        });
      case 'container.started': {
        const { pid, run, atNs } = fact.data;
        const startedNs = atNs ? BigInt(atNs) : stored.atNs;
        return void statements.started.run({ ...key, pid, run, atNs: startedNs });
      }
      case 'container.start-refused':
      case 'container.start-failed': {
        const { message, exitCode } = fact.data;
        return void statements.startFailed.run({ ...key, message, exitCode });
      }
      case 'container.paused':
        return void statements.paused.run(key);
      case 'container.unpaused':
        return void statements.unpaused.run(key);
      case 'container.exited':
        return void statements.exited.run({ ...key, ...exitColumns(stored, fact.data) });
      case 'container.remove-requested':
        return void statements.removeRequested.run(key);
      case 'container.clean-failed':
      case 'container.remove-failed':
        if (phase !== 'removing.stuck') return void statements.phase.run(key);
        return void statements.stuck.run({ ...key, message: fact.data.message });
      case 'container.removed':
        return void statements.removed.run(key);
      case 'container.restart-cancelled':
        return void statements.restartCancelled.run(key);
      case 'container.updated':
        relabel(statements, key, fact.data);
        statements.phase.run(key);
        return void statements.changes.run({ id: key.id, changes: changesOf(fact.data) });
      case 'container.renamed':
        return void statements.renamed.run({ ...key, name: fact.data.name });
      default:
        return void statements.phase.run(key);
    }
  };
}

/** What they were is kept, for events of before. */
function relabel(
  { labelsBefore, labels, configLabels }: ReturnType<typeof prepareStatements>,
  key: { readonly id: string; readonly position: number; readonly phase: string },
  changes: ContainerChanges,
): void {
  if (changes.labels === undefined) return;
  const { id, position } = key;
  labelsBefore.run({ id, position });
  labels.run({ ...key, labels: JSON.stringify(changes.labels) });
  configLabels.run({ id, labels: JSON.stringify(changes.labels) });
}

function changesOf({ restartPolicy, resources }: ContainerChanges): string {
  const policy = restartPolicy === undefined ? {} : { RestartPolicy: restartPolicy };
  return JSON.stringify({ ...resources, ...policy });
}

function statusAfterExit(phase: string): string {
  if (phase.startsWith('removing')) return 'removing';
  return phase.startsWith('restarting') ? 'restarting' : 'exited';
}

type ExitData = Extract<ContainerFact, { type: 'container.exited' }>['data'];

function exitColumns(stored: FoldedFact, exit: ExitData) {
  return {
    status: statusAfterExit(phaseOf(stored.state)),
    restarts: exit.next?.count ?? null,
    endNs: exit.atNs === null ? stored.atNs : BigInt(exit.atNs),
    code: exit.code,
    known: exit.code === null ? 0 : 1,
    oomKilled: exit.oomKilled ? 1 : 0,
  };
}
