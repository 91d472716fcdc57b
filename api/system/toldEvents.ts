/**
 * Facts of the log and events told beside it, in one order: an event comes right after the fact
 * that was the newest when it was told. A reader of it is two numbers, as one of the log is one.
 */
import type { LoggedFact, LogReader, SideEvent, SideReader } from '../ports.ts';

export type Told =
  | { readonly kind: 'fact'; readonly fact: LoggedFact }
  | { readonly kind: 'side'; readonly event: SideEvent };

const PAGE = 100;

export class ToldEvents {
  readonly #log: LogReader;
  readonly #side: SideReader;
  #position: number;
  #seq: number;
  /** Read, and not given yet. */
  #events: readonly SideEvent[] = [];

  /** @param from what was told already: position in the log, number of the side event. */
  constructor(log: LogReader, side: SideReader, from: { position: number; seq: number }) {
    this.#log = log;
    this.#side = side;
    this.#position = from.position;
    this.#seq = from.seq;
  }

  get position(): number {
    return this.#position;
  }

  get seq(): number {
    return this.#seq;
  }

  /** What comes next, a page at most; nothing: there is no more yet. */
  *page(): Generator<Told> {
    for (const fact of this.#log.read(this.#position, PAGE)) {
      yield* this.#before(fact.position);
      this.#position = fact.position;
      yield { kind: 'fact', fact };
    }
    yield* this.#before(this.#position + 1);
  }

  *#before(position: number): Generator<Told> {
    for (;;) {
      const [event, ...rest] = this.#ahead();
      if (event === undefined || event.position >= position) return;
      this.#events = rest;
      this.#seq = event.seq;
      yield { kind: 'side', event };
    }
  }

  #ahead(): readonly SideEvent[] {
    if (this.#events.length === 0 && this.#side.head() > this.#seq) {
      this.#events = this.#side.after(this.#seq, PAGE);
    }
    return this.#events;
  }
}
