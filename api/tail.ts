/**
 * The new end of the log, read once for all who wait for something. Whoever waits for one stream
 * gets each of its facts exactly once and in order, from the moment of `watch` on; facts that were
 * committed before are not repeated, even if this tail has not read them yet.
 */
import { filter, firstValueFrom, type Observable, race, Subject, take } from 'rxjs';
import type { LoggedFact, LogReader } from './ports.ts';

export interface FactTail {
  /** Calls `listener` for each later fact of the stream until the answer is called. */
  watch(stream: string, listener: (fact: LoggedFact) => void): () => void;
  /** Resolves when the log has grown beyond `position`, or when the signal is aborted. */
  grown(position: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

interface Watcher {
  readonly from: number;
  readonly listener: (fact: LoggedFact) => void;
}

const PAGE = 500;

/** What has a newest number, and says when there is a newer one. */
export interface Growing {
  head(): number;
  readonly head$: Observable<number>;
}

/** Resolves when there is more than `from`, or when the signal is aborted. */
export async function grown(what: Growing, from: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || what.head() > from) return;
  const aborted = new Subject<number>();
  const abort = () => aborted.next(0);
  signal.addEventListener('abort', abort, { once: true });
  const beyond = what.head$.pipe(
    filter((head) => head > from),
    take(1),
  );
  await firstValueFrom(race(beyond, aborted), { defaultValue: 0 });
  signal.removeEventListener('abort', abort);
}

export function createTail(log: LogReader): FactTail {
  const watchers = new Map<string, Set<Watcher>>();
  let position = log.head();

  function deliver(fact: LoggedFact): void {
    for (const watcher of [...(watchers.get(fact.stream) ?? [])])
      if (fact.position > watcher.from) watcher.listener(fact);
  }

  function pump(): void {
    // Nobody waits: the facts in between concern nobody either.
    if (watchers.size === 0) position = log.head();
    for (let full = true; full && position < log.head(); ) {
      const page = log.read(position, PAGE);
      full = page.length === PAGE;
      for (const fact of page) {
        position = fact.position;
        deliver(fact);
      }
      if (page.length === 0) break;
    }
  }

  const subscription = log.head$.subscribe(pump);

  return {
    watch(stream, listener) {
      const watcher = { from: log.head(), listener };
      const set = watchers.get(stream) ?? new Set<Watcher>();
      watchers.set(stream, set.add(watcher));
      return () => {
        set.delete(watcher);
        if (set.size === 0 && watchers.get(stream) === set) watchers.delete(stream);
      };
    },
    grown: (from, signal) => grown(log, from, signal),
    close: () => subscription.unsubscribe(),
  };
}
