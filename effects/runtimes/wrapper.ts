/**
 * Wrapper scripts of runtimes that are given arguments: runc's shim runs one program, without any.
 * A script is named by the digest of its content and never changes; so a container keeps the one it
 * was started with, whatever the configuration says by now.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { RuntimeConfigError } from './runtimeConfigError.ts';

export interface Wrapper {
  /** Of the content, hexadecimal. */
  readonly sha256: string;
  readonly file: string;
  readonly content: string;
}

/** Where the scripts of a data root are. */
export const wrapperDirectory = (dataRoot: string): string => join(dataRoot, 'runtimes');

export function wrapperOf(dir: string, path: string, args: readonly string[]): Wrapper {
  if ([path, ...args].some((word) => word.includes('\0'))) {
    throw new RuntimeConfigError(`no argument of ${JSON.stringify(path)} can hold a zero byte`);
  }
  const words = [path, ...args].map(quoted).join(' ');
  const content = `#!/bin/sh\nexec ${words} "$@"\n`;
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { sha256, file: join(dir, sha256), content };
}

/** One word for a POSIX shell, whatever is in it. */
function quoted(word: string): string {
  return /^[\w%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** dockerd puts arguments into its script as they are: what of them means something to a shell. */
export const splitByDockerd = (argument: string): boolean => /[^\w%+=:,./@-]/.test(argument);

/** Writes it if it is not there whole; durable when this returns. @throws what writing throws */
export function writeWrapper(dir: string, { file, content }: Wrapper): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (readIfThere(file) === content) return;
  const draft = `${file}.new`;
  rmSync(draft, { force: true });
  const handle = openSync(draft, 'wx', 0o500);
  try {
    writeSync(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
  const directory = openSync(dir, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Takes away all scripts but these, and drafts. @returns digests of what went */
export function removeWrappersBut(dir: string, kept: ReadonlySet<string>): readonly string[] {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const stale = readdirSync(dir).filter(
    (name) => /^[0-9a-f]{64}(\.new)?$/.test(name) && !kept.has(name),
  );
  for (const name of stale) rmSync(join(dir, name), { force: true });
  return stale;
}
