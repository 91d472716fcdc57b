/**
 * The writer's queue. The appends of one turn of the event loop become one synchronous transaction
 * with one fsync; a conflicting one fails alone. Guarantees:
 *
 * 1. appends are written in the order of their calls;
 * 2. a promise resolves only after COMMIT (or after the failure is certain to leave nothing
 *    behind);
 * 3. listeners are called once for a commit, with its facts in order, before its promises resolve;
 * 4. a listener or projection that throws loses no append of another caller.
 */
import type { Database } from 'better-sqlite3';
import type { AppendWriter, Head, Written } from './append.ts';
import { isPartOf } from './claims.ts';
import { isDiskFull, sqliteCode } from './openError.ts';
import type {
  AppendConflict,
  AppendResult,
  ClaimKey,
  HeldClaim,
  NewFact,
  NewSecret,
  StoredFact,
} from './types.ts';

/** Appends in one transaction: bounds how long one commit holds the event loop. */
export const APPENDS_PER_COMMIT_MAX = 64;

type CommitListener = (facts: readonly StoredFact[]) => void;

interface Pending {
  readonly facts: readonly NewFact[];
  readonly secrets: readonly NewSecret[];
  readonly resolve: (result: AppendResult) => void;
}

/** Called when a transaction begins; what it answers, with the number of facts when it ends. */
export type CommitMeter = () => (facts: number) => void;

const NO_METER: CommitMeter = () => () => undefined;

export interface GroupCommit {
  append(facts: readonly NewFact[], secrets: readonly NewSecret[]): Promise<AppendResult>;
  head(): Head;
  /** Of the claim and its shares, what queued appends want. */
  aboutToTake(claim: ClaimKey): readonly HeldClaim[];
  onCommit(listener: CommitListener): () => void;
  /** Writes what is queued and refuses further appends. */
  close(): void;
}

/**
 * After these the transaction itself is in doubt, so all of it is rolled back, not one savepoint.
 */
const TRANSACTION_ERRORS =
  /^SQLITE_(FULL|IOERR|NOMEM|CORRUPT|NOTADB|READONLY|CANTOPEN|BUSY|LOCKED|PROTOCOL|INTERRUPT)/;

function failure(error: unknown): AppendConflict {
  const code = sqliteCode(error);
  const message = error instanceof Error ? error.message : String(error);
  if (isDiskFull(error)) return { kind: 'disk-full', message };
  return { kind: 'failed', message: code === '' ? message : `${message} (${code})` };
}

interface Outcome {
  readonly head: Head;
  readonly results: readonly AppendResult[];
}

type Transaction = (batch: readonly Pending[]) => Outcome;

interface Appends {
  /** One after the other; undefined, and all of them to be undone: there is a conflict. */
  together(batch: readonly Pending[], start: Head): Outcome | undefined;
  /** Each in a savepoint, so that a conflicting one is undone alone. */
  apart(batch: readonly Pending[], start: Head): Outcome;
}

/** What is in a transaction. Throws what leaves the transaction itself in doubt. */
function appends(db: Database, write: AppendWriter): Appends {
  const save = db.prepare('SAVEPOINT one_append');
  const undo = db.prepare('ROLLBACK TO one_append');
  const release = db.prepare('RELEASE one_append');

  function attempt(head: Head, one: Pending): Written | { readonly conflict: AppendConflict } {
    try {
      return write(head, one.facts, one.secrets);
    } catch (error) {
      if (!db.inTransaction || TRANSACTION_ERRORS.test(sqliteCode(error))) throw error;
      return { conflict: failure(error) };
    }
  }

  return {
    together(batch, start) {
      const results: AppendResult[] = [];
      let head = start;
      for (const one of batch) {
        const outcome = attempt(head, one);
        if ('conflict' in outcome) return undefined;
        head = outcome.head;
        results.push({ ok: true, facts: outcome.facts });
      }
      return { head, results };
    },
    apart(batch, start) {
      let head = start;
      const results = batch.map((one): AppendResult => {
        save.run();
        const outcome = attempt(head, one);
        if ('conflict' in outcome) undo.run();
        release.run();
        if ('conflict' in outcome) return { ok: false, conflict: outcome.conflict };
        head = outcome.head;
        return { ok: true, facts: outcome.facts };
      });
      return { head, results };
    },
  };
}

