/** The environment of the container's first process. */

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface EnvironmentDefaults {
  readonly hostname: string;
  readonly tty: boolean;
}

/**
 * Defaults first, then the user's entries by name: one that exists is replaced in its place, one
 * without `=` takes the variable away. HOME is the runtime's to add, from the image's passwd.
 */
export function environment(
  entries: readonly string[],
  defaults: EnvironmentDefaults,
): readonly string[] {
  const byName = new Map<string, string>();
  const initial = [PATH, `HOSTNAME=${defaults.hostname}`, ...(defaults.tty ? ['TERM=xterm'] : [])];
  for (const entry of [...initial, ...entries]) {
    const at = entry.indexOf('=');
    if (at < 0) byName.delete(entry);
    else byName.set(entry.slice(0, at), entry);
  }
  return [...byName.values()];
}
