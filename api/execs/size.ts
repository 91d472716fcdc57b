/** The size of an exec's terminal. */
import { apiError } from '../errors.ts';
import { uint32 } from '../parameters.ts';
import { type ApiContext, empty, type Handler } from '../request.ts';
import { execOf } from './lookup.ts';

/** How long a resize waits for the start of its exec, milliseconds; dockerd's time. */
const START_MS = 10_000;

/** `ConsoleSize` of a request: height and width, or nothing if the client does not know them. */
export function consoleSize(
  asked: readonly number[] | null | undefined,
): readonly [number, number] | undefined {
  const [height = 0, width = 0] = asked ?? [];
  return height > 0 && width > 0 ? [height, width] : undefined;
}

/** Resolves when the exec has been started, or at the latest after the time. */
async function started(context: ApiContext, stream: string, signal: AbortSignal): Promise<void> {
  const known = new AbortController();
  const unwatch = context.tail.watch(stream, ({ type }) => {
    if (type === 'exec.started' || type === 'exec.start-failed') known.abort();
  });
  await context.sleep(START_MS, AbortSignal.any([known.signal, signal]));
  unwatch();
}

export const resize: Handler = async (context, request) => {
  const { ports } = context;
  const height = uint32(request.query, 'h', 'resize height');
  const width = uint32(request.query, 'w', 'resize width');
  const asked = execOf(ports, request);
  const { id, container, config } = asked;
  if (!asked.running && !asked.over) {
    await started(context, `exec/${container}/${id}`, request.signal);
    if (!ports.execs.get(id)?.running) {
      throw apiError('internal', { message: 'timeout waiting for exec session ready' });
    }
  } else if (asked.over) throw apiError('exec-not-running', { exec: id });
  if (config.Tty) await ports.streams.resizeExec(container, id, height, width);
  return empty(200);
};
