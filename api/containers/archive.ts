/**
 * `docker cp`, `docker diff` and `docker export`: files of a container, running or not. None of it
 * changes what the container is; who is watching is told beside the log.
 */
import { type ApiError, apiError } from '../errors.ts';
import { flag } from '../parameters.ts';
import type { ApiPorts, PathStat } from '../ports.ts';
import { type ApiRequest, empty, type Handler, json, type Reply } from '../request.ts';
import { rfc3339 } from '../time.ts';
import { container } from './lookup.ts';

const STAT_HEADER = 'X-Docker-Container-Path-Stat';
const ref = (request: ApiRequest): string => request.params['id'] ?? '';

/** What goes wrong under the root has a kind; anything else is a bug. */
export function archiveFailed(thrown: unknown, path: string, asked: string): unknown {
  if (!(thrown instanceof Error) || thrown.name !== 'ArchiveError' || !('kind' in thrown))
    return thrown;
  return faceOf(String(thrown.kind), thrown.message, path, asked);
}

function faceOf(kind: string, message: string, path: string, asked: string): ApiError {
  if (kind === 'not-found') return apiError('no-such-file', { path, ref: asked });
  if (kind === 'gone') return apiError('no-such-container', { ref: asked });
  if (kind === 'invalid') return apiError('bad-parameter', { message });
  if (kind === 'read-only' || kind === 'refused') return apiError('copy-refused', { message });
  return apiError('internal', { message });
}

function pathOf(request: ApiRequest): string {
  const path = request.query.get('path') ?? '';
  if (path === '') throw apiError('empty-path', {});
  if (path.includes('\0'))
    throw apiError('bad-parameter', { message: 'a path can not hold a zero byte' });
  return path;
}

async function asking<T>(request: ApiRequest, path: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (thrown) {
    throw archiveFailed(thrown, path, ref(request));
  }
}

export const tell = (ports: ApiPorts, id: string, action: string, attributes = {}): void =>
  ports.tell({ subject: `container/${id}`, action, attributes });

function statHeader({ name, size, mode, mtimeNs, linkTarget }: PathStat) {
  const told = { name, size, mode, mtime: rfc3339(BigInt(mtimeNs)), linkTarget };
  return { [STAT_HEADER]: Buffer.from(JSON.stringify(told)).toString('base64') };
}

export const statArchive: Handler = async ({ ports }, request) => {
  const path = pathOf(request);
  const { id } = container(ports, ref(request));
  const stat = await asking(request, path, () => ports.archives.stat(id, path, request.signal));
  return { kind: 'text', status: 200, text: '', headers: statHeader(stat) };
};

const tar = (headers: Readonly<Record<string, string>>, chunks: AsyncIterable<Buffer>): Reply => ({
  kind: 'stream',
  status: 200,
  headers,
  chunks,
});

export const getArchive: Handler = async ({ ports }, request) => {
  const path = pathOf(request);
  const { id } = container(ports, ref(request));
  const { stat, chunks } = await asking(request, path, () =>
    ports.archives.copyOut(id, path, request.signal),
  );
  tell(ports, id, 'archive-path');
  return tar({ 'Content-Type': 'application/x-tar', ...statHeader(stat) }, chunks);
};

export const putArchive: Handler = async ({ ports }, request) => {
  const path = pathOf(request);
  const details = container(ports, ref(request));
  const { User: user } = details.config;
  const options = {
    path,
    noOverwriteDirNonDir: flag(request.query, 'noOverwriteDirNonDir'),
    rootReadOnly: details.hostConfig.ReadonlyRootfs,
    user: flag(request.query, 'copyUIDGID') && user !== '' ? user : null,
  };
  // What was sent and is not wanted any more must not cost the connection its answer.
  const body = request.body.iterator({ destroyOnReturn: false });
  await asking(request, path, () =>
    ports.archives.copyIn(details.id, options, body, request.signal),
  );
  tell(ports, details.id, 'extract-to-dir');
  return empty(200);
};

export const changes: Handler = async ({ ports }, request) => {
  const { id } = container(ports, ref(request));
  const found = await asking(request, '/', () => ports.archives.changes(id, request.signal));
  return json(
    found.length === 0 ? null : found.map(({ path, kind }) => ({ Path: path, Kind: kind })),
  );
};

export const exportRoot: Handler = ({ ports }, request) => {
  const { id, status } = container(ports, ref(request));
  if (status === 'dead') throw apiError('not-copied-when-dead', { id, doing: 'export' });
  if (status === 'removing') throw apiError('not-copied-when-removed', { id, doing: 'export' });
  tell(ports, id, 'export');
  const chunks = ports.archives.export(id, request.signal);
  return tar({ 'Content-Type': 'application/octet-stream' }, chunks);
};
