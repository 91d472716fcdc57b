/**
 * How many effects of a class are at work at once. Who comes first goes first; an actor has one
 * effect in a queue at a time (its lane sees to that), so the order is fair by actor. Classes do
 * not know each other: ending things never waits behind beginnings.
 *
 * enter ──► queue of the class ──► granted: a slot is held ──► release
 *                                      └── held too long: lent, the next one goes in beside it
 *
 * What hangs is waiting, not working: after `holdMs` its slot goes to the next in the queue, so
 * that sick containers hold themselves only. `lent` bounds how many may hang beside the slots;
 * beyond it the class waits, because then it is the host that is slow.
 */
import type { Time } from './ports.ts';

export interface Limit {
  /** Effects at work at a time. */
  readonly slots: number;
  /** Milliseconds that one of them counts at most. */
  readonly holdMs: number;
  /** Effects that may be at work beyond their `holdMs` without counting. */
  readonly lent: number;
}

/** By class; a class without a limit is let in at once. */
export type Limits = Readonly<Record<string, Limit | null>>;

export interface ClassCounts {
  /** At work and counted. */
  readonly running: number;
  /** At work for longer than a slot is held. */
  readonly lent: number;
  readonly queued: number;
  /** Milliseconds since the first in the queue came; 0 if there is none. */
  readonly oldestQueuedMs: number;
}

export interface Ticket {
  /** True once it may begin; false when it was withdrawn before. */
  readonly granted: Promise<boolean>;
  /** Whether it was let in without waiting. */
  readonly atOnce: boolean;
  /** Out of the queue, or out of its slot. More than once is fine. */
  leave(): void;
}

interface Waiting {
  readonly key: string;
  readonly sinceMs: number;
  admit(): void;
}

interface Room {
  readonly limit: Limit;
  queue: Waiting[];
  running: number;
  lent: number;
}

const OPEN: Ticket = { granted: Promise.resolve(true), atOnce: true, leave: () => undefined };

export class Admission {
  readonly #time: Pick<Time, 'after' | 'monotonicMs'>;
  readonly #rooms: ReadonlyMap<string, Room>;

  constructor(limits: Limits, time: Pick<Time, 'after' | 'monotonicMs'>) {
    this.#time = time;
    const limited = Object.entries(limits).flatMap(([name, limit]): [string, Room][] =>
      limit === null ? [] : [[name, { limit, queue: [], running: 0, lent: 0 }]],
    );
    this.#rooms = new Map(limited);
  }

  /**
   * @param key of the actor, for `hurry`
   * @param first goes before those that wait already
   */
  enter(className: string, key: string, first = false): Ticket {
    const room = this.#rooms.get(className);
    if (room === undefined) return OPEN;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    let leaveSlot: (() => void) | null = null;
    const waiting: Waiting = {
      key,
      sinceMs: this.#time.monotonicMs(),
      admit: () => {
        leaveSlot = this.#hold(room);
        resolve(true);
      },
    };
    if (first) room.queue.unshift(waiting);
    else room.queue.push(waiting);
    this.#admit(room);
    const leave = (): void => {
      if (leaveSlot !== null) return leaveSlot();
      room.queue = room.queue.filter((other) => other !== waiting);
      resolve(false);
    };
    return { granted: promise, atOnce: leaveSlot !== null, leave };
  }

  /** Something that ends waits for what this actor has in a queue: it is next. */
  hurry(key: string): void {
    for (const room of this.#rooms.values()) {
      const first = room.queue.filter((waiting) => waiting.key === key);
      if (first.length === 0) continue;
      room.queue = [...first, ...room.queue.filter((waiting) => waiting.key !== key)];
    }
  }

  counts(): Readonly<Record<string, ClassCounts>> {
    const now = this.#time.monotonicMs();
    const rows = [...this.#rooms].map(([name, { running, lent, queue }]) => {
      const since = Math.min(now, ...queue.map(({ sinceMs }) => sinceMs));
      const oldestQueuedMs = Math.round(now - since);
      return [name, { running, lent, queued: queue.length, oldestQueuedMs }];
    });
    return Object.fromEntries(rows);
  }

  #admit(room: Room): void {
    while (room.running < room.limit.slots) {
      const next = room.queue.shift();
      if (next === undefined) return;
      next.admit();
    }
  }

  /** Takes a slot; the answer gives it back, once. */
  #hold(room: Room): () => void {
    let held: 'slot' | 'lent' | 'nothing' = 'slot';
    room.running += 1;
    const cancelTimer = this.#time.after(room.limit.holdMs, () => {
      if (held !== 'slot' || room.lent >= room.limit.lent) return;
      held = 'lent';
      room.running -= 1;
      room.lent += 1;
      this.#admit(room);
    });
    return () => {
      cancelTimer();
      if (held === 'slot') room.running -= 1;
      if (held === 'lent') room.lent -= 1;
      held = 'nothing';
      this.#admit(room);
    };
  }
}
