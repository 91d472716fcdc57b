/**
 * `POST /containers/{id}/wait`: the head goes out at once, the answer when the log holds it.
 * Whoever waits is registered at the tail of the log before the present state is read, so that no
 * exit falls between the two; nothing is polled.
 */
import type { ContainerDetails } from '../../projections/views.ts';
import { apiError } from '../errors.ts';
import type { WaitCondition, WaitResponse } from '../openapi.gen.ts';
import type { LoggedFact } from '../ports.ts';
import { jsonText } from '../reply.ts';
import type { ApiContext, Handler } from '../request.ts';
import { containerId } from './lookup.ts';
import { exitCode, isRunning } from './status.ts';

const UNKNOWN_EXIT = 255;

function condition(query: URLSearchParams): WaitCondition {
  const given = query.get('condition') ?? '';
  if (given === '' || given === 'not-running') return 'not-running';
  if (given === 'next-exit' || given === 'removed') return given;
  throw apiError('bad-parameter', { message: `invalid condition: "${given}"` });
}

function response(code: number, error = ''): WaitResponse {
  return { StatusCode: code, ...(error === '' ? {} : { Error: { Message: error } }) };
}

/** What a container that does not run says: its last code, and why it could not be started. */
function resting(details: ContainerDetails | undefined): WaitResponse {
  return details === undefined ? response(0) : response(exitCode(details), details.error);
}

/** The same of one that is gone: with the container dockerd forgets why it could not be started. */
function departed(details: ContainerDetails | undefined): WaitResponse {
  return response(resting(details).StatusCode);
}

/** What a fact means to someone who waits: the answer, or undefined to wait on. */
function released(
  fact: LoggedFact,
  wanted: WaitCondition,
  details: () => ContainerDetails | undefined,
): WaitResponse | undefined {
  const { code, message } = fact.data;
  if (fact.type === 'container.removed') return departed(details());
  if (wanted === 'removed' && fact.type === 'container.remove-failed')
    return response(departed(details()).StatusCode, typeof message === 'string' ? message : '');
  if (wanted !== 'removed' && fact.type === 'container.exited')
    return response(typeof code === 'number' ? code : UNKNOWN_EXIT, details()?.error);
  return undefined;
}

/** Resolves with the answer, or with undefined when the client went away. */
function waitFor(
  { ports, tail }: ApiContext,
  id: string,
  wanted: WaitCondition,
  signal: AbortSignal,
): Promise<WaitResponse | undefined> {
  const details = () => ports.containers.get(id);
  return new Promise((resolve) => {
    const finish = (answer?: WaitResponse) => {
      unwatch();
      signal.removeEventListener('abort', gone);
      resolve(answer);
    };
    const gone = () => finish();
    const unwatch = tail.watch(`container/${id}`, (fact) => {
      const answer = released(fact, wanted, details);
      if (answer !== undefined) finish(answer);
    });
    signal.addEventListener('abort', gone, { once: true });
    const now = details();
    if (signal.aborted) finish();
    else if (now?.removed === true) finish(departed(now));
    else if (wanted === 'not-running' && now !== undefined && !isRunning(now)) finish(resting(now));
  });
}

async function* once(answer: Promise<WaitResponse | undefined>): AsyncGenerator<string> {
  const known = await answer;
  if (known !== undefined) yield jsonText(known);
}

export const wait: Handler = (context, request) => {
  const wanted = condition(request.query);
  const id = containerId(context.ports, request.params['id'] ?? '');
  return {
    kind: 'stream',
    status: 200,
    headers: { 'Content-Type': 'application/json' },
    chunks: once(waitFor(context, id, wanted, request.signal)),
  };
};
