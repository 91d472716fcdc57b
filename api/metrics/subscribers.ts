/**
 * Who follows the log, and how far each has come. A subscriber is a position and nothing else, so
 * its lag is the distance to the head: a slow one is seen here and costs nothing anywhere.
 */
export interface Subscriber {
  /** Has taken all up to this position. */
  at(position: number): void;
  leave(): void;
}

export interface Subscribers {
  join(position: number): Subscriber;
  /** Facts between each subscriber and `head`, in no order. */
  lags(head: number): readonly number[];
}

export function createSubscribers(): Subscribers {
  const places = new Set<{ position: number }>();
  return {
    join(position) {
      const place = { position };
      places.add(place);
      return {
        at(reached) {
          place.position = reached;
        },
        leave: () => void places.delete(place),
      };
    },
    lags: (head) => [...places].map(({ position }) => Math.max(0, head - position)),
  };
}