/** One transaction over a batch. Never throws: what fails is in the results. */
function transaction(db: Database, write: AppendWriter, headBefore: () => Head): Transaction {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  const { together, apart } = appends(db, write);

  /** Conflicts are rare, and under a savepoint each page that is changed is copied. */
  function appendAll(batch: readonly Pending[], start: Head): Outcome {
    begin.run();
    const outcome = together(batch, start);
    if (outcome !== undefined) return outcome;
    rollback.run();
    begin.run();
    return apart(batch, start);
  }

  /** If even that fails, SQLite refuses the next transaction, which then rolls back. */
  function rollBack(): boolean {
    try {
      if (db.inTransaction) rollback.run();
      return true;
    } catch {
      return false;
    }
  }

  return (batch) => {
    const start = headBefore();
    try {
      const outcome = appendAll(batch, start);
      commit.run();
      return outcome;
    } catch (error) {
      rollBack();
      const conflict = failure(error);
      return { head: start, results: batch.map(() => ({ ok: false, conflict })) };
    }
  };
}

/** A listener's own bug surfaces as an uncaught exception, after the append was told its result. */
function notify(listeners: Iterable<CommitListener>, facts: readonly StoredFact[]): void {
  for (const listener of listeners) {
    try {
      listener(facts);
    } catch (error) {
      setImmediate(() => {
        throw error;
      });
    }
  }
}

export interface GroupCommitOptions {
  /** The one writer connection. */
  readonly db: Database;
  readonly write: AppendWriter;
  /** As `LogStorage.turn`. */
  readonly turn: (write: () => void) => void;
  /** Where the log ends. */
  readonly start: Head;
  /** Told of every transaction. */
  readonly measured?: CommitMeter | undefined;
}

export function groupCommit(options: GroupCommitOptions): GroupCommit {
  const { db, write, turn, start, measured = NO_METER } = options;
  const listeners = new Set<CommitListener>();
  const queue: Pending[] = [];
  let head = start;
  let closed = false;
  let scheduled = false;
  const transact = transaction(db, write, () => head);

  function commitOnce(): void {
    const batch = queue.splice(0, APPENDS_PER_COMMIT_MAX);
    const ended = measured();
    const outcome = transact(batch);
    head = outcome.head;
    const facts = outcome.results.flatMap((result) => (result.ok ? result.facts : []));
    ended(facts.length);
    if (facts.length > 0) notify([...listeners], facts);
    for (const [index, result] of outcome.results.entries()) batch[index]?.resolve(result);
  }

  function schedule(): void {
    if (scheduled || queue.length === 0) return;
    scheduled = true;
    turn(() => {
      scheduled = false;
      if (queue.length > 0) commitOnce();
      schedule();
    });
  }

  return {
    append(facts, secrets) {
      if (closed) {
        const conflict: AppendConflict = { kind: 'failed', message: 'the log is closed' };
        return Promise.resolve({ ok: false, conflict });
      }
      return new Promise((resolve) => {
        queue.push({ facts, secrets, resolve });
        schedule();
      });
    },
    head: () => head,
    aboutToTake: (claim) =>
      queue.flatMap(({ facts }) =>
        facts.flatMap(({ stream, take }) =>
          take.filter((one) => isPartOf(one, claim)).map(({ key }) => ({ key, holder: stream })),
        ),
      ),
    onCommit(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    close() {
      closed = true;
      while (queue.length > 0) commitOnce();
    },
  };
}
