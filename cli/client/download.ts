/**
 * A file that the daemon gives out: it is there whole, or not at all, and in nobody's place.
 */
import { constants, existsSync } from 'node:fs';
import { type FileHandle, link, open as openFile, rm } from 'node:fs/promises';
import type { Host } from '../host.ts';
import { ClientError, open } from './exchange.ts';
import type { Progress } from './work.ts';

export interface ExportWanted {
  /** Id, prefix or name; absent: the whole log. */
  readonly container?: string | undefined;
  /** Names of variables whose values go along. */
  readonly reveal?: readonly string[];
}

const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

/** Why a file can not be written, in words. */
const REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'there is one already',
  ENOENT: 'there is no such directory',
  ENOSPC: 'there is no space left',
  EACCES: 'you may not write there',
  EROFS: 'nothing can be written there',
};

function unwritten(file: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = REASONS[code];
  if (reason === undefined) return error;
  return new ClientError(null, `the file ${file} can not be made: ${reason}`, { cause: error });
}

/** @throws ClientError, also when the connection breaks or the file can not be made */
export async function download(
  host: Host,
  path: string,
  file: string,
  progress: Progress = () => undefined,
): Promise<void> {
  if (existsSync(file)) throw unwritten(file, Object.assign(new Error(file), { code: 'EEXIST' }));
  const partial = `${file}.partial`;
  try {
    const target = await openFile(partial, NEW, 0o600);
    try {
      await receive(host, path, target, progress);
    } finally {
      await target.close();
    }
    await link(partial, file);
  } catch (error) {
    throw unwritten(file, error);
  } finally {
    await rm(partial, { force: true });
  }
}

async function receive(
  host: Host,
  path: string,
  target: FileHandle,
  progress: Progress,
): Promise<void> {
  const reply = await open(host, { method: 'GET', path }, new AbortController().signal);
  const of = Number(reply.headers['content-length'] ?? '0');
  let done = 0;
  for await (const chunk of reply) {
    await target.writeFile(chunk);
    done += chunk.length;
    progress(done, of);
  }
  if (done !== of) throw new ClientError(null, 'the daemon broke off before the end of the file');
  await target.sync();
}
