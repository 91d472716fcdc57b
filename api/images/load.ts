/**
 * `POST /images/load`. The head waits for the first message: what fails before it is an ordinary
 * error, what fails after it can only travel as a message.
 */
import { familiar } from '../../machines/reference.ts';
import { ApiError, apiError } from '../errors.ts';
import type { ProgressMessage } from '../openapi.gen.ts';
import type { LoadMessage } from '../ports.ts';
import type { Handler } from '../request.ts';

export const line = (message: ProgressMessage): string => `${JSON.stringify(message)}\r\n`;

function told(message: LoadMessage): string {
  return message.kind === 'loaded'
    ? line({ stream: `Loaded image: ${familiar(message.reference)}\n` })
    : line({ stream: `Loaded image ID: ${message.id}\n` });
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function* messages(
  first: IteratorResult<LoadMessage>,
  rest: AsyncIterator<LoadMessage>,
): AsyncGenerator<string> {
  let next = first;
  while (next.done !== true) {
    yield told(next.value);
    try {
      next = await rest.next();
    } catch (error) {
      const message = textOf(error);
      yield line({ errorDetail: { message }, error: message });
      return;
    }
  }
}

/** The loader says by the error's name that the archive, and not the daemon, is at fault. */
export function archiveFailure(error: unknown): unknown {
  if (error instanceof ApiError || !(error instanceof Error)) return error;
  return error.name === 'LoadError' ? apiError('load-failed', { message: error.message }) : error;
}

export const load: Handler = async ({ ports }, request) => {
  try {
    const { body, info, signal } = request;
    const iterator = ports.imageStore.load(body, info, signal)[Symbol.asyncIterator]();
    const first = await iterator.next();
    return {
      kind: 'stream',
      status: 200,
      headers: { 'Content-Type': 'application/json' },
      chunks: messages(first, iterator),
    };
  } catch (error) {
    throw archiveFailure(error);
  }
};
