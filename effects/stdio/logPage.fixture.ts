/** Pages as specs look at them: a record each. */
import { frameHeader, type LogPage } from './logPage.ts';
import type { LogRecord } from './logRecord.ts';

export function recordsOf({ frames, spans }: LogPage): readonly LogRecord[] {
  let at = 0;
  return spans.flatMap(({ records, bytes: _, ...kind }) =>
    Array.from({ length: records }, () => {
      const start = at + frameHeader;
      at = start + frames.readUInt32BE(at + 4);
      return { ...kind, line: frames.subarray(start, at) };
    }),
  );
}
