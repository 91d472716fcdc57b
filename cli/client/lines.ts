/** An answer that is one record of JSON a line, read at the reader's pace. */

import type { Host } from '../host.ts';
import { open, type Question } from './exchange.ts';

/**
 * Records as they come, several at a time: to hand over each by itself would cost more than to read
 * it.
 * @param silenceMs a connection that says nothing for so long counts as lost; null: for ever
 * @throws ClientError, and the connection's own errors once it has begun
 */
export async function* jsonLines<T>(
  host: Host,
  question: Question,
  silenceMs: number | null,
  signal: AbortSignal,
): AsyncGenerator<readonly T[]> {
  const over = new AbortController();
  const reply = await open(host, question, AbortSignal.any([signal, over.signal]));
  // A daemon whose host is gone says nothing at all, not even that it is gone.
  if (silenceMs !== null) reply.setTimeout(silenceMs, () => reply.destroy(new Error('silence')));
  reply.setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of reply) {
      const text = rest + chunk;
      const end = text.lastIndexOf('\n');
      rest = text.slice(end + 1);
      // No text of JSON holds a newline as it is: all of them are between records.
      if (end > 0) yield JSON.parse(`[${text.slice(0, end).replaceAll('\n', ',')}]`);
    }
  } finally {
    over.abort();
  }
}
