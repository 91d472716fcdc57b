/** `GET /containers/{id}/logs`. */
import { apiError } from '../errors.ts';
import { flag } from '../parameters.ts';
import type { LogOptions } from '../ports.ts';
import type { Handler } from '../request.ts';
import { outputType } from '../stdcopy.ts';
import { timestamp } from '../time.ts';
import { since } from '../versions.ts';
import { container } from './lookup.ts';
import { renderedAll } from './output.ts';

/** A number of records from the end; words, nothing and negative numbers mean all. */
function tail(query: URLSearchParams): number | null {
  const value = query.get('tail') ?? '';
  return /^\d+$/.test(value) ? Number(value) : null;
}

/** An instant; zero means no bound. */
function bound(query: URLSearchParams, name: string): bigint | null {
  const ns = timestamp(query, name);
  return ns === 0n ? null : ns;
}

function logOptions(query: URLSearchParams): Omit<LogOptions, 'driver'> {
  const stdout = flag(query, 'stdout');
  const stderr = flag(query, 'stderr');
  if (!stdout && !stderr) throw apiError('no-log-stream', {});
  return {
    stdout,
    stderr,
    follow: flag(query, 'follow'),
    sinceNs: bound(query, 'since'),
    untilNs: bound(query, 'until'),
    tail: tail(query),
  };
}

export const logs: Handler = ({ ports }, request) => {
  // As in dockerd, a request for no stream is wrong whatever the container.
  const options = logOptions(request.query);
  const details = container(ports, request.params['id'] ?? '');
  if (details.status === 'dead' || details.status === 'removing') throw apiError('log-of-dead', {});
  const { Type: driver } = details.hostConfig.LogConfig;
  if (driver === 'none') throw apiError('log-not-readable', {});
  const { Tty: tty } = details.config;
  const rendering = {
    tty,
    timestamps: flag(request.query, 'timestamps'),
    details: flag(request.query, 'details'),
  };
  const records = ports.streams.logs(details.id, { ...options, driver }, request.signal);
  return {
    kind: 'stream',
    status: 200,
    headers: { 'Content-Type': outputType(tty, since(request.version, '1.42')) },
    chunks: renderedAll(records, rendering, request.signal),
    lent: true,
  };
};
