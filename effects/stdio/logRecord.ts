/** A record of a container's log, and the line of a json-file back to what the container wrote. */
import { parseTimestamp } from '../system/timestamp.ts';
import { asFields, text } from './messageShape.ts';
import type { OutputName } from './stdcopy.ts';

/** What a record says beside its line. */
export interface RecordKind {
  readonly stream: OutputName;
  readonly timeNs: bigint;
  /** What log options ask to be kept with each record; absent: nothing. */
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface LogRecord extends RecordKind {
  /** As written by the container, with its newline if it had one. */
  readonly line: Buffer;
}

/** Throws `TypeError` for anything but texts under names. */
export function attributesOf(value: unknown): Readonly<Record<string, string>> {
  const fields = asFields(value);
  return Object.fromEntries(Object.keys(fields).map((key) => [key, text(fields, key)]));
}

/** Undefined for what is no record: a file may have been damaged or edited. */
export function parseRecord(line: string): LogRecord | undefined {
  try {
    const fields = asFields(JSON.parse(line));
    const stream = text(fields, 'stream');
    const timeNs = parseTimestamp(text(fields, 'time'));
    if ((stream !== 'stdout' && stream !== 'stderr') || timeNs === undefined) return undefined;
    const record = { stream, timeNs, line: Buffer.from(text(fields, 'log')) } as const;
    const { attrs } = fields;
    return attrs === undefined ? record : { ...record, attributes: attributesOf(attrs) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
