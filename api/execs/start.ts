/**
 * `POST /exec/{id}/start`. Attached to its output before it is started, so that no byte is lost;
 * the connection is answered when the process runs, and closed when its exit is on record: a client
 * that inspects it then is told how it ended.
 */
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Refusal } from '../../machines/container.commands.ts';
import type { ExecView } from '../../projections/views.ts';
import { jsonBody } from '../body.ts';
import { apiError, refusalError } from '../errors.ts';
import {
  type ApiContext,
  type ApiRequest,
  empty,
  type Handler,
  type HijackedConnection,
} from '../request.ts';
import { frame, outputType } from '../stdcopy.ts';
import { since } from '../versions.ts';
import { execOf } from './lookup.ts';

/** @returns why it was not started; undefined: it runs */
async function submitted(
  { ports }: ApiContext,
  request: ApiRequest,
  exec: ExecView,
  detach: boolean,
): Promise<Refusal | undefined> {
  const command = { type: 'exec-start', id: exec.container, execId: exec.id, detach } as const;
  const outcome = await ports.commands.submit(command, request.info);
  return outcome.kind === 'refused' ? outcome.refusal : undefined;
}

const asError = (refusal: Refusal, { container: ref }: ExecView) =>
  refusalError(refusal, { command: 'exec', ref });

/** Resolves when the stream has ended, for whatever reason: it is an end to the client. */
async function ended(output: Duplex, over: AbortSignal): Promise<void> {
  try {
    await finished(output, { signal: over, writable: false });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}

async function relay(
  exec: ExecView,
  live: Duplex,
  exited: Promise<void>,
  { input, output, signal }: HijackedConnection,
): Promise<void> {
  const left = new AbortController();
  const gone = Promise.withResolvers<void>();
  const leave = (): void => {
    left.abort();
    gone.resolve();
  };
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  try {
    live.on('error', () => left.abort());
    live.pipe(output, { end: false });
    if (exec.config.AttachStdin) input.pipe(live);
    else input.resume();
    await ended(live, left.signal);
    await Promise.race([exited, gone.promise]);
  } finally {
    live.destroy();
  }
}

async function attached(context: ApiContext, request: ApiRequest, exec: ExecView) {
  const { AttachStdin: stdin, AttachStdout: stdout, AttachStderr: stderr } = exec.config;
  const exited = Promise.withResolvers<void>();
  const unwatch = context.tail.watch(`exec/${exec.container}/${exec.id}`, ({ type }) => {
    if (type === 'exec.exited') exited.resolve();
  });
  const live = await context.ports.streams.attachExec(exec.id, { stdin, stdout, stderr });
  live.on('error', () => undefined);
  const refusal = await submitted(context, request, exec, false);
  if (refusal === undefined) return { live, exited: exited.promise, unwatch, failure: undefined };
  unwatch();
  live.destroy();
  if (refusal.kind !== 'exec-start-failed') throw asError(refusal, exec);
  return { live, exited: exited.promise, unwatch, failure: refusal.message };
}

export const start: Handler = async (context, request) => {
  const { value: asked } = await jsonBody('ExecStartRequest', request);
  if (asked.Tty === true) throw apiError('unsupported', { what: 'an exec with a terminal' });
  const exec = execOf(context.ports, request);
  if (asked.Detach === true) {
    const refusal = await submitted(context, request, exec, true);
    if (refusal !== undefined) throw asError(refusal, exec);
    return empty(200);
  }
  const { live, exited, unwatch, failure } = await attached(context, request, exec);
  return {
    kind: 'hijack',
    contentType: outputType(false, since(request.version, '1.42')),
    async run(connection) {
      if (failure !== undefined) {
        connection.output.write(frame('stdout', Buffer.from(`${failure}\r\n`)));
        return;
      }
      try {
        await relay(exec, live, exited, connection);
      } finally {
        unwatch();
      }
    },
  };
};
