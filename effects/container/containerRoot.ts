/** What a start needs of the mounted root: the user by its files, and the working directory. */
import { EffectFailure } from '../failure.ts';
import { textList } from '../spec/hostFields.ts';
import { workingDirectory } from '../spec/process.ts';
import type { OciUser, SpecSubject } from '../spec/types.ts';
import { resolveUser, UnknownUser } from '../spec/user.ts';
import { codeOf } from '../system/libc.ts';
import type { SystemPort } from './systemPort.ts';

/** passwd and group files larger than this are not read: they are the image's to write. */
const MAX_ACCOUNT_BYTES = 4 * 1024 * 1024;

/** @throws EffectFailure `failed` with Docker's text when user or group do not exist */
export function userOf(
  { confined }: Pick<SystemPort, 'confined'>,
  container: SpecSubject,
  root: string,
): OciUser {
  const groupAdd = textList(container.hostConfig, 'GroupAdd');
  const read = (path: string): Buffer | undefined =>
    confined.readFile(root, path, MAX_ACCOUNT_BYTES);
  try {
    return resolveUser(container.config.User, groupAdd, read);
  } catch (error) {
    if (!(error instanceof UnknownUser)) throw error;
    throw new EffectFailure('failed', error.message, { cause: error });
  }
}

/**
 * The image need not hold the directory that the process starts in.
 * @throws EffectFailure `failed` with Docker's text when a file lies at the path or above it
 */
export function makeWorkingDirectory(
  { confined }: Pick<SystemPort, 'confined'>,
  container: SpecSubject,
  root: string,
): void {
  const path = workingDirectory(container.config.WorkingDir);
  try {
    confined.makeDirectories(root, path, { mode: 0o755, uid: 0, gid: 0 });
  } catch (error) {
    if (codeOf(error) !== 'ENOTDIR') throw error;
    const message = `Cannot mkdir: ${path} is not a directory`;
    throw new EffectFailure('failed', message, { cause: error });
  }
}
