/** Notices that somebody else changed rules: our table, or what is forwarded at all. */
import { Monitor } from './monitor.ts';

export interface RuleWatchOptions {
  readonly table: string;
  /** Whether a process is ours: what it changed is no news. */
  readonly isOurs: (pid: number) => boolean;
  /** Also when nobody listened for a while. */
  readonly changed: () => void;
}

export function watchRules({ table, isOurs, changed }: RuleWatchOptions): Monitor {
  /** Since the last generation, something of interest was told. */
  let touched = false;
  return new Monitor({
    command: 'nft',
    args: ['monitor'],
    heard: (line) => {
      const author = /^# new generation \d+ by process (\d+)/.exec(line)?.[1];
      if (author === undefined) {
        touched ||= concerns(line, table);
        return;
      }
      const news = touched && !isOurs(Number(author));
      touched = false;
      if (news) changed();
    },
    missed: changed,
  });
}

/** Whether a line of `nft monitor` is about our table or about the policy of forwarding. */
export function concerns(line: string, table: string): boolean {
  const words = line.split(/\s+/);
  return words.includes(table) || (words.includes('filter') && words.includes('FORWARD'));
}
