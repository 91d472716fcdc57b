/**
 * Reads a container's log for `logs`: from its start or its last records, and on while it grows.
 * What was written before and after reading began is one sequence without gap or double.
 */
import { LogFiles } from './logFiles.ts';
import { formatOf } from './logFormat.ts';
import type { LogDriver } from './logOptions.ts';
import { type LogPage, spansOf } from './logPage.ts';
import type { RecordKind } from './logRecord.ts';

export type { LogPage } from './logPage.ts';

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
  /** A file that is not there is an empty log. */
  readonly path: string;
  readonly driver: LogDriver;
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
export async function* readLogs(request: LogRequest): AsyncGenerator<LogPage> {
  const { options, signal } = request;
  const files = new LogFiles(request.path, formatOf(request.driver));
  const filter = new RecordFilter(options);
  async function* available(): AsyncGenerator<LogPage> {
    for (let read = await files.read(); read !== undefined; read = await files.read()) {
      if (signal?.aborted === true || filter.over) return;
      const page = spansOf(read, (span) => filter.pass(span));
      if (page.spans.length > 0) yield page;
    }
  }
  try {
    if (options.tail !== null) await files.seekLast(options.tail);
    else if (options.sinceNs !== null) await files.seekSince(options.sinceNs);
    else await files.seekStart();
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

/** What of the log was asked for. `since` is met once, by the first record; `until` ends it all. */
class RecordFilter {
  over = false;
  readonly #options: LogOptions;
  #since: bigint | null;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#since = options.sinceNs;
  }

  pass({ timeNs, stream }: RecordKind): boolean {
    if (this.over || (this.#since !== null && timeNs < this.#since)) return false;
    this.#since = null;
    if (this.#options.untilNs !== null && timeNs > this.#options.untilNs) this.over = true;
    return !this.over && this.#options[stream];
  }
}
