/** What the facade reads, over what its owner holds: listeners become something to subscribe to. */
import { Subject } from 'rxjs';
import type { JsonValue } from '../machines/words.ts';
import type { LoggedFact, LogReader, SideReader } from './ports.ts';

/** A fact of the log as it is stored; its data is an object, as that of every fact. */
type Stored = Omit<LoggedFact, 'data' | 'cause'> & {
  readonly data: JsonValue;
  readonly cause?: JsonValue;
};

interface Log extends Pick<LogReader, 'positionAt'> {
  read(position: number, limit?: number): readonly Stored[];
  head(): { readonly position: number };
  onCommit(listener: (facts: readonly { readonly position: number }[]) => void): unknown;
}

export function logReader(log: Log): LogReader {
  const head$ = new Subject<number>();
  const head = (): number => log.head().position;
  log.onCommit((facts) => head$.next(facts.at(-1)?.position ?? head()));
  return {
    head,
    read: (position, limit) => log.read(position, limit) as readonly LoggedFact[],
    positionAt: (ns) => log.positionAt(ns),
    head$,
  };
}

interface Side extends Omit<SideReader, 'head$'> {
  onNote(listener: (seq: number) => void): unknown;
}

export function sideReader({ head, after, kept, onNote }: Side): SideReader {
  const head$ = new Subject<number>();
  onNote((seq) => head$.next(seq));
  return { head, after, kept, head$ };
}
