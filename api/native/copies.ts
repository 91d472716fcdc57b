/**
 * `GET /shiplog/v1/backup` and `/export`: the log as one file. A backup is all of it; an export
 * leaves out the values of the environment unless they are asked for by name.
 */
import { refusalError } from '../errors.ts';
import type { ApiPorts } from '../ports.ts';
import type { Handler, Reply } from '../request.ts';
import { found } from './lookup.ts';
import type { CopyWanted } from './ports.ts';

async function copied(
  { native }: ApiPorts,
  wanted: CopyWanted,
  signal: AbortSignal,
): Promise<Reply> {
  const outcome = await native.copy(wanted, signal);
  if (outcome.kind === 'failed') {
    const refusal = { kind: 'log-failed', message: outcome.message } as const;
    throw refusalError(refusal, { command: 'reconcile', ref: '' });
  }
  const { bytes, chunks } = outcome.copy;
  const headers = {
    'Content-Type': 'application/vnd.sqlite3',
    'Content-Length': String(bytes),
  };
  return { kind: 'stream', status: 200, headers, chunks };
}

export const backup: Handler = ({ ports }, { signal }) =>
  copied(ports, { reveal: null, container: null }, signal);

export const exportLog: Handler = ({ ports }, { query, signal }) => {
  const ref = query.get('container');
  const container = ref === null ? null : found(ports, ref).id;
  return copied(ports, { reveal: query.getAll('reveal'), container }, signal);
};
