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

interface Attachment {
  readonly details: ContainerDetails;
  readonly options: AttachOptions;
  readonly keys: readonly number[];
  /** Replay the log up to then first; null: no replay. */
  readonly replayUntilNs: bigint | null;
  /** undefined: replay only. */
  readonly live: Duplex | undefined;
}

function attachOptions(details: ContainerDetails, query: URLSearchParams): AttachOptions {
  return {
    // A container without open stdin ignores what the client types.
    stdin: flag(query, 'stdin') && details.config.OpenStdin,
    stdout: flag(query, 'stdout'),
    stderr: flag(query, 'stderr'),
  };
}

function attachable(details: ContainerDetails): void {
  const { id, status } = details;
  if (status === 'paused') throw apiError('attach-paused', { id });
  if (status === 'restarting') throw apiError('is-restarting', { id });
}

async function replay(
  { ports }: ApiContext,
  { details, options, replayUntilNs }: Attachment,
  { output, signal }: HijackedConnection,
): Promise<void> {
  const { Type: driver } = details.hostConfig.LogConfig;
  if (replayUntilNs === null || driver === 'none') return;
  const all = { driver, follow: false, sinceNs: null, untilNs: replayUntilNs, tail: null };
  const { stdout, stderr } = options;
  const records = ports.streams.logs(details.id, { stdout, stderr, ...all }, signal);
  const rendering = { tty: details.config.Tty, timestamps: false, details: false };
  for await (const chunk of renderedAll(records, rendering, signal)) {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => output.write(chunk, () => resolve()));
  }
}

/** An event of the container that changes nothing about it. */
function tell({ ports }: ApiContext, { details }: Attachment, action: 'attach' | 'detach'): void {
  ports.tell({ subject: `container/${details.id}`, action, attributes: {} });
}

async function run(
  context: ApiContext,
  attachment: Attachment,
  connection: HijackedConnection,
): Promise<void> {
  const { live, details, options } = attachment;
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
    const { Tty: raw } = details.config;
    const session = { live, raw, stdin: options.stdin, keys: raw ? attachment.keys : null };
    await relay(session, connection, left, () => tell(context, attachment, 'detach'));
  } finally {
    unwatch();
    live?.destroy();
  }
}

async function attachment(context: ApiContext, request: ApiRequest): Promise<Attachment> {
  const { ports } = context;
  const { query } = request;
  const details = container(ports, request.params['id'] ?? '');
  const keys = detachKeys(query.get('detachKeys') ?? '');
  attachable(details);
  const options = attachOptions(details, query);
  const replayUntilNs = flag(query, 'logs') ? ports.ambient.nowNs() : null;
  const streams = flag(query, 'stream');
  const live = streams ? await ports.streams.attach(details.id, options) : undefined;
  return { details, options, keys, replayUntilNs, live };
}

export const attach: Handler = async (context, request) => {
  const attached = await attachment(context, request);
  tell(context, attached, 'attach');
  return {
    kind: 'hijack',
    contentType: outputType(attached.details.config.Tty, since(request.version, '1.42')),
    run: (connection) => run(context, attached, connection),
  };
};
