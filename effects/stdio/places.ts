/** Names in the stdio process's directory that both sides know. */
import { join } from 'node:path';
import type { FifoPaths, RunParameters } from './protocol.ts';

export const socketName = 'stdio.sock';

type Named = Pick<RunParameters, 'container' | 'run' | 'tty' | 'openStdin'>;

/** `<dir>/<container>/<run>-stdin|stdout|stderr`; `''`: no such stream. */
export function fifoPaths(dir: string, { container, run, tty, openStdin }: Named): FifoPaths {
  const path = (name: string): string => join(dir, container, `${run}-${name}`);
  return {
    stdin: openStdin ? path('stdin') : '',
    stdout: path('stdout'),
    stderr: tty ? '' : path('stderr'),
  };
}
