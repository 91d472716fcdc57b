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

/**
 * All texts of a row are put together by `printf`, which costs half of what joining them does, and
 * a date by `datetime`, which costs a third of what a format of our own does.
 */
const WHERE_AND_WHEN = {
  format: '"position":%d,"stream":%s,"version":%d,"type":%s,"at":"%s.%09dZ","atNs":"%d"',
  values: `f.position, json_quote(s.name), f.version, json_quote(f.type),
    replace(datetime(f.at_ns / 1000000000, 'unixepoch'), ' ', 'T'), f.at_ns % 1000000000, f.at_ns`,
} as const;

/** What was stored as JSON, and goes out as it is. */
const STORED = {
  format: '"state":%s,"data":%s,"cause":%s,"caller":%s',
  values: 'f.state, f.data, f.cause, f.caller',
} as const;

/** It is not told of NUL or of bytes that are no UTF-8; such a row is left to verify. */
const SOUND = `json_valid(printf('{${STORED.format}}', ${STORED.values}))`;

const BEGINNING = '{"kind":"fact",';

const JSON_OF_FACT = `iif(${SOUND},
  printf('${BEGINNING}${WHERE_AND_WHEN.format},${STORED.format},"revision":%d}',
    ${WHERE_AND_WHEN.values}, ${STORED.values}, f.revision),
  printf('{"kind":"damaged",${WHERE_AND_WHEN.format}}', ${WHERE_AND_WHEN.values}))`;

const PAGE = `FROM facts f JOIN streams s ON s.id = f.stream
  WHERE f.position > (SELECT ?) ORDER BY f.position LIMIT (SELECT ?)`;

type Row = readonly [position: number, stream: string, type: string, caller: string, json: string];

export function textsReader(db: Database): TextsReader {
  const page = db
    .prepare<[number, number], Row>(
      `SELECT f.position, s.name, f.type, f.caller, ${JSON_OF_FACT} ${PAGE}`,
    )
    .raw();
  const lines = db
    .prepare<[number, number], readonly [reached: number | null, bytes: Buffer]>(
      `SELECT max(position), CAST(group_concat(json, char(10)) || char(10) AS BLOB)
        FROM (SELECT f.position AS position, ${JSON_OF_FACT} AS json ${PAGE})`,
    )
    .raw();
  return {
    after: (from, limit) =>
      page.all(from, limit).map(([position, stream, type, caller, json]) => {
        return { position, stream, type, caller, sound: json.startsWith(BEGINNING), json };
      }),
    lines(position, limit) {
      const [reached = null, bytes = Buffer.alloc(0)] = lines.get(position, limit) ?? [];
      return reached === null ? undefined : { bytes, reached };
    },
  };
}
