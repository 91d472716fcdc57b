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

/**
 * Pages of what one read of the file brought, none empty: a step for each record would cost more
 * than the record. Ends after the last one, with `follow` after the last of the run; or when
 * aborted.
 */
export async function* readLogs(request: LogRequest): AsyncGenerator<readonly LogRecord[]> {
  const { options, signal } = request;
  const files = new LogFiles(request.path);
  const filter = new RecordFilter(options);
  const lines = new WholeLines();
  async function* available(): AsyncGenerator<readonly LogRecord[]> {
    for (let block = await files.read(); block !== undefined; block = await files.read()) {
      if (signal?.aborted === true || filter.over) return;
      const page = lines.push(block).flatMap((line) => filter.pass(line) ?? []);
      if (page.length > 0) yield page;
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

  push(block: Buffer): readonly string[] {
    const end = block.lastIndexOf(0x0a);
    if (end === -1) {
      this.#rest.push(block);
      return [];
    }
    const whole = Buffer.concat([...this.#rest, block.subarray(0, end)]);
    this.#rest = end + 1 < block.length ? [block.subarray(end + 1)] : [];
    return whole.toString('utf8').split('\n');
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
    const record = this.over ? undefined : parseRecord(line);
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
