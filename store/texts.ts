/**
 * Facts as the texts that are stored, for whoever passes them on: JSON columns are not parsed, so
 * that a subscriber costs little more than the copying of its bytes.
 */
import type { Database } from 'better-sqlite3';

/** A fact whose JSON columns are the stored texts. */
export interface FactTexts {
  readonly position: number;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly data: string;
  readonly state: string;
  readonly cause: string;
  readonly caller: string;
  /** Decimal nanoseconds since 1970. */
  readonly atNs: string;
  readonly revision: number;
  /** False: a column that should be JSON is not. */
  readonly sound: boolean;
}

type Row = readonly [
  position: number,
  stream: string,
  version: number,
  type: string,
  data: string,
  state: string,
  cause: string,
  caller: string,
  atNs: string,
  revision: number,
  sound: number,
];

/** Reads the facts after a position, oldest first, at most `limit`. */
export type TextsReader = (position: number, limit: number) => readonly FactTexts[];

/** `json_valid` is not told of NUL or of bytes that are no UTF-8; such a row is left to verify. */
export function textsReader(db: Database): TextsReader {
  const page = db
    .prepare<[number, number], Row>(
      `SELECT f.position, s.name, f.version, f.type, f.data, f.state, f.cause, f.caller,
          CAST(f.at_ns AS TEXT), f.revision, json_valid(f.data) AND json_valid(f.state)
          AND json_valid(f.cause) AND json_valid(f.caller)
        FROM facts f JOIN streams s ON s.id = f.stream
        WHERE f.position > ? ORDER BY f.position LIMIT ?`,
    )
    .raw();
  return (position, limit) => page.all(position, limit).map(factTexts);
}

function factTexts(row: Row): FactTexts {
  const [position, stream, version, type, data, state, cause, caller, atNs, revision, sound] = row;
  return {
    position,
    stream,
    version,
    type,
    data,
    state,
    cause,
    caller,
    atNs,
    revision,
    sound: sound === 1,
  };
}
