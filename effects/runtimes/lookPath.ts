/** Finds a program as a shell would; its complaints are those of Go, which docker passes on. */
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

export type Looked =
  | { readonly kind: 'found'; readonly file: string }
  | { readonly kind: 'missing'; readonly message: string };

/** @param path value of PATH; empty parts are passed over */
export function lookPath(program: string, path: string): Looked {
  const fail = (why: string): Looked => ({
    kind: 'missing',
    message: `exec: ${JSON.stringify(program)}: ${why}`,
  });
  if (program.includes('/')) {
    const why = whyNot(program);
    return why === undefined ? { kind: 'found', file: program } : fail(why);
  }
  const dirs = path.split(':').filter((dir) => dir !== '');
  const file = dirs.map((dir) => join(dir, program)).find((one) => whyNot(one) === undefined);
  return file === undefined ? fail('executable file not found in $PATH') : { kind: 'found', file };
}

function whyNot(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return `stat ${file}: no such file or directory`;
  if (stat.isDirectory()) return 'is a directory';
  try {
    accessSync(file, constants.X_OK);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return 'permission denied';
  }
}
