/** The notices on a `watch` connection, as the daemon reads them. */
import type { Socket } from 'node:net';
import { MessageReader } from './framing.ts';
import { asFields, text } from './messageShape.ts';

/**
 * Ends when the connection does, for whatever reason; the last event tells whether there would be
 * more to come. Closes the connection when the reader stops.
 */
export async function* watchEvents(socket: Socket): AsyncGenerator<'grew' | 'ended'> {
  const reader = new MessageReader();
  const chunks = socket.iterator();
  try {
    for (;;) {
      const next = await chunks.next();
      if (next.done === true) return;
      reader.push(next.value);
      for (let message = reader.next(); message !== undefined; message = reader.next()) {
        const ended = text(asFields(message), 'event') === 'ended';
        yield ended ? 'ended' : 'grew';
        if (ended) return;
      }
    }
  } catch (error) {
    // Broken or aborted: an end without `ended`.
    if (!socket.destroyed) throw error;
  } finally {
    socket.destroy();
  }
}
