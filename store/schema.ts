/**
 * The tables of the log. A row of `facts` is never changed; every other table but `secrets` and
 * `meta` follows from the facts. A test compares this drawing with the real schema.
 *
 * facts                       what happened; append.ts inserts, triggers stop all else
 * ├─ position   INTEGER       primary key; 1, 2, 3, … without a gap
 * ├─ stream     INTEGER       id in `streams`
 * ├─ version    INTEGER       place in its stream; 1, 2, 3, … without a gap
 * ├─ type       TEXT          `<kind>.<past tense>`
 * ├─ data       TEXT          JSON of the fact
 * ├─ state      TEXT          JSON of the state value after it
 * ├─ digest     TEXT          hex SHA-256 of the canonical JSON of `{context, value}` after it
 * ├─ effects    TEXT          JSON list of `{type, params, key?, ms?}` asked for
 * ├─ answers    TEXT          JSON list of the agenda ids it closes
 * ├─ claims     TEXT          JSON `{"take":[[kind,key],…],"free":[[kind,key],…]}`
 * ├─ cause      TEXT          JSON, why
 * ├─ caller     TEXT          JSON, who
 * ├─ at_ns      INTEGER       nanoseconds since 1970, strictly increasing
 * ├─ revision   INTEGER       of the machine that folded it
 * └─ hash       BLOB          32 bytes, chain.ts
 *
 * streams                     the one snapshot of each actor; append.ts, with each fact
 * ├─ id         INTEGER       primary key
 * ├─ name       TEXT          unique
 * ├─ version    INTEGER       of its newest fact
 * ├─ position   INTEGER       of its newest fact
 * ├─ value      TEXT          JSON of the state value
 * ├─ context    TEXT          JSON of the context
 * ├─ digest     TEXT          as in its newest fact
 * ├─ revision   INTEGER       as in its newest fact
 * └─ final      INTEGER       1: takes no more facts
 *
 * claims                      keys held now; claims.ts, with each fact
 * ├─ kind       TEXT          primary key, first part
 * ├─ key        TEXT          primary key, second part
 * ├─ stream     INTEGER       id of the holder
 * └─ position   INTEGER       of the fact that took it
 *
 * agenda                      effects and timers not answered yet; agenda.ts, with each fact
 * ├─ position   INTEGER       primary key, second part: the fact that asked
 * ├─ idx        INTEGER       primary key, third part: index in its list of effects
 * ├─ stream     INTEGER       primary key, first part: id of the stream that asked
 * ├─ type       TEXT          of the effect
 * ├─ params     TEXT          JSON
 * ├─ key        TEXT NULL     name to cancel it by
 * ├─ ms         INTEGER NULL  timers: duration in milliseconds
 * ├─ opened_ns  INTEGER       time of the fact that asked
 * └─ due_ns     INTEGER NULL  timers: opened_ns + ms
 *
 * secrets                     values that facts hold only as a digest; secrets.ts, erased on demand
 * ├─ digest     TEXT          primary key; hex SHA-256 of salt bytes and UTF-8 value
 * ├─ salt       TEXT          hex
 * └─ value      TEXT
 *
 * projections                 which read models are up to date; projections.ts, at open
 * ├─ name       TEXT          primary key
 * └─ version    INTEGER       that the tables have; 0: stale
 *
 * meta                        migrations.ts, at creation and at migration
 * ├─ key        TEXT          primary key: `schema`, `format`, `log-id`, `created-ns`
 * └─ value      TEXT
 *
 * p_…                         tables of the projections; theirs alone
 */

/** Version of the row hash: the text before the first newline of what is hashed. */
export const LOG_FORMAT = 1;

const facts = `CREATE TABLE facts (
  position INTEGER PRIMARY KEY CHECK (position > 0),
  stream INTEGER NOT NULL REFERENCES streams (id),
  version INTEGER NOT NULL CHECK (version > 0),
  type TEXT NOT NULL,
  data TEXT NOT NULL,
  state TEXT NOT NULL,
  digest TEXT NOT NULL,
  effects TEXT NOT NULL,
  answers TEXT NOT NULL,
  claims TEXT NOT NULL,
  cause TEXT NOT NULL,
  caller TEXT NOT NULL,
  at_ns INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  UNIQUE (stream, version)
) STRICT`;

const streams = `CREATE TABLE streams (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL,
  position INTEGER NOT NULL,
  value TEXT NOT NULL,
  context TEXT NOT NULL,
  digest TEXT NOT NULL,
  revision INTEGER NOT NULL,
  final INTEGER NOT NULL CHECK (final IN (0, 1))
) STRICT`;

const claims = `CREATE TABLE claims (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  stream INTEGER NOT NULL REFERENCES streams (id),
  position INTEGER NOT NULL,
  PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID`;

const agendaKeyedBy = (key: string) => `CREATE TABLE agenda (
  position INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  stream INTEGER NOT NULL REFERENCES streams (id),
  type TEXT NOT NULL,
  params TEXT NOT NULL,
  key TEXT,
  ms INTEGER CHECK (ms >= 0),
  opened_ns INTEGER NOT NULL,
  due_ns INTEGER,
  PRIMARY KEY (${key})
) STRICT, WITHOUT ROWID`;

const secrets = `CREATE TABLE secrets (
  digest TEXT PRIMARY KEY NOT NULL,
  salt TEXT NOT NULL,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID`;

const projections = `CREATE TABLE projections (
  name TEXT PRIMARY KEY NOT NULL,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID`;

const meta = `CREATE TABLE meta (
  key TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID`;

/** What schema version 1 creates. Frozen: a later version is a migration of its own. */
export const schemaV1: readonly string[] = [
  meta,
  streams,
  facts,
  claims,
  agendaKeyedBy('position, idx'),
  secrets,
  projections,
  'CREATE INDEX streams_live ON streams (name) WHERE final = 0',
  'CREATE INDEX agenda_stream ON agenda (stream)',
  `CREATE TRIGGER facts_no_update BEFORE UPDATE ON facts
   BEGIN SELECT RAISE(ABORT, 'a fact is never changed'); END`,
  `CREATE TRIGGER facts_no_delete BEFORE DELETE ON facts
   BEGIN SELECT RAISE(ABORT, 'a fact is never deleted'); END`,
  // Also stops INSERT OR REPLACE, which would delete without firing the trigger above.
  `CREATE TRIGGER facts_in_order BEFORE INSERT ON facts
   WHEN NEW.position IS NOT (SELECT coalesce(max(position), 0) + 1 FROM facts)
   BEGIN SELECT RAISE(ABORT, 'a fact is only added at the end'); END`,
];

/**
 * Version 2: the agenda is in the order of its streams, and needs no index beside it to find what
 * one has open. Nearly every append opens or closes a row: it writes a page less.
 */
export const schemaV2: readonly string[] = [
  'ALTER TABLE agenda RENAME TO agenda_v1',
  agendaKeyedBy('stream, position, idx'),
  'INSERT INTO agenda SELECT * FROM agenda_v1',
  'DROP TABLE agenda_v1',
];
