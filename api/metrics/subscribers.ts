/**
 * Who follows the log, and how far each has come. A subscriber is a position and nothing else, so
 * its lag is the distance to the head: a slow one is seen here and costs nothing anywhere.
 */
import type { Caller } from '../../machines/words.ts';

export interface Subscriber {
  /** Has taken all up to this position. */
  at(position: number): void;
  leave(): void;
}

export interface Place {
  /** Docker's `/events`, or the native stream. */
  readonly stream: 'docker' | 'native';
  readonly caller: Caller;
  readonly position: number;
}

export interface Subscribers {
  join(position: number, who: Omit<Place, 'position'>): Subscriber;
  /** In the order in which they came. */
  all(): readonly Place[];
  /** Facts between each subscriber and `head`, in no order. */
  lags(head: number): readonly number[];
}

export function createSubscribers(): Subscribers {
  const places = new Set<{ position: number; readonly who: Omit<Place, 'position'> }>();
  return {
    join(position, who) {
      const place = { position, who };
      places.add(place);
      return {
        at(reached) {
          place.position = reached;
        },
        leave: () => void places.delete(place),
      };
    },
    all: () => [...places].map(({ position, who }) => ({ ...who, position })),
    lags: (head) => [...places].map(({ position }) => Math.max(0, head - position)),
  };
}
