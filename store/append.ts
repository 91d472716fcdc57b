/**
 * Writes one append: the rows of its facts and all that follows from them (streams, claims, agenda,
 * secrets, projections). Runs inside a transaction or savepoint of groupCommit.ts, which rolls back
 * on a conflict or a throw; nothing here is kept in memory.
 */
import type { Database } from 'better-sqlite3';
import { agendaWriter } from './agenda.ts';
import { rowHash } from './chain.ts';
import { claimsWriter } from './claims.ts';
import { type FactRow, factColumns, jsonText, plainText, storedFact } from './row.ts';
import { secretsEraser, secretsWriter } from './secrets.ts';
import type {
  AppendConflict,
  BatchFold,
  Clock,
  FoldedFact,
  NewFact,
  NewSecret,
  StoredFact,
} from './types.ts';

/** Where the log ends. */
export interface Head {
  readonly position: number;
  readonly hash: Uint8Array;
  /** Time of the newest fact; 0 for an empty log. */
  readonly atNs: bigint;
}

export interface Written {
  readonly head: Head;
  readonly facts: readonly StoredFact[];
}

export type WriteOutcome = Written | { readonly conflict: AppendConflict };

/** One append on top of `head`. Throws for anything but a conflict. */
export type AppendWriter = (
  head: Head,
  facts: readonly NewFact[],
  secrets: readonly NewSecret[],
) => WriteOutcome;

interface StreamHead {
  readonly id: number;
  readonly version: number;
  readonly final: number;
}

interface StreamsWriter {
  /** Id of the stream, made if it is new; the conflict if its version is not the expected one. */
  open(fact: NewFact): { readonly id: number } | { readonly conflict: AppendConflict };
  save(id: number, position: number, fact: NewFact): void;
}

function streamsWriter(db: Database): StreamsWriter {
  const find = db.prepare<[string], StreamHead>(
    'SELECT id, version, final FROM streams WHERE name = ?',
  );
  const insert = db.prepare(
    `INSERT INTO streams (name, version, position, value, context, digest, revision, final)
     VALUES (?, 0, 0, 'null', 'null', '', 0, 0)`,
  );
  const updated = (also: string) =>
    db.prepare(
      `UPDATE streams SET version = ?, position = ?, value = ?, context = ?, digest = ?,
       revision = ?${also} WHERE id = ?`,
    );
  // Who names `final`, and were it to leave it as it is, has the index of live streams written.
  const goOn = updated('');
  const end = updated(', final = 1');
  return {
    open({ stream, expect }) {
      const found = find.get(plainText(stream, 'stream'));
      const actual = found?.version ?? 0;
      if (actual !== expect) {
        return { conflict: { kind: 'version', stream, expected: expect, actual } };
      }
      if (found === undefined) return { id: Number(insert.run(stream).lastInsertRowid) };
      if (found.final === 1) {
        throw new Error(`stream ${stream} is final at version ${actual}: it takes no more facts`);
      }
      return { id: found.id };
    },
    save(id, position, fact) {
      const value = jsonText(fact.state, 'state');
      const { contextText, digest, revision } = fact;
      const update = fact.final ? end : goOn;
      update.run(fact.expect + 1, position, value, contextText, digest, revision, id);
    },
  };
}

function factInsert(db: Database): (streamId: number, row: FactRow) => void {
  const insert = db.prepare(
    `INSERT INTO facts (position, stream, version, type, data, state, digest, effects, answers,
       claims, cause, caller, at_ns, revision, hash)
     VALUES (@position, @streamId, @version, @type, @data, @state, @digest, @effects, @answers,
       @claims, @cause, @caller, @at_ns, @revision, @hash)`,
  );
  return (streamId, row) => {
    insert.run({ ...row, streamId });
  };
}

/** Whole numbers that SQLite would otherwise round or refuse with a message nobody understands. */
function checkNumbers(fact: NewFact): void {
  const durations = fact.effects.flatMap(({ ms }) => (ms === undefined ? [] : [ms]));
  for (const value of [fact.expect, fact.revision, ...durations]) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new TypeError(`${value} is not a version, revision or duration`);
    }
  }
}

/** As much as a fold may look at. */
const asFolded = ({ position, stream, type, data, state, atNs }: StoredFact): FoldedFact => {
  return { position, stream, type, data, state, atNs };
};

/** `fold` folds the facts of an append into the projections. */
export function appendWriter(db: Database, clock: Clock, fold: BatchFold): AppendWriter {
  const streams = streamsWriter(db);
  const claims = claimsWriter(db);
  const agenda = agendaWriter(db);
  const keepSecret = secretsWriter(db);
  const forgetSecret = secretsEraser(db);
  const insert = factInsert(db);

  function write(head: Head, fact: NewFact): WriteOutcome {
    checkNumbers(fact);
    const stream = streams.open(fact);
    if ('conflict' in stream) return stream;
    const position = head.position + 1;
    const now = clock.nowNs();
    const atNs = now > head.atNs ? now : head.atNs + 1n;
    const columns = factColumns(fact, position, atNs);
    const row: FactRow = { ...columns, hash: rowHash(head.hash, columns) };
    insert(stream.id, row);
    streams.save(stream.id, position, fact);
    const { take, free, effects, answers } = fact;
    const conflict =
      claims.apply({ streamId: stream.id, position, take, free }) ??
      agenda.apply({ streamId: stream.id, position, atNs, effects, answers });
    if (conflict !== undefined) return { conflict };
    for (const digest of fact.erase ?? []) forgetSecret(digest);
    return { head: { position, hash: row.hash, atNs }, facts: [storedFact(row)] };
  }

  return (start, facts, secrets) => {
    for (const secret of secrets) keepSecret(secret);
    const stored: StoredFact[] = [];
    let head = start;
    for (const fact of facts) {
      const outcome = write(head, fact);
      if ('conflict' in outcome) return outcome;
      head = outcome.head;
      stored.push(...outcome.facts);
    }
    fold(stored.map(asFolded));
    return { head, facts: stored };
  };
}
