/**
 * Opens the log: migrate, bring the projections up to date, then one writer and one reader over it.
 */

import type { Database } from 'better-sqlite3';
import { agendaReader } from './agenda.ts';
import { appendWriter } from './append.ts';
import { claimHolder, claimSharers, claimsHeld } from './claims.ts';
import { configureWriter } from './connection.ts';
import { type Damage, type DamageRecord, damageRecord } from './damage.ts';
import { type CommitMeter, type GroupCommit, groupCommit } from './groupCommit.ts';
import { mend, type Refolded } from './mend.ts';
import { currentVersion, migrate, NotALogError, readMeta, schemaVersion } from './migrations.ts';
import { newestFacts } from './newest.ts';
import { asOpenError, isDiskFull } from './openError.ts';
import { foldedTypes, openProjections } from './projections.ts';
import { factsReader, streamsReader } from './read.ts';
import { type Models, repair } from './repair.ts';
import { eraseSecrets, secretsReader } from './secrets.ts';
import { fileStorage, type LogStorage } from './storage.ts';
import { type TextsReader, textsReader } from './texts.ts';
import type { Clock, EventLog, ProjectionPort } from './types.ts';

export { LogTooNewError, NotALogError } from './migrations.ts';
export { LogOpenError } from './openError.ts';

export interface LogOptions {
  readonly clock: Clock;
  readonly projections: readonly ProjectionPort<Database>[];
  /** Called once, when the log is new. */
  readonly newLogId: () => string;
  /** Told once of each row that cannot be read, when it is come across. */
  readonly damaged?: (damage: Damage) => void;
  /** Told of every transaction. */
  readonly measured?: CommitMeter;
}

export interface OpenLogOptions extends LogOptions {
  /** `<data root>/log.db`; its directory must exist. */
  readonly path: string;
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
  /** Facts as the texts that are stored. */
  readonly texts: TextsReader;
  /** Of the streams whose name begins so, those with the newest facts first, ended ones too. */
  newestNames(prefix: string, limit: number): readonly string[];
  /** Rows that could not be read so far; what they belong to is left out of all answers. */
  damage(): readonly Damage[];
  /**
   * Writes a stream's snapshot and agenda rows anew from its facts, where they were damaged. The
   * caller has folded the facts and found the digest of the newest one. Throws SQLite's errors.
   */
  mend(stream: string, refolded: Refolded): void;
  /**
   * Puts rows of read models right in steps (repair.ts), which may be taken one in each turn of the
   * event loop. Throws SQLite's errors: what was done so far stays.
   */
  repair(file: string, position: number): Generator<number, void>;
  /**
   * Grows whenever read models may have changed: with each repair, and with each fact, or for the
   * models that fold some alone (as their `folds`, each `<kind>.`), with each of these.
   */
  views(folds?: readonly string[]): number;
  /** Deletes secret values for good; returns how many there were. */
  eraseSecrets(digests: readonly string[]): number;
}

interface Connections {
  readonly writer: Database;
  readonly reader: Database;
  readonly commits: GroupCommit;
  readonly models: Models;
  readonly logId: string;
}

function connect(storage: LogStorage, options: LogOptions, damage: DamageRecord): Connections {
  const { clock, projections, newLogId, measured } = options;
  const writer = storage.openWriter();
  try {
    schemaVersion(writer, currentVersion());
    configureWriter(writer);
    migrate({ db: writer, clock, newLogId });
    // The part of one container, for tools: a daemon would go on in the middle of nowhere.
    if (readMeta(writer, 'extract') !== undefined) {
      throw new NotALogError(storage.name, 'it holds the facts of one container alone');
    }
    const logId = readMeta(writer, 'log-id');
    if (logId === undefined) throw new NotALogError(storage.name, 'meta has no log id');
    const fold = openProjections(writer, projections, damage);
    const start = factsReader(writer).head();
    const turn = (write: () => void): void => storage.turn(write);
    const write = appendWriter(writer, clock, fold);
    const commits = groupCommit({ db: writer, write, turn, start, measured });
    storage.sync();
    const models = { db: writer, fold, types: foldedTypes(projections) };
    return { writer, reader: storage.openReader(writer), commits, models, logId };
  } catch (error) {
    writer.close();
    throw error;
  }
}

function readMethods(reader: Database, damage: DamageRecord) {
  const facts = factsReader(reader, damage);
  const streams = streamsReader(reader, damage);
  const agenda = agendaReader(reader, damage);
  return {
    read: facts.after,
    readStream: (stream, afterVersion = 0) => facts.ofStream(stream, afterVersion),
    positionAt: facts.positionAt,
    version: streams.version,
    readable: streams.readable,
    state: streams.state,
    states: (prefix, withFinal = false) => streams.states(prefix, withFinal),
    unproven: streams.unproven,
    newestNames: streams.newestNames,
    agenda: agenda.all,
    agendaOf: agenda.of,
    holder: claimHolder(reader),
    sharers: claimSharers(reader),
    reveal: secretsReader(reader),
    texts: textsReader(reader),
  } satisfies Partial<OpenedLog>;
}

/**
 * Opens or creates the log at `path`. Throws `LogOpenError` (`LogTooNewError`, `NotALogError`
 * among them) and what a projection's fold throws while it is rebuilt; nothing is then left open.
 * The caller holds the data root's lock: the log has one writer.
 */
export function openLog({ path, ...options }: OpenLogOptions): OpenedLog {
  return openLogOn(fileStorage(path), options);
}

/** On a full disk the reserve lets the log open, so that what frees space can be asked for. */
function connectOrGiveWay(...given: Parameters<typeof connect>): Connections {
  const [storage] = given;
  try {
    return connect(...given);
  } catch (error) {
    if (!isDiskFull(error) || !storage.dropReserve()) throw asOpenError(storage.name, error);
  }
  try {
    return connect(...given);
  } catch (error) {
    throw asOpenError(storage.name, error);
  }
}

/** As `openLog`, on whatever storage. */
export function openLogOn(storage: LogStorage, options: LogOptions): OpenedLog {
  storage.makeReserve();
  const damage = damageRecord(options.damaged);
  const { writer, reader, commits, models, logId } = connectOrGiveWay(storage, options, damage);
  let repairs = 0;
  const newest = newestFacts();
  commits.onCommit(newest.keep);
  const methods = readMethods(reader, damage);
  const held = claimsHeld(reader);
  return {
    ...methods,
    read: (position, limit) => newest.after(position, limit) ?? methods.read(position, limit),
    damage: () => [...damage.found],
    logId,
    reader,
    held: (claim) => [...held(claim), ...commits.aboutToTake(claim)],
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
    releaseReserve: () => storage.dropReserve(),
    restoreReserve: () => storage.makeReserve(),
    mend: (stream, refolded) => mend(writer, stream, refolded),
    *repair(file, position) {
      for (const done of repair(models, file, position)) {
        repairs += 1;
        yield done;
      }
    },
    views: (folds) => repairs + (folds ? newest.of(folds) : commits.head().position),
    eraseSecrets: (digests) => eraseSecrets(writer, digests),
  };
}
