/** A line of a json-file log back to what the container wrote. */
import { parseTimestamp } from '../system/timestamp.ts';
import { asFields, text } from './messageShape.ts';
import type { OutputName } from './stdcopy.ts';

export interface LogRecord {
  readonly stream: OutputName;
  readonly timeNs: bigint;
  /** As written by the container, with its newline if it had one. */
  readonly line: Buffer;
}

/** Undefined for what is no record: a file may have been damaged or edited. */
export function parseRecord(line: string): LogRecord | undefined {
  try {
    const fields = asFields(JSON.parse(line));
    const stream = text(fields, 'stream');
    const timeNs = parseTimestamp(text(fields, 'time'));
    if ((stream !== 'stdout' && stream !== 'stderr') || timeNs === undefined) return undefined;
    return { stream, timeNs, line: Buffer.from(text(fields, 'log')) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
