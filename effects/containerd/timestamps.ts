/** Protobuf timestamps as nanoseconds since 1970. containerd sends year 1 for "not set". */

export interface WireTimestamp {
  /** Decimal digits: 64 bits do not fit a number. */
  readonly seconds: string;
  readonly nanos: number;
}

/** Seconds of 0001-01-01T00:00:00Z, Go's zero time. */
const yearOne = -62135596800n;

/** Nanoseconds since 1970; null for an absent or zero time. */
export function toNs(timestamp: WireTimestamp | null | undefined): bigint | null {
  if (!timestamp) return null;
  const seconds = BigInt(timestamp.seconds);
  if (seconds === yearOne) return null;
  return seconds * 1_000_000_000n + BigInt(timestamp.nanos);
}
