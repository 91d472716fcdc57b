/**
 * Facts as JSON, put together by SQLite out of the stored texts, for whoever passes them on:
 * nothing is parsed, so that a subscriber costs little more than the copying of its bytes.
 */
import type { Database } from 'better-sqlite3';

/** A fact as JSON, with as much beside it as it can be chosen by. */
export interface FactText {
  readonly position: number;
  readonly stream: string;
  readonly type: string;
  /** JSON as stored. */
  readonly caller: string;
  /** False: a column that should be JSON is not, and `json` tells where and when alone. */
  readonly sound: boolean;
  readonly json: string;
}

/** One JSON text for each fact, each ended by a newline. */
export interface FactLines {
  readonly bytes: Buffer;
  /** Position of the last. */
  readonly reached: number;
}

export interface TextsReader {
  /** Facts after a position, oldest first, at most `limit`. */
  after(position: number, limit: number): readonly FactText[];
  /** The same in one piece; undefined: there are none. */
  lines(position: number, limit: number): FactLines | undefined;
}

/** It is not told of NUL or of bytes that are no UTF-8; such a row is left to verify. */
const SOUND = ['data', 'state', 'cause', 'caller']
  .map((column) => `json_valid(f.${column})`)
  .join(' AND ');

/** Nine digits, as log lines are stamped. */
const INSTANT = `strftime('%Y-%m-%dT%H:%M:%S', f.at_ns / 1000000000, 'unixepoch')
  || printf('.%09dZ', f.at_ns % 1000000000)`;

const WHERE_AND_WHEN = `'"position":' || f.position || ',"stream":' || json_quote(s.name)
  || ',"version":' || f.version || ',"type":' || json_quote(f.type)
  || ',"at":"' || ${INSTANT} || '","atNs":"' || f.at_ns || '"'`;

const JSON_OF_FACT = `iif(${SOUND},
  '{"kind":"fact",' || ${WHERE_AND_WHEN} || ',"state":' || f.state || ',"data":' || f.data
    || ',"cause":' || f.cause || ',"caller":' || f.caller || ',"revision":' || f.revision || '}',
  '{"kind":"damaged",' || ${WHERE_AND_WHEN} || '}')`;

const PAGE = `FROM facts f JOIN streams s ON s.id = f.stream
  WHERE f.position > ? ORDER BY f.position LIMIT ?`;

type Row = readonly [
  position: number,
  stream: string,
  type: string,
  caller: string,
  sound: number,
  json: string,
];

export function textsReader(db: Database): TextsReader {
  const page = db
    .prepare<[number, number], Row>(
      `SELECT f.position, s.name, f.type, f.caller, ${SOUND}, ${JSON_OF_FACT} ${PAGE}`,
    )
    .raw();
  const lines = db
    .prepare<[number, number], readonly [reached: number | null, bytes: Buffer]>(
      `SELECT max(position), CAST(group_concat(json || char(10), '') AS BLOB)
        FROM (SELECT f.position AS position, ${JSON_OF_FACT} AS json ${PAGE})`,
    )
    .raw();
  return {
    after: (position, limit) =>
      page.all(position, limit).map(([at, stream, type, caller, sound, json]) => {
        return { position: at, stream, type, caller, sound: sound === 1, json };
      }),
    lines(position, limit) {
      const [reached = null, bytes = Buffer.alloc(0)] = lines.get(position, limit) ?? [];
      return reached === null ? undefined : { bytes, reached };
    },
  };
}
