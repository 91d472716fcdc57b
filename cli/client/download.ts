/** A file that the daemon gives out: it is there whole, or not at all. */
import { constants } from 'node:fs';
import { open as openFile, rename, rm } from 'node:fs/promises';
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

/** @throws ClientError, also when the connection breaks; errors of the file system */
export async function download(
  host: Host,
  path: string,
  file: string,
  progress: Progress = () => undefined,
): Promise<void> {
  const reply = await open(host, { method: 'GET', path }, new AbortController().signal);
  const of = Number(reply.headers['content-length'] ?? '0');
  const partial = `${file}.partial`;
  const target = await openFile(partial, NEW, 0o600);
  let done = 0;
  try {
    for await (const chunk of reply) {
      await target.writeFile(chunk);
      done += chunk.length;
      progress(done, of);
    }
    if (done !== of) throw new ClientError(null, 'the daemon broke off before the end of the file');
    await target.sync();
    await target.close();
    await rename(partial, file);
  } catch (error) {
    await target.close();
    await rm(partial, { force: true });
    throw error;
  }
}
