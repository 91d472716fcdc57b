/** Volumes whose directory somebody has taken away. */
import type { SystemPort } from '../container/systemPort.ts';
import { volumePaths } from './paths.ts';

export async function volumesGone(
  dataRoot: string,
  { files }: Pick<SystemPort, 'files'>,
  names: readonly string[],
): Promise<readonly string[]> {
  const gone: string[] = [];
  for (const name of names) {
    if (!(await files.isDirectory(volumePaths(dataRoot, name).data))) gone.push(name);
  }
  return gone;
}
