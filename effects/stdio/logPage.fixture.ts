/** Pages as specs look at them: a record each, kept. */
import { frameHeader, type LogPage } from './logPage.ts';
import type { LogRecord } from './logRecord.ts';

export function recordsOf({ frames, spans }: LogPage): readonly LogRecord[] {
  let at = 0;
  return spans.flatMap(({ records, bytes: _, ...kind }) =>
    Array.from({ length: records }, () => {
      const start = at + frameHeader;
      at = start + frames.readUInt32BE(at + 4);
      return { ...kind, line: Buffer.from(frames.subarray(start, at)) };
    }),
  );
}

export async function allRecords(pages: AsyncIterable<LogPage>): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = [];
  for await (const page of pages) records.push(...recordsOf(page));
  return records;
}
