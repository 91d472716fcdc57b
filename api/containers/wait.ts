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

function response(code: number, details: ContainerDetails | undefined): WaitResponse {
  const message = details?.error ?? '';
  return { StatusCode: code, ...(message === '' ? {} : { Error: { Message: message } }) };
}

function codeOf(fact: LoggedFact): number {
  const code = fact.data['code'];
  return typeof code === 'number' ? code : UNKNOWN_EXIT;
}

/** What a fact means to someone who waits: the exit code, or undefined to wait on. */
function released(
  fact: LoggedFact,
  wanted: WaitCondition,
  details: () => ContainerDetails | undefined,
): number | undefined {
  const last = (): number => {
    const known = details();
    return known === undefined ? 0 : exitCode(known);
  };
  if (wanted === 'removed') {
    const over = fact.type === 'container.removed' || fact.type === 'container.remove-failed';
    return over ? last() : undefined;
  }
  if (fact.type === 'container.exited') return codeOf(fact);
  // A container that is removed without having run will never exit: 0, as dockerd says.
  if (fact.type === 'container.removed') return wanted === 'next-exit' ? 0 : last();
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
    const finish = (code?: number) => {
      unwatch();
      signal.removeEventListener('abort', gone);
      resolve(code === undefined ? undefined : response(code, details()));
    };
    const gone = () => finish();
    const unwatch = tail.watch(`container/${id}`, (fact) => {
      const code = released(fact, wanted, details);
      if (code !== undefined) finish(code);
    });
    signal.addEventListener('abort', gone, { once: true });
    const now = details();
    if (signal.aborted) finish();
    else if (wanted === 'not-running' && now !== undefined && !isRunning(now))
      finish(exitCode(now));
    else if (now?.removed === true) finish(exitCode(now));
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
