/**
 * `POST /exec/{id}/start`. Attached to its output before it is started, so that no byte is lost;
 * the connection is answered when the process runs, and closed when its exit is on record: a client
 * that inspects it then is told how it ended.
 */
import type { Duplex } from 'node:stream';
import type { Refusal } from '../../machines/container.commands.ts';
import type { ExecView } from '../../projections/views.ts';
import { jsonBody } from '../body.ts';
import { recordedKeys } from '../detachKeys.ts';
import { refusalError } from '../errors.ts';
import type { ExecStartRequest } from '../openapi.gen.ts';
import type { AttachOptions } from '../ports.ts';
import { relay } from '../relay.ts';
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
import { consoleSize } from './size.ts';

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

/** What of its output and input the client gets, by what it said at the start. */
function wanted({ config }: ExecView, raw: boolean): AttachOptions {
  const { AttachStdin: stdin, AttachStdout: stdout, AttachStderr: stderr } = config;
  // Without frames there is one stream; only what has a terminal has mixed the two already.
  return { stdin, stdout, stderr: stderr && !raw };
}

interface Started {
  readonly live: Duplex;
  /** Resolves when its exit is on record. */
  readonly exited: Promise<void>;
  readonly unwatch: () => void;
  /** Why it was not started; undefined: it runs. */
  readonly failure: string | undefined;
}

/** Its output and input, from before it is started, if this is asked for before. */
async function attachedTo({ ports }: ApiContext, exec: ExecView, raw: boolean): Promise<Duplex> {
  const live = await ports.streams.attachExec(exec.id, wanted(exec, raw));
  live.on('error', () => undefined);
  return live;
}

/** Both at once: the start waits for the attachment before it opens the output. */
async function started(
  context: ApiContext,
  request: ApiRequest,
  exec: ExecView,
  raw: boolean,
): Promise<Started> {
  const exited = Promise.withResolvers<void>();
  const unwatch = context.tail.watch(`exec/${exec.container}/${exec.id}`, ({ type }) => {
    if (type === 'exec.exited') exited.resolve();
  });
  const attached = attachedTo(context, exec, raw);
  const submission = submitted(context, request, exec, false);
  try {
    await Promise.allSettled([attached, submission]);
    const [live, refusal] = await Promise.all([attached, submission]);
    // What has ended by now says so while the head of the answer is written.
    live.read(0);
    if (refusal === undefined) return { live, exited: exited.promise, unwatch, failure: undefined };
    if (refusal.kind !== 'exec-start-failed') throw asError(refusal, exec);
    letGo(attached, unwatch);
    return { live, exited: exited.promise, unwatch, failure: refusal.message };
  } catch (error) {
    letGo(attached, unwatch);
    throw error;
  }
}

function letGo(attached: Promise<Duplex>, unwatch: () => void): void {
  unwatch();
  attached.then(
    (live) => live.destroy(),
    () => undefined,
  );
}

async function run(
  { ports }: ApiContext,
  exec: ExecView,
  raw: boolean,
  { live, exited, unwatch, failure }: Started,
  connection: HijackedConnection,
): Promise<void> {
  if (failure !== undefined) {
    const text = Buffer.from(`${failure}\r\n`);
    connection.output.write(raw ? text : frame('stdout', text));
    return;
  }
  const { config, container, id } = exec;
  const keys = config.Tty ? recordedKeys(config.DetachKeys) : null;
  const left = new AbortController();
  const gone = Promise.withResolvers<void>();
  left.signal.addEventListener('abort', () => gone.resolve(), { once: true });
  try {
    await relay({ live, raw, stdin: config.AttachStdin, keys }, connection, left, () =>
      ports.tell({
        subject: `container/${container}`,
        action: 'exec_detach',
        attributes: { execID: id },
      }),
    );
    await Promise.race([exited, gone.promise]);
  } finally {
    unwatch();
  }
}

/** The size that came with the start, where it is not the one from its making. */
async function sized(
  { ports }: ApiContext,
  { id, container, config }: ExecView,
  asked: ExecStartRequest,
): Promise<void> {
  const size = asked.Tty === true && config.Tty ? consoleSize(asked.ConsoleSize) : undefined;
  if (size === undefined || String(size) === String(config.ConsoleSize)) return;
  await ports.streams.resizeExec(container, id, ...size);
}

export const start: Handler = async (context, request) => {
  const { value: asked } = await jsonBody('ExecStartRequest', request);
  const exec = execOf(context.ports, request);
  if (asked.Detach === true) {
    const refusal = await submitted(context, request, exec, true);
    if (refusal !== undefined) throw asError(refusal, exec);
    return empty(200);
  }
  const raw = asked.Tty === true;
  const running = await started(context, request, exec, raw);
  const multiplexed = since(request.version, '1.42');
  if (multiplexed && running.failure === undefined) await sized(context, exec, asked);
  return {
    kind: 'hijack',
    contentType: outputType(raw, multiplexed),
    run: (connection) => run(context, exec, raw, running, connection),
  };
};
