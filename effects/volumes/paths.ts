/** Where the volumes of the local driver lie. */
import { join } from 'node:path';

export interface VolumePaths {
  readonly directory: string;
  /** What containers see; where the volume's device is mounted, if it has one. */
  readonly data: string;
  /** There while the image's content is copied into the volume. */
  readonly filling: string;
}

/** @param name without a slash, as every volume's */
export function volumePaths(dataRoot: string, name: string): VolumePaths {
  const directory = join(dataRoot, 'volumes', name);
  return { directory, data: join(directory, '_data'), filling: join(directory, 'filling') };
}
