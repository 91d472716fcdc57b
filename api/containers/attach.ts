/**
 * `POST /containers/{id}/attach`: registered with the container's streams before the client gets
 * its answer, so that a start that follows the answer loses no byte. Ends with the run's output,
 * with the container's removal, with the detach keys, or when the client is gone; then the
 * attachment is given up, and what runs goes on.
 */
import type { Duplex } from 'node:stream';
import type { ContainerDetails } from '../../projections/views.ts';
import { detachKeys } from '../detachKeys.ts';
import { apiError } from '../errors.ts';
import { flag } from '../parameters.ts';
import type { AttachOptions } from '../ports.ts';
import { relay } from '../relay.ts';
import type { ApiContext, ApiRequest, Handler, HijackedConnection } from '../request.ts';
import { outputType } from '../stdcopy.ts';
import { since } from '../versions.ts';
import { container } from './lookup.ts';
import { renderedAll } from './output.ts';

/** What was asked for, checked. */
export interface Asked {
  readonly details: ContainerDetails;
  readonly options: AttachOptions;
  readonly keys: readonly number[];
  /** Replay the log up to then first; null: no replay. */
  readonly replayUntilNs: bigint | null;
  /** Whether more than the replay is wanted. */
  readonly streams: boolean;
  /** The client gets what was written without frames. */
  readonly raw: boolean;
}

interface Attachment extends Asked {
  /** undefined: replay only. */
  readonly live: Duplex | undefined;
}

export function attachOptions(details: ContainerDetails, query: URLSearchParams): AttachOptions {
  return {
    // A container without open stdin ignores what the client types.
    stdin: flag(query, 'stdin') && details.config.OpenStdin,
    stdout: flag(query, 'stdout'),
    stderr: flag(query, 'stderr'),
  };
}

/** @param ref what the client calls it, and dockerd too here */
function attachable({ status }: ContainerDetails, ref: string): void {
  if (status === 'paused') throw apiError('attach-paused', { id: ref });
  if (status === 'restarting') throw apiError('is-restarting', { id: ref });
}

async function replay(
  { ports }: ApiContext,
  { details, options, replayUntilNs, raw }: Attachment,
  { output, signal }: HijackedConnection,
): Promise<void> {
  const { Type: driver } = details.hostConfig.LogConfig;
  if (replayUntilNs === null || driver === 'none') return;
  const all = { driver, follow: false, sinceNs: null, untilNs: replayUntilNs, tail: null };
  const { stdout, stderr } = options;
  const records = ports.streams.logs(details.id, { stdout, stderr, ...all }, signal);
  const rendering = { tty: raw, timestamps: false, details: false };
  for await (const chunk of renderedAll(records, rendering, signal)) {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => output.write(chunk, () => resolve()));
  }
}

/** An event of the container that changes nothing about it. */
function tell({ ports }: ApiContext, { details }: Attachment, action: 'attach' | 'detach'): void {
  ports.tell({ subject: `container/${details.id}`, action, attributes: {} });
}

export async function run(
  context: ApiContext,
  attachment: Attachment,
  connection: HijackedConnection,
): Promise<void> {
  const { live, details, options, raw } = attachment;
  const left = new AbortController();
  const unwatch = context.tail.watch(`container/${details.id}`, (fact) => {
    if (fact.type === 'container.removed') left.abort();
  });
  const gone = () => left.abort();
  connection.signal.addEventListener('abort', gone, { once: true });
  if (connection.signal.aborted) gone();
  // Nobody else listens while the log is replayed.
  live?.on('error', gone);
  try {
    if (!left.signal.aborted) await replay(context, attachment, connection);
    if (live === undefined || left.signal.aborted) return;
    const keys = details.config.Tty ? attachment.keys : null;
    const session = { live, raw, stdin: options.stdin, keys };
    await relay(session, connection, left, () => tell(context, attachment, 'detach'));
  } finally {
    unwatch();
    live?.destroy();
  }
}

/** @throws ApiError */
export function asked(
  { ports }: ApiContext,
  request: ApiRequest,
  optionsOf: typeof attachOptions,
  raw: boolean,
): Asked {
  const { query } = request;
  const ref = request.params['id'] ?? '';
  // Before it is known whether there is such a container.
  const keys = detachKeys(query.get('detachKeys') ?? '');
  const details = container(ports, ref);
  attachable(details, ref);
  return {
    details,
    keys,
    options: optionsOf(details, query),
    replayUntilNs: flag(query, 'logs') ? ports.ambient.nowNs() : null,
    streams: flag(query, 'stream'),
    raw: raw || details.config.Tty,
  };
}

/** Registered with the container's streams when it resolves; the event is told. */
export async function joined(context: ApiContext, wish: Asked): Promise<Attachment> {
  const { streams } = context.ports;
  const live = wish.streams ? await streams.attach(wish.details.id, wish.options) : undefined;
  const attachment = { ...wish, live };
  tell(context, attachment, 'attach');
  return attachment;
}

export const attach: Handler = async (context, request) => {
  const attachment = await joined(context, asked(context, request, attachOptions, false));
  return {
    kind: 'hijack',
    contentType: outputType(attachment.details.config.Tty, since(request.version, '1.42')),
    run: (connection) => run(context, attachment, connection),
  };
};
