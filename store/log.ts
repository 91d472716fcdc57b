/**
 * Opens the log: migrate, bring the projections up to date, then one writer and one reader over it.
 */

import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import { agendaReader } from './agenda.ts';
import { appendWriter } from './append.ts';
import { claimHolder, claimSharers } from './claims.ts';
import { configureWriter, openReader, openWriter } from './connection.ts';
import { type CommitMeter, type GroupCommit, groupCommit } from './groupCommit.ts';
import { currentVersion, migrate, NotALogError, readMeta, schemaVersion } from './migrations.ts';
import { openProjections } from './projections.ts';
import { factsReader, streamsReader } from './read.ts';
import { dropReserve, makeReserve, reservePath, syncDirectory } from './reserve.ts';
import { eraseSecrets, secretsReader } from './secrets.ts';
import type { Clock, EventLog, ProjectionPort } from './types.ts';

export { LogTooNewError, NotALogError } from './migrations.ts';

export interface OpenLogOptions {
  /** `<data root>/log.db`; its directory must exist. */
  readonly path: string;
  readonly clock: Clock;
  readonly projections: readonly ProjectionPort<Database>[];
  /** Called once, when the log is new. */
  readonly newLogId: () => string;
  /** Told of every transaction. */
  readonly measured?: CommitMeter;
}

/** The log as its owner holds it: the `EventLog`, and what only the owner needs. */
export interface OpenedLog extends EventLog {
  /** As `newLogId` gave it when the log was new. */
  readonly logId: string;
  /**
   * The read-only connection, for the queries of projections. Keep no statement open across an
   * await.
   */
  readonly reader: Database;
  /**
   * Gives up the reserve file, so that a few more appends fit on a full disk. False: was given up.
   */
  releaseReserve(): boolean;
  /** Makes the reserve file again (8 MiB, blocks). False: still no space. */
  restoreReserve(): boolean;
  /** Deletes secret values for good; returns how many there were. */
  eraseSecrets(digests: readonly string[]): number;
}

interface Connections {
  readonly writer: Database;
  readonly reader: Database;
  readonly commits: GroupCommit;
  readonly logId: string;
}

function connect(options: OpenLogOptions): Connections {
  const { path, clock, projections, newLogId, measured } = options;
  const writer = openWriter(path);
  try {
    schemaVersion(writer, currentVersion());
    configureWriter(writer);
    migrate({ db: writer, clock, newLogId });
    const logId = readMeta(writer, 'log-id');
    if (logId === undefined) throw new NotALogError(path, 'meta has no log id');
    const fold = openProjections(writer, projections);
    const start = factsReader(writer).head();
    const commits = groupCommit(writer, appendWriter(writer, clock, fold), start, measured);
    syncDirectory(dirname(path));
    return { writer, reader: openReader(path), commits, logId };
  } catch (error) {
    writer.close();
    throw error;
  }
}

function readMethods(reader: Database) {
  const facts = factsReader(reader);
  const streams = streamsReader(reader);
  const agenda = agendaReader(reader);
  return {
    read: facts.after,
    readStream: (stream, afterVersion = 0) => facts.ofStream(stream, afterVersion),
    positionAt: facts.positionAt,
    state: streams.state,
    states: (prefix, withFinal = false) => streams.states(prefix, withFinal),
    agenda: agenda.all,
    agendaOf: agenda.of,
    holder: claimHolder(reader),
    sharers: claimSharers(reader),
    reveal: secretsReader(reader),
  } satisfies Partial<EventLog>;
}

/**
 * Opens or creates the log at `path`. Throws `LogTooNewError`, `NotALogError`, SQLite's errors, and
 * what a projection's fold throws while it is rebuilt; nothing is then left open. The caller holds
 * the data root's lock: the log has one writer.
 */
export function openLog(options: OpenLogOptions): OpenedLog {
  const reserve = reservePath(options.path);
  makeReserve(reserve);
  const { writer, reader, commits, logId } = connect(options);
  return {
    ...readMethods(reader),
    logId,
    reader,
    append: (facts, secrets = []) => commits.append(facts, secrets),
    head() {
      const { position, hash } = commits.head();
      return { position, hash: Buffer.from(hash).toString('hex') };
    },
    onCommit: commits.onCommit,
    checkpoint() {
      writer.pragma('wal_checkpoint(PASSIVE)');
    },
    close() {
      commits.close();
      reader.close();
      writer.close();
    },
    releaseReserve: () => dropReserve(reserve),
    restoreReserve: () => makeReserve(reserve),
    eraseSecrets: (digests) => eraseSecrets(writer, digests),
  };
}
