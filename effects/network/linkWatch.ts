/**
 * Notices that somebody took links away. It tells names; whether one should be there is known to
 * whoever asked.
 */
import { Monitor } from './monitor.ts';

export interface LinkWatchOptions {
  /** A link is gone, or hangs on nothing any more; null: nobody looked for a while. */
  readonly changed: (name: string | null) => void;
}

export function watchLinks({ changed }: LinkWatchOptions): Monitor {
  return new Monitor({
    command: 'ip',
    args: ['-o', 'monitor', 'link'],
    heard: (line) => {
      const name = lostIn(line);
      if (name !== undefined) changed(name);
    },
    missed: () => changed(null),
  });
}

/** `Deleted 7: br0: <…>`, or one that was set down: its name; undefined: of no interest. */
export function lostIn(line: string): string | undefined {
  const [, deleted, name, flags = ''] =
    /^(Deleted )?\d+: ([^:@]+)(?:@[^:]+)?: <([^>]*)>/.exec(line) ?? [];
  if (name === undefined) return undefined;
  return deleted !== undefined || !flags.split(',').includes('UP') ? name : undefined;
}
