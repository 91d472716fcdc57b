/**
 * The kernel takes one page of mount data. An overlay of many layers has more, so the directory
 * that all lower layers share is taken out: mounted from there, the rest of each path will do.
 */

/** Bytes of mount data the kernel takes, its closing zero byte included. */
const pageBytes = 4096;
const key = 'lowerdir=';

export interface RelativeData {
  /** Working directory of the mount call; undefined: any. */
  readonly directory: string | undefined;
  readonly data: string;
}

/** Data that fits in a page, if that can be; returned as it is when it fits already. */
export function shortenOverlay(data: string): RelativeData {
  if (Buffer.byteLength(data) < pageBytes) return { directory: undefined, data };
  const options = data.split(',');
  const lower = options.find((option) => option.startsWith(key));
  const paths = lower?.slice(key.length).split(':') ?? [];
  const directory = commonDirectory(paths);
  if (directory === undefined) return { directory, data };
  const relative = paths.map((path) => path.slice(directory.length)).join(':');
  const shorter = options.map((option) => (option === lower ? `${key}${relative}` : option));
  return { directory, data: shorter.join(',') };
}

/** With its final slash. An escaped colon or a path that is not absolute is left alone. */
function commonDirectory(paths: readonly string[]): string | undefined {
  const first = paths[0];
  if (first === undefined) return undefined;
  if (paths.some((path) => !path.startsWith('/') || path.includes('\\'))) return undefined;
  for (let end = first.lastIndexOf('/'); end > 0; end = first.lastIndexOf('/', end - 1)) {
    const directory = first.slice(0, end + 1);
    if (paths.every((path) => path.startsWith(directory))) return directory;
  }
  return undefined;
}
