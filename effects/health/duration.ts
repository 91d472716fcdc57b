/** A duration as Go prints it, which is how dockerd says a timeout: `30s`, `1m0.5s`, `150ms`. */

/** @param ms milliseconds, 0 or more; fractions down to a microsecond count. */
export function goDuration(ms: number): string {
  const micros = Math.round(ms * 1_000);
  if (micros === 0) return '0s';
  if (micros < 1_000) return `${micros}µs`;
  if (micros < 1_000_000) return `${micros / 1_000}ms`;
  const seconds = micros / 1_000_000;
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = `${Math.round((seconds % 60) * 1_000_000) / 1_000_000}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}
