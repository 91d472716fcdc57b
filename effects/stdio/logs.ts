/**
 * Reads a container's log for `logs`: from its start or its last records, and on while it grows.
 * What was written before and after reading began is one sequence without gap or double.
 */
import { LogFiles } from './logFiles.ts';
import { type LogRecord, parseRecord } from './logRecord.ts';

export type { LogRecord } from './logRecord.ts';

export interface LogOptions {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly follow: boolean;
  /** Nanoseconds since 1970; null: no bound. */
  readonly sinceNs: bigint | null;
  readonly untilNs: bigint | null;
  /** Number of records from the end, before the streams are filtered; null: all. */
  readonly tail: number | null;
}

export interface LogRequest {
  /** Path of the json-file; a file that is not there is an empty log. */
  readonly path: string;
  readonly options: LogOptions;
  /** Notices of `Stdio.watch`, used with `follow` alone; the first one must come unasked. */
  readonly watch: AsyncIterable<'grew' | 'ended'> | undefined;
  readonly signal?: AbortSignal;
}

/** Ends after the last record, with `follow` after the last one of the run; or when aborted. */
export async function* readLogs(request: LogRequest): AsyncGenerator<LogRecord> {
  const { options, signal } = request;
  const files = new LogFiles(request.path);
  const filter = new RecordFilter(options);
  const lines = new WholeLines();
  async function* available(): AsyncGenerator<LogRecord> {
    for (let block = await files.read(); block !== undefined; block = await files.read()) {
      for (const line of lines.push(block)) {
        if (signal?.aborted === true || filter.over) return;
        const record = filter.pass(line);
        if (record !== undefined) yield record;
      }
    }
  }
  try {
    if (options.tail === null) await files.seekStart();
    else await files.seekLines(options.tail);
    yield* available();
    if (!options.follow || request.watch === undefined || filter.over) return;
    for await (const event of request.watch) {
      yield* available();
      if (event === 'ended' || filter.over || signal?.aborted === true) return;
    }
  } finally {
    await files.close();
  }
}

/** Bytes to lines without their newline; a line that is not whole yet waits for its rest. */
class WholeLines {
  #rest: Buffer[] = [];

  *push(block: Buffer): Generator<string> {
    let from = 0;
    for (let at = block.indexOf(0x0a); at !== -1; at = block.indexOf(0x0a, from)) {
      const end = block.subarray(from, at);
      const whole = this.#rest.length === 0 ? end : Buffer.concat([...this.#rest, end]);
      this.#rest = [];
      from = at + 1;
      yield whole.toString('utf8');
    }
    if (from < block.length) this.#rest.push(block.subarray(from));
  }
}

/** What of the log was asked for. `since` is met once, by the first record; `until` ends it all. */
class RecordFilter {
  over = false;
  readonly #options: LogOptions;
  #since: bigint | null;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#since = options.sinceNs;
  }

  pass(line: string): LogRecord | undefined {
    const record = parseRecord(line);
    if (record === undefined) return undefined;
    if (this.#since !== null && record.timeNs < this.#since) return undefined;
    this.#since = null;
    if (this.#options.untilNs !== null && record.timeNs > this.#options.untilNs) {
      this.over = true;
      return undefined;
    }
    return this.#options[record.stream] ? record : undefined;
  }
}
